package reducer_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

func profiled(id, customer string, at civil.Instant, p *pb.ProfileEvent) *pb.Fact {
	p.EventId, p.CustomerId, p.OccurredAt = id, customer, timestamppb.New(at.Time())
	return &pb.Fact{At: int64(at), Body: &pb.Fact_Profile{Profile: p}}
}

func called(c *pb.TierChange) string {
	return fmt.Sprintf("%d %s/%s/%s", c.Seq, c.CustomerName, c.AccountManager, c.Segment)
}

// Changes say whom they are about as it was known when they were made.
func TestStoryOfAName(t *testing.T) {
	l := wall(t, standard)
	l.put(profiled("p1", "anna", noon(0), &pb.ProfileEvent{Name: proto.String("Anna & Co"), AccountManager: proto.String("wei"),
		Attributes: map[string]string{"segment": "retail", "other": "x"}}))
	l.put(bought("o1", "anna", noon(1), 1200))
	l.put(profiled("p2", "anna", noon(2), &pb.ProfileEvent{AccountManager: proto.String("li"), Clear: []string{"attributes.segment"}}))
	l.put(profiled("p0", "anna", noon(1), &pb.ProfileEvent{AccountManager: proto.String("old"), Name: proto.String("Anna Ltd")})) // comes late
	l.advance(day(60))
	l.put(erasureFact(noon(61), 1, "anna"))
	l.put(bought("o2", "anna", noon(62), 10))
	var got []string
	for _, c := range l.changes {
		got = append(got, called(c))
	}
	checkLines(t, got, "1 Anna & Co/wei/retail", "2 Anna & Co/wei/retail", "3 Anna Ltd/li/", "4 //")
}

// A text that is too long is cut, between two characters: three of half a MiB in each alert would be more than a broker takes.
func TestLongTextsAreCut(t *testing.T) {
	l := wall(t, standard)
	long := strings.Repeat("é", 256)
	l.put(profiled("p1", "anna", noon(0), &pb.ProfileEvent{Name: proto.String(long + "é"), AccountManager: proto.String(long)}))
	l.put(bought("o1", "anna", noon(1), 1200))
	if c := l.changes[len(l.changes)-1]; c.CustomerName != long || c.AccountManager != long {
		t.Errorf("%q %q", c.CustomerName, c.AccountManager)
	}
}

// Whatever the order in which profiles come, the latest text of each field stands.
func TestNamesAreAFunctionOfTheSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []*pb.Fact
		for i := range rapid.IntRange(1, 6).Draw(t, "profiles") {
			p := &pb.ProfileEvent{Revision: int64(rapid.IntRange(0, 1).Draw(t, "revision"))}
			text := fmt.Sprintf("text %d", i)
			if rapid.Bool().Draw(t, "name") {
				p.Name = &text
			}
			if rapid.Bool().Draw(t, "manager") {
				p.AccountManager = &text
			}
			if rapid.Bool().Draw(t, "clear") {
				p.Clear = []string{rapid.SampledFrom([]string{"name", "account_manager", "attributes", "unknown"}).Draw(t, "cleared")}
			}
			all = append(all, profiled(fmt.Sprintf("p%d", i), "anna", noon(rapid.IntRange(0, 2).Draw(t, "day")), p))
		}
		end := func(facts []*pb.Fact) string {
			l := wall(t, standard)
			for _, f := range facts {
				g := proto.CloneOf(f)
				g.At = int64(noon(5)) // all are taken in at once
				l.put(g)
			}
			l.put(bought("o1", "anna", noon(6), 1200))
			return called(l.changes[len(l.changes)-1])
		}
		if a, b := end(all), end(rapid.Permutation(all).Draw(t, "shuffled")); a != b {
			t.Fatalf("%s and, in another order, %s", a, b)
		}
	})
}
