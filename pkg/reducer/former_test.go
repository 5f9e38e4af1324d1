package reducer_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/reducer"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// State that was written before items had terms and a day's items buckets goes on as if it were written today.
func TestStateOfAFormerProgram(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := history(t)
		opts := reducer.Options{InlineMost: rapid.SampledFrom([]int{1, 8}).Draw(t, "inline most"), PageMost: rapid.IntRange(1, 9).Draw(t, "page most")}
		today, former := newLine(t, opts), newLine(t, opts)
		today.put(facts...)
		n := rapid.IntRange(1, len(facts)).Draw(t, "before")
		former.put(facts[:n]...)
		for _, who := range []string{"anna", "bert", "cleo"} {
			former.rewrite(who, max(1, opts.PageMost))
		}
		former.restart(opts)
		if rapid.Bool().Draw(t, "kept") {
			former.scorer.Keep(1 << 20)
		}
		at := civil.Instant(facts[len(facts)-1].At)
		facts = append(facts[n:], bought("last1", "anna", at, 100), bought("last2", "bert", at, 100), bought("last3", "cleo", at, 100))
		today.put(facts[len(facts)-3:]...)
		for len(facts) > 0 {
			n := rapid.IntRange(1, len(facts)).Draw(t, "batch")
			former.put(facts[:n]...)
			facts = facts[n:]
		}
		if a, b := bytesOf(today.records), bytesOf(former.records); !slices.Equal(a, b) {
			t.Fatalf("scores differ:\n%v\n%v", kinds(today.scores), kinds(former.scores))
		}
		if a, b := state(t, today.first), state(t, former.first); a != b {
			t.Fatalf("stored today\n%s\nand after a former program\n%s", a, b)
		}
	})
}

// A partition that a newer program has written is left alone; one of a former program is taken, and is today's from the next event on.
func TestTheFormatOfTheState(t *testing.T) {
	l := wall(t, standard)
	l.put(bought("o1", "anna", noon(0), 100))
	first, second := l.parts()
	today := first.Format
	if today == 0 || second.Format != today {
		t.Fatalf("the stages have the formats %d and %d", today, second.Format)
	}
	reformed := func(format int32) []byte {
		p := proto.CloneOf(first)
		p.Format = format
		return marshal(p)
	}
	for stage, s := range map[string]processor.Stage{"scorer": reducer.NewScorer(reducer.Options{}), "tierchange": reducer.NewTierChange(reducer.Options{})} {
		if _, err := s.Begin(reformed(today + 1)); err == nil || !strings.Contains(err.Error(), "a newer program has written it, in format 3, and this one knows those up to 2") {
			t.Errorf("%s takes the state of a newer program: %v", stage, err)
		}
		if err := reducer.Readable(reformed(today + 1)); err == nil || reducer.Readable(reformed(today)) != nil || reducer.Readable(nil) != nil {
			t.Errorf("which state can be read: %v", err)
		}
	}
	w := processor.Write{Part: reformed(0)}
	r, err := l.first.Read(background, processor.Query{})
	if err != nil {
		t.Fatal(err)
	}
	w.Expect, w.Next = r.Token, r.Token
	w.Next.Nonce++
	if _, err := l.first.Apply(background, w); err != nil {
		t.Fatal(err)
	}
	l.restart(reducer.Options{})
	l.put(bought("o2", "anna", noon(1), 100))
	if first, _ := l.parts(); first.Format != today {
		t.Errorf("the format is %d", first.Format)
	}
}

// rewrite has what is stored of a customer be as a former program wrote it, whose pages had at most so much.
func (l *line) rewrite(who string, most int) {
	l.t.Helper()
	r, err := l.first.Read(background, processor.Query{Registers: []processor.Fields{{Customer: who, All: true}}})
	blob := l.first.Blob(who)
	if err != nil || blob == nil {
		return
	}
	c := read(l.t, blob, &pb.ScorerCustomer{})
	formerItems(c.GetLedger().GetItems())
	x := processor.CustomerWrite{ID: who, Due: l.first.Due(who), Wait: l.first.Wait(who)}
	all := former{most: most}
	for _, name := range slices.Sorted(maps.Keys(r.Registers[who])) {
		if !strings.HasPrefix(name, "d/") {
			continue
		}
		d, p := codec.Days{}, &pb.ScorerCustomer{}
		if err := d.ReadPage(r.Registers[who][name], firstOf(name)); err != nil {
			l.t.Fatal(err)
		}
		ledger := &credit.Ledger{Settled: d.Settled, Portions: d.Portions, Sales: d.Sales, Items: d.Items}
		p = read(l.t, codec.AppendCustomer(nil, p, value.State{Buckets: d.Buckets}, ledger), p)
		formerItems(p.Ledger.Items)
		all.take(p.Buckets, p.Ledger)
		x.Del = append(x.Del, name)
	}
	if c.Days = nil; len(all.entries) > 0 {
		c.Spans = all.spans(func(name string, p *pb.HistoryPage) {
			x.Set = append(x.Set, processor.Register{Name: name, Value: marshal(p)})
			x.Del = slices.DeleteFunc(x.Del, func(n string) bool { return n == name })
		})
	}
	x.Blob = marshal(c)
	w := processor.Write{Expect: r.Token, Next: r.Token, Part: l.first.Part(), Customers: []processor.CustomerWrite{x}}
	w.Next.Nonce++
	if _, err := l.first.Apply(background, w); err != nil {
		l.t.Fatal(err)
	}
}

