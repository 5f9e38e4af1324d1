package reducer

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
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
				if rapid.IntRange(0, 199).Draw(t, "rolls") == 0 && len(c.ledger.Sales) > 0 {
					were := c.days()
					c.ledger.Sales = c.ledger.Sales[rapid.IntRange(1, len(c.ledger.Sales)).Draw(t, "dropped"):]
					are := c.days()
					c.history.dropped(firstsOf(&were), firstsOf(&are))
				}
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
			if !bytes.Equal(c.Days, anew.Days) {
				t.Fatalf("kept %x, anew %x", c.Days, anew.Days)
			}
		}
	})
}

// Two pages whose numbers were equal once: what changed wasn't written.
func TestWhatChangesIsWritten(t *testing.T) {
	c, first := &customer{ScorerCustomer: &pb.ScorerCustomer{}, registers: newRegisters()}, civil.Day(20480)
	for day, gross := range []int64{20000, 30000, 40000, 40000, 40000} {
		c.value.Buckets = append(c.value.Buckets, value.Bucket{Day: first + civil.Day(day), Gross: gross, Orders: 1})
	}
	c.value.Buckets[0].Orders = 2
	kept := map[string]string{}
	store(t, c, kept, 24)
	for i, more := range []int64{10, -16, 14} {
		c.value.Buckets[2+i].Gross += more
		c.history.bucket(first + 2 + civil.Day(i))
	}
	store(t, c, kept, 24)
}

// What is dropped of days that no page has is no reason to look at pages: a journal's ledger begins long before them, and is pruned with each event.
func TestPrunedAgain(t *testing.T) {
	c, kept := &customer{ScorerCustomer: &pb.ScorerCustomer{}}, map[string]string{}
	for n := range 40 {
		c.ledger.Sales = append(c.ledger.Sales, credit.Sale{Day: civil.Day(20480 + n), Amount: 1})
	}
	store(t, c, kept, 24)
	were := c.days()
	were.Sales = append([]credit.Sale{{Day: 20400, Amount: 1}}, were.Sales...)
	are := c.days()
	if c.history.dropped(firstsOf(&were), firstsOf(&are)); len(c.history.changes) > 0 {
		t.Errorf("pages are looked at: %v", c.history.changes)
	}
	c.ledger.Sales = c.ledger.Sales[2:]
	are = c.days()
	if c.history.dropped(firstsOf(&were), firstsOf(&are)); !slices.Equal(c.history.changes, []edit{{from: 20480, to: 20482}}) {
		t.Errorf("of what is dropped is told %v", c.history.changes)
	}
	store(t, c, kept, 24)
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
func store(t rapid.TB, c *customer, kept map[string]string, most int) {
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
	names, err := pageNames(c.ScorerCustomer)
	if err != nil {
		t.Fatal(err)
	}
	for name := range kept {
		if !slices.Contains(names, name) {
			t.Fatalf("%s is kept, and the directory has %v", name, names)
		}
	}
	read, err := stands(c.Days, kept)
	if err != nil {
		t.Fatal(err)
	}
	if is, got := c.days(), read.days(); fmt.Sprint(got.Sales, got.Buckets) != fmt.Sprint(is.Sales, is.Buckets) || !slices.EqualFunc(got.Items, is.Items, sameItem) {
		t.Fatalf("read %v, and there is %v", got, is)
	}
	if is, got := c.history.pages, read.history.pages; !slices.EqualFunc(is, got, samePage) {
		t.Fatalf("read the pages %v, and there are %v", got, is)
	}
	if len(read.history.pages) > 0 && !asCut(read.history.pages, most) {
		t.Fatalf("the pages %v are not cut as they should be", read.history.pages)
	}
}

func samePage(a, b stored) bool {
	return a.page == b.page && a.number == b.number && a.parts == b.parts && a.items == b.items && slices.Equal(a.buckets, b.buckets)
}

func sameItem(a, b credit.Item) bool {
	a.Place, b.Place = 0, 0
	return a == b
}

// pagesNamed are the names of the pages of a customer, by the blob and once the customer is opened; not ok: the blob is refused as damage.
func pagesNamed(t *rapid.T, p *pb.ScorerCustomer) (blob []byte, names []string, ok bool) {
	blob, err := proto.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	names, err = DayPages(blob)
	if c, also := openCustomer("anna", blob); (err == nil) != (also == nil) || err == nil && !slices.Equal(c.history.missing, names) {
		t.Fatalf("pages %v: %v, and %v", names, err, also)
	}
	if err != nil && !errors.Is(err, processor.ErrDamaged) {
		t.Fatal(err)
	}
	return blob, names, err == nil
}

// TestAnyDirectory: whatever a blob has for a directory, it is refused as damage, or names pages once each, in their order, and is
// what is written of these.
func TestAnyDirectory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := binary.AppendVarint(nil, rapid.SampledFrom([]int64{0, 5, -3, 312, math.MaxInt32>>spanBits - 1, math.MinInt32 >> spanBits, math.MaxInt32 >> spanBits,
			math.MinInt32>>spanBits - 1, math.MaxInt64}).Draw(t, "first span"))
		for range rapid.IntRange(0, 9).Draw(t, "pieces") {
			b = append(b, rapid.SampledFrom([]string{"\x00\x01", "\x00\x01", "\x00\x00\x01", "\x00\x00\x00", "\x00\x00\xff\xff\xff\xff\x07", "\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x03\x00", "\x03\x01",
				"\x81\x81", "\x01\x03", "\x06", "\x07", "\x01", "\x00", "\xc1\x08", "\xff\xff\xff\xff\x0f", "\xff\xff\xff\xff\x7f", "\x80"}).Draw(t, "piece")...)
		}
		_, names, ok := pagesNamed(t, &pb.ScorerCustomer{Days: b})
		if !ok {
			return
		}
		pages, err := readDirectory(b)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSortedFunc(pages, func(a, b listed) int { return cmp.Compare(a.first, b.first) }) {
			t.Fatalf("pages %v", pages)
		}
		all := make([]stored, len(pages))
		for i, p := range pages {
			all[i] = stored{page: p.page, parts: p.parts, items: p.items}
			if p.sums {
				all[i].number = 1
			}
		}
		if again := appendDirectory(nil, all); !bytes.Equal(again, b) {
			t.Fatalf("pages %v are written as %x", pages, again)
		}
		if slices.Sort(names); len(slices.Compact(names)) < len(names) {
			t.Fatalf("a page is there twice: %v", names)
		}
	})
}

