package reducer_test

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/processor/memory"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// What profiles say is kept with the customer, wins by time whatever comes when, and goes with an erasure.
func TestStoryOfAProfile(t *testing.T) {
	l := wall(t, standard)
	limit := func(n int64, until string) *pb.CreditLimit {
		return &pb.CreditLimit{AmountMinor: n, Currency: "CNY", ValidUntil: until}
	}
	l.put(profiled("p1", "anna", noon(3), &pb.ProfileEvent{Industry: proto.String("toys"), CreditLimit: limit(700, "2026-01-20"),
		Ratings: map[string]float64{"outlook": 77.5, "standing": 50}}))
	l.put(profiled("p0", "anna", noon(1), &pb.ProfileEvent{Industry: proto.String("shoes"), Region: proto.String("north"), CreditRating: &pb.CreditRating{Grade: "BB", Source: "agency"}}))
	until := int32(20473) // 2026-01-20
	want := &pb.CustomerProfile{Industry: "toys", Region: "north", Grade: "BB", GradeSource: "agency", Limit: &pb.ProfileLimit{Amount: 700, Until: &until},
		Ratings: []*pb.ProfileRating{{Name: "outlook", Millionths: 77_500_000}, {Name: "standing", Millionths: 50_000_000}}}
	c := l.customer("anna")
	if !proto.Equal(c.Profile, want) || c.Version != 2 || c.Due != int64(day(20)) {
		t.Errorf("kept is %v of version %d, due %s", c.Profile, c.Version, clock(c.Due))
	}
	l.put(profiled("p2", "anna", noon(4), &pb.ProfileEvent{Clear: []string{"ratings", "credit_limit", "region"}}))
	if c := l.customer("anna"); !proto.Equal(c.Profile, &pb.CustomerProfile{Industry: "toys", Grade: "BB", GradeSource: "agency"}) || c.Due != 0 {
		t.Errorf("after clearing, kept is %v, due %s", c.Profile, clock(c.Due))
	}
	l.put(erasureFact(noon(5), 1, "anna"))
	if c := l.customer("anna"); c.Profile != nil {
		t.Errorf("after an erasure, kept is %v", c.Profile)
	}
	l.put(profiled("p1", "anna", noon(3), &pb.ProfileEvent{Size: proto.String("L")}))
	if c := l.customer("anna"); !proto.Equal(c.Profile, &pb.CustomerProfile{Size: "L"}) {
		t.Errorf("of one who comes again, kept is %v", c.Profile)
	}
}

func TestProfilesAreAFunctionOfTheSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []*pb.Fact
		for i := range rapid.IntRange(1, 6).Draw(t, "profiles") {
			p := &pb.ProfileEvent{Revision: int64(rapid.IntRange(0, 1).Draw(t, "revision")), Ratings: map[string]float64{}, Attributes: map[string]string{}}
			if rapid.Bool().Draw(t, "industry") {
				p.Industry = proto.String(string(rune('a' + i)))
			}
			p.Ratings[rapid.SampledFrom([]string{"x", "y"}).Draw(t, "rating")] = float64(i)
			p.Attributes[rapid.SampledFrom([]string{"x", "segment"}).Draw(t, "attribute")] = string(rune('a' + i))
			p.Clear = rapid.SliceOfN(rapid.SampledFrom([]string{"industry", "ratings", "ratings.x", "attributes.x", "attributes", "name"}), 0, 2).Draw(t, "clear")
			all = append(all, profiled(string(rune('p'+i)), "anna", noon(rapid.IntRange(0, 2).Draw(t, "day")), p))
		}
		end := func(facts []*pb.Fact) *memory.Slot {
			l := wall(t, standard)
			for _, f := range facts {
				g := proto.CloneOf(f)
				g.At = int64(noon(5))
				l.put(g, g)
			}
			l.put(bought("o1", "anna", noon(6), 1200))
			return l.first
		}
		a, b := &pb.ScorerCustomer{}, &pb.ScorerCustomer{}
		for _, x := range []struct {
			facts []*pb.Fact
			into  *pb.ScorerCustomer
		}{{all, a}, {rapid.Permutation(all).Draw(t, "shuffled"), b}} {
			if err := proto.Unmarshal(end(x.facts).Blob("anna"), x.into); err != nil {
				t.Fatal(err)
			}
		}
		if !proto.Equal(a.Profile, b.Profile) {
			t.Fatalf("%v and, in another order, %v", a.Profile, b.Profile)
		}
	})
}
