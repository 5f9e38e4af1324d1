package reducer

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// TestPagesFollowWhatIsTold: pages that go on with each change are those that are found in all there is, a directory that does names
// them, and together they have every entry once.
func TestPagesFollowWhatIsTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.SampledFrom([]int{3, 6, 24}).Draw(t, "most")
		at := civil.Day(rapid.SampledFrom([]int{-70, 60, 20_000}).Draw(t, "at"))
		day := rapid.Custom(func(t *rapid.T) civil.Day {
			return at + civil.Day(rapid.SampledFrom([]int{0, 1, 2, 7, 8, 9, 63, 64, 200}).Draw(t, "day"))
		})
		kept := map[string]string{} // pages as they are stored
		c := &customer{ScorerCustomer: &pb.ScorerCustomer{}}
		for range rapid.IntRange(1, 12).Draw(t, "batches") {
			for range rapid.IntRange(0, 30).Draw(t, "changes") {
				changeDays(t, c, day.Draw(t, "on"))
			}
			if rapid.IntRange(0, 9).Draw(t, "rolls") == 0 && len(c.ledger.Sales) > 0 {
				c.ledger.Sales = c.ledger.Sales[rapid.IntRange(1, len(c.ledger.Sales)).Draw(t, "dropped"):]
			}
			c.history.all = rapid.IntRange(0, 19).Draw(t, "all") == 0
			store(t, c, kept, most)
			anew := &customer{ScorerCustomer: &pb.ScorerCustomer{}}
			anew.setDays(c.days())
			all := map[string]string{}
			store(t, anew, all, most)
			if !maps.Equal(kept, all) {
				t.Fatalf("kept %v, anew %v", slices.Sorted(maps.Keys(kept)), slices.Sorted(maps.Keys(all)))
			}
			if !proto.Equal(&pb.ScorerCustomer{Spans: c.Spans}, &pb.ScorerCustomer{Spans: anew.Spans}) {
				t.Fatalf("kept %v, anew %v", c.Spans, anew.Spans)
			}
		}
	})
}

// changeDays changes an entry of a day, and tells of it.
func changeDays(t *rapid.T, c *customer, day civil.Day) {
	if rapid.IntRange(0, 3).Draw(t, "of what") == 0 {
		i, found := slices.BinarySearchFunc(c.ledger.Sales, day, func(s credit.Sale, d civil.Day) int { return int(s.Day - d) })
		if !found {
			c.ledger.Sales = slices.Insert(c.ledger.Sales, i, credit.Sale{Day: day})
		}
		c.ledger.Sales[i].Amount++
		c.history.bucket(day)
		return
	}
	id := fmt.Sprint("o", rapid.IntRange(0, 40).Draw(t, "id"))
	is := func(x credit.Item) bool { return x.Due == day && x.Ref.ID == id }
	if i := slices.IndexFunc(c.ledger.Items, is); i < 0 {
		c.ledger.Items = append(c.ledger.Items, credit.Item{Ref: credit.Ref{ID: id}, Due: day, Amount: 1, Left: 1})
		credit.SortItems(c.ledger.Items)
	} else if rapid.Bool().Draw(t, "goes") {
		c.ledger.Items = slices.Delete(c.ledger.Items, i, i+1)
	} else {
		c.ledger.Items[i].Left++
	}
	c.history.entry(day, id)
}

// store writes what has changed of a customer's days into pages, and reads these.
func store(t *rapid.T, c *customer, kept map[string]string, most int) {
	w, g := processor.CustomerWrite{}, &pager{}
	if blob := c.writeDays(&w, &slab{}, &Options{PageMost: most}, g); blob.Len() > 0 {
		t.Fatal("days are in the blob")
	}
	for _, name := range w.Del {
		if _, there := kept[name]; !there {
			t.Fatalf("%s goes and wasn't there", name)
		}
		delete(kept, name)
	}
	for _, r := range w.Set {
		if kept[r.Name] == string(r.Value) {
			t.Fatalf("%s is written as it was", r.Name)
		}
		kept[r.Name] = string(r.Value)
	}
	pages, err := listed(c.Spans)
	if err != nil || len(pages) != len(kept) {
		t.Fatalf("%d pages are listed, and %d kept: %v", len(pages), len(kept), err)
	}
	read := codec.Days{}
	for _, p := range pages {
		if err := read.ReadPage([]byte(kept[p.name()])); err != nil {
			t.Fatal(err)
		}
	}
	read.Sort()
	is := c.days()
	if fmt.Sprint(read.Sales) != fmt.Sprint(is.Sales) || !slices.EqualFunc(read.Items, is.Items, sameItem) {
		t.Fatalf("read %v, and there is %v", read, is)
	}
}

func sameItem(a, b credit.Item) bool {
	a.Place, b.Place = 0, 0
	return a == b
}

// TestAnyDirectory: whatever a blob has for a directory, it is refused as damage, or names pages once each and is written again as the
// same; and it says the same as spans.
func TestAnyDirectory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mask := rapid.SampledFrom([]string{"", "", "\x00", "\x01", "\x00\x00", "\x01\x00", "\xff\x00", "\x01\x01\x80\x00", "\x01\x01", "\x01\x00\x00"})
		p := &pb.ScorerCustomer{FirstSpan: rapid.Int32().Draw(t, "first span")}
		for range rapid.IntRange(0, 9).Draw(t, "pages") {
			p.Pages = append(p.Pages, []byte(mask.Draw(t, "page")))
		}
		if rapid.IntRange(0, 9).Draw(t, "both") == 0 {
			p.Spans = []*pb.HistorySpan{{Span: 3}}
		}
		blob, err := proto.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		names, err := DayPages(blob)
		if c, also := openCustomer("anna", blob); (err == nil) != (also == nil) || err == nil && !slices.Equal(c.history.missing, names) {
			t.Fatalf("pages %v: %v, and %v", names, err, also)
		}
		if err != nil {
			if !errors.Is(err, processor.ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		c, err := readBlob(blob)
		if err != nil {
			t.Fatal(err)
		}
		spans, err := proto.Marshal(c)
		if err != nil || len(c.Pages) > 0 {
			t.Fatalf("it has pages still: %v: %v", c, err)
		}
		for _, again := range [][]byte{spans, codec.AppendCustomer(nil, c, value.State{}, &credit.Ledger{})} {
			if got, err := DayPages(again); err != nil || !slices.Equal(got, names) {
				t.Fatalf("pages %v, and written again %v: %v", names, got, err)
			}
		}
		if slices.Sort(names); len(slices.Compact(names)) < len(names) {
			t.Fatalf("a page is there twice: %v", names)
		}
	})
}

// TestPlacesAreForEver: where a page is in the state depends on them. They are the digits to the base of 7 of what an id is hashed to, the
// lowest first, each one more.
func TestPlacesAreForEver(t *testing.T) {
	for id, want := range map[string]uint32{"o1": 0o7373425572, "SO-2026-000001": 0o7723422524, "": 0o4327777226} {
		if got := place(id); got != want {
			t.Errorf("%q is at %#o", id, got)
		}
	}
	p := page{span: 3, depth: deepest, digits: 0o25<<(64-spanBits) | uint64(place("o1"))<<(64-spanBits-placeBits)}
	if name, want := p.name(), "d/3.257373425572"; name != want {
		t.Errorf("it is %s", name)
	}
}