// firstOf is the first day of a page.
func firstOf(name string) (first civil.Day) {
	span, path, _ := strings.Cut(strings.TrimPrefix(name, "d/"), ".")
	n, _ := strconv.Atoi(span)
	first = civil.Day(n) << 6
	for i, days := range []civil.Day{8, 1} {
		if i < len(path) {
			first += civil.Day(path[i]-'0') * days
		}
	}
	return first
}

func formerItems(list []*pb.LedgerItem) {
	for _, i := range list {
		i.Due, i.Left = i.Opened+i.GetTerms(), i.Amount-i.Cleared
		i.Terms, i.Cleared = nil, 0
	}
}

// former is what such a program keeps by day.
type former struct {
	most    int
	entries []formerEntry
}

// formerEntry is one entry with its way down: the digits of its day in the span, and then those of its id to the base of 7, each one more,
// or 0 for what has none.
type formerEntry struct {
	span, day int32
	path      string
	weight    int
	add       func(*pb.HistoryPage)
}

func (f *former) take(buckets []*pb.ValueBucket, p *pb.LedgerState) {
	enter := func(day int32, id *string, add func(*pb.HistoryPage)) {
		path, weight := fmt.Sprintf("%02o", day&63), 1
		hash := uint32(0)
		if id != nil {
			hash, weight = codec.HashID(*id), 3
		}
		for range 10 {
			x := byte('0')
			if id != nil {
				x += byte(hash%7) + 1
			}
			path, hash = path+string(x), hash/7
		}
		f.entries = append(f.entries, formerEntry{day >> 6, day, path, weight, add})
	}
	for _, x := range buckets {
		enter(x.Day, nil, func(p *pb.HistoryPage) { p.Buckets = append(p.Buckets, x) })
	}
	for _, x := range p.Settled {
		enter(x.Day, nil, func(p *pb.HistoryPage) { p.Settled = append(p.Settled, x) })
	}
	for _, x := range p.Portions {
		enter(x.Day, nil, func(p *pb.HistoryPage) { p.Portions = append(p.Portions, x) })
	}
	for _, x := range p.Sales {
		enter(x.Day, nil, func(p *pb.HistoryPage) { p.Sales = append(p.Sales, x) })
	}
	for _, x := range p.Items {
		enter(x.Due, &x.Id, func(p *pb.HistoryPage) { p.Items = append(p.Items, x) })
	}
}

// spans writes the pages, and gives the directory of them.
func (f *former) spans(write func(string, *pb.HistoryPage)) (spans []*pb.HistorySpan) {
	slices.SortStableFunc(f.entries, func(a, b formerEntry) int { return cmp.Compare(a.day, b.day) })
	for rest := f.entries; len(rest) > 0; {
		span := rest[0].span
		n := 0
		for n < len(rest) && rest[n].span == span {
			n++
		}
		split, _ := f.cut(rest[:n], "", fmt.Sprintf("d/%d", span), write)
		spans, rest = append(spans, &pb.HistorySpan{Span: span, Split: split}), rest[n:]
	}
	return spans
}

// cut writes the page of a path, or those under it, of which it gives the masks.
func (f *former) cut(entries []formerEntry, path, span string, write func(string, *pb.HistoryPage)) (masks []byte, split bool) {
	weight := 0
	for _, e := range entries {
		weight += e.weight
	}
	if weight <= f.most || len(path) == 12 {
		p := &pb.HistoryPage{}
		for _, e := range entries {
			e.add(p)
		}
		write(strings.TrimSuffix(span+"."+path, "."), p)
		return nil, false
	}
	masks = []byte{0, 0}
	for x := range 8 {
		q := path + string(rune('0'+x))
		under := slices.DeleteFunc(slices.Clone(entries), func(e formerEntry) bool { return !strings.HasPrefix(e.path, q) })
		if len(under) == 0 {
			continue
		}
		masks[0] |= 1 << x
		if more, split := f.cut(under, q, span, write); split {
			masks[1] |= 1 << x
			masks = append(masks, more...)
		}
	}
	return masks, true
}