func TestNobodyWritesSuchDirectories(t *testing.T) {
	from := func(span int64, rest string) string { return string(binary.AppendVarint(nil, span)) + rest }
	if pages, err := readDirectory([]byte(from(math.MaxInt32>>spanBits-1, "\x01\x01\x01\x01\xff\xff\xff\xff\x0f"))); err != nil || len(pages) != 1 || pages[0].items != math.MaxInt32 || !pages[0].sums {
		t.Fatalf("the last day is %v: %v", pages, err)
	}
	for name, b := range map[string]string{
		"no page":                    from(0, ""),
		"a gap first":                from(0, "\x00\x00\x01\x00\x01"),
		"a gap last":                 from(0, "\x00\x01\x00\x00\x01"),
		"a gap of nothing":           from(0, "\x00\x01\x00\x00\x00\x00\x01"),
		"two gaps":                   from(0, "\x00\x01\x00\x00\x01\x00\x00\x01\x00\x01"),
		"in parts and not there":     from(0, "\x01\x03\x01\x00\x01\x00"),
		"in parts and nothing":       from(0, "\x01\x01\x00\x00"),
		"half of the masks":          from(0, "\x01"),
		"no masks of days":           from(0, "\x01\x01"),
		"no number of items":         from(0, "\x01\x01\x01\x01"),
		"half of a number":           from(0, "\x01\x01\x01\x01\x80"),
		"a day with nothing":         from(0, "\x01\x01\x01\x01\x00"),
		"too many items":             from(0, "\x01\x01\x01\x01\x80\x80\x80\x80\x10"),
		"a number longer than it is": from(0, "\x01\x01\x01\x01\x82\x00"),
		"before all days":            from(math.MinInt32>>spanBits-1, "\x00\x01"),
		"after all days":             from(math.MaxInt32>>spanBits, "\x00\x01"),
		"a gap up to there":          from(math.MaxInt32>>spanBits-2, "\x00\x01\x00\x00\x01\x00\x01"),
	} {
		if pages, err := readDirectory([]byte(b)); !errors.Is(err, processor.ErrDamaged) {
			t.Errorf("%s: %v: %v", name, pages, err)
		}
	}
}

// TestFormerDirectory: whatever a former program has left for a directory, it is refused as damage, or names pages once each, however it was written.
func TestFormerDirectory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mask := rapid.SampledFrom([]string{"", "", "\x00", "\x01", "\x00\x00", "\x01\x00", "\xff\x00", "\x01\x01\x80\x00", "\x01\x01", "\x01\x00\x00"})
		p := &pb.ScorerCustomer{FirstSpan: rapid.OneOf(rapid.Int32Range(-3, 400), rapid.Int32()).Draw(t, "first span")}
		for range rapid.IntRange(0, 9).Draw(t, "pages") {
			p.Pages = append(p.Pages, []byte(mask.Draw(t, "page")))
		}
		if rapid.IntRange(0, 9).Draw(t, "both") == 0 {
			p.Spans = []*pb.HistorySpan{{Span: 3}, {Span: rapid.Int32Range(2, 4).Draw(t, "another")}}
		}
		blob, names, ok := pagesNamed(t, p)
		if !ok {
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
		if got, err := DayPages(spans); err != nil || !slices.Equal(got, names) {
			t.Fatalf("pages %v, and written again %v: %v", names, got, err)
		}
		if slices.Sort(names); len(slices.Compact(names)) < len(names) {
			t.Fatalf("a page is there twice: %v", names)
		}
	})
}

// TestBucketsAreForEver: where an item is in the state depends on them.
func TestBucketsAreForEver(t *testing.T) {
	for id, want := range map[string]uint32{"o1": 0xbde5e3fa, "SO-2026-000001": 0x7d9f4173, "": 0x4fd0bfc1} {
		if got := codec.HashID(id); got != want {
			t.Errorf("%q is hashed to %#x", id, got)
		}
	}
	for n, want := range map[int][]int{1: {0, 0, 0, 0}, 2: {0, 1, 0, 1}, 3: {0, 1, 2, 1}, 4: {0, 1, 2, 3}, 5: {0, 1, 2, 3}, 6: {0, 1, 2, 3}} {
		for h, b := range want {
			if got := bucketOf(uint32(h), n); got != b {
				t.Errorf("of %d buckets %d is in %d", n, h, got)
			}
		}
	}
	for items, want := range map[int]int{0: 0, 1: 1, 960: 960, 1 << 12: 1 << 12, 1 << 20: 1 << 12} {
		if got := bucketsOf(items); got != want {
			t.Errorf("%d items have %d buckets", items, got)
		}
	}
	p := pageOf(3).under(2).under(5)
	for x, want := range map[int]string{0: "d/3.25a", 25: "d/3.25z", 26: "d/3.25aa", 27: "d/3.25ab", 26*26 + 25: "d/3.25zz", 26*26 + 26: "d/3.25aaa"} {
		if got := p.bucket(x); got != want {
			t.Errorf("bucket %d is %s", x, got)
		}
	}
	if got := p.sumsName(); got != "d/3.25-" {
		t.Errorf("sums are %s", got)
	}
}

// TestOneBucketMore: it takes from one that was, and what it doesn't take stays where it is.
func TestOneBucketMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, n := rapid.Uint32().Draw(t, "hash"), rapid.IntRange(1, 5000).Draw(t, "buckets")
		was, is := bucketOf(h, n), bucketOf(h, n+1)
		if was < 0 || was >= n || is != was && (is != n || was != halved(n)) {
			t.Fatalf("of %d buckets %d, and of one more %d", n, was, is)
		}
	})
}
