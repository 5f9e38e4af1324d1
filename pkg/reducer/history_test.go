package reducer_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// How a customer's days are stored can't be seen in what comes out, and an erasure leaves none.
func TestHowDaysAreStoredCantBeSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := history(t)
		inline, pages := newLine(t, reducer.Options{InlineMost: 1 << 20}), newLine(t, reducer.Options{InlineMost: 1, PageMost: rapid.IntRange(1, 9).Draw(t, "page most")})
		inline.put(facts...)
		for len(facts) > 0 {
			n := rapid.IntRange(1, len(facts)).Draw(t, "batch")
			pages.put(facts[:n]...)
			facts = facts[n:]
			if rapid.Bool().Draw(t, "restart") {
				pages.restart(reducer.Options{InlineMost: 1, PageMost: 3})
				pages.restart(reducer.Options{InlineMost: 1, PageMost: 5}) // whatever was written can be read
			}
		}
		if a, b := bytesOf(inline.records), bytesOf(pages.records); !slices.Equal(a, b) {
			t.Fatalf("scores differ:\n%v\n%v", kinds(inline.scores), kinds(pages.scores))
		}
		for _, who := range []string{"anna", "bert", "cleo"} {
			pages.put(erasureFact(day(400), 1000, who))
			r, err := pages.first.Read(background, processor.Query{Registers: []processor.Fields{{Customer: who, All: true}}})
			if err != nil || len(r.Registers[who]) > 0 {
				t.Fatalf("an erasure has left %d registers: %v", len(r.Registers[who]), err)
			}
		}
	})
}

// Items of one day are in pages by what their ids are hashed to, and yet are paid in the order of their ids.
func TestItemsOfOneDay(t *testing.T) {
	opts := reducer.Options{InlineMost: 1, PageMost: 2}
	l := started(t, opts, pb.PartitionInit_WALL, standard)
	for n := range 30 {
		l.put(credited(fmt.Sprintf("o%02d", 29-n), "anna", noon(0), int64(100+29-n), 10))
	}
	if pages, _ := l.stored("anna"); len(pages) < 15 {
		t.Fatalf("30 items of one day are in the pages %v", pages)
	}
	for n := range 30 {
		l.restart(opts)
		scores := l.put(paid(fmt.Sprint("p", n), "", "anna", noon(1), int64(100+n)))
		if got := scores[len(scores)-1].GetLevel().GetCredit(); got.GetSettled() != int64(n)+1 {
			t.Fatalf("after payment %d, which is as much as item %d, %d are settled", n, n, got.GetSettled())
		}
	}
}

// stored are the names of a customer's pages, and the bytes of the blob.
func (l *line) stored(who string) (pages []string, blob int) {
	l.t.Helper()
	r, err := l.first.Read(background, processor.Query{Registers: []processor.Fields{{Customer: who, All: true}}})
	if err != nil {
		l.t.Fatal(err)
	}
	for name := range r.Registers[who] {
		if strings.HasPrefix(name, "d/") {
			pages = append(pages, name)
		}
	}
	slices.Sort(pages)
	return pages, len(l.first.Blob(who))
}

// A customer of little is one blob; one of 50 orders a year has a small blob and a page for every 64 days, of the last months one for
// every 8 days; in busy times there are more. What rolls off takes its pages with it.
func TestPagesOfACustomer(t *testing.T) {
	l := wall(t, standard)
	buy := func(from, to, every int) {
		for n := from; n < to; n += every {
			order := fmt.Sprint("o", n)
			l.put(credited(order, "anna", noon(n), 100, 10), paid(fmt.Sprint("p", n), order, "anna", noon(n+8), 100))
		}
	}
	buy(0, 35, 7)
	if pages, blob := l.stored("anna"); len(pages) > 0 || blob > 500 {
		t.Errorf("after five orders there are pages %v and a blob of %d bytes", pages, blob)
	}
	buy(35, 730, 7)
	pages, blob := l.stored("anna")
	split := slices.IndexFunc(pages, func(p string) bool { return strings.Contains(p, ".") })
	if len(pages) != 27 || split < 10 || blob > 500 {
		t.Errorf("after two years there are pages %v and a blob of %d bytes", pages, blob)
	}
	buy(740, 780, 1)
	pages, blob = l.stored("anna")
	if busy := len(slices.DeleteFunc(slices.Clone(pages), func(p string) bool { return !strings.Contains(p, ".") })); busy < 5+16 || blob > 500 {
		t.Errorf("in a busy time there are pages %v and a blob of %d bytes", pages, blob)
	}
	l.advance(day(2000))
	l.put(credited("last", "anna", noon(2000), 100, 10)) // the last of the old days go with it
	if pages, _ := l.stored("anna"); len(pages) > 0 {
		t.Errorf("years later there are pages %v", pages)
	}
	l.restart(reducer.Options{})
	l.put(bought("after all", "anna", noon(2001), 100)) // who is read has nothing elsewhere
}

// A page that is gone is damage, and the partition stops.
func TestAMissingPage(t *testing.T) {
	l := started(t, reducer.Options{InlineMost: 1}, pb.PartitionInit_WALL, standard)
	for n := range 5 {
		l.put(bought(fmt.Sprint("o", n), "anna", noon(n), 100))
	}
	pages, _ := l.stored("anna")
	l.without("anna", pages[0], reducer.Options{InlineMost: 1}, "days from 2025-11-24 on are missing")
}

// So is what is gone of a day in parts: its sums, or a bucket of its open items, of which there may be fewer than the directory tells apart.
func TestAMissingPart(t *testing.T) {
	opts := reducer.Options{InlineMost: 1, PageMost: 2}
	for part, want := range map[string]string{"-": "days from 2026-01-01 on are missing: the state", "": "days from 2026-01-01 on are missing: of 9 open items that fall due then, "} {
		l := started(t, opts, pb.PartitionInit_WALL, standard)
		for n := range 9 {
			l.put(credited(fmt.Sprint("o", n), "anna", noon(0), 100, 0))
		}
		pages, _ := l.stored("anna")
		i := slices.IndexFunc(pages, func(p string) bool { return strings.HasSuffix(p, "-") == (part == "-") })
		if n := len(pages); i < 0 || n < 4 || n > 10 {
			t.Fatalf("nine items of one day are in %v", pages)
		}
		l.without("anna", pages[i], opts, want)
	}
}

// without has a page be gone, and an event of the customer stop the partition with an error that has some words.
func (l *line) without(who, page string, opts reducer.Options, want string) {
	l.t.Helper()
	r, _ := l.first.Read(background, processor.Query{})
	w := processor.Write{Expect: r.Token, Next: r.Token, Part: l.first.Part(),
		Customers: []processor.CustomerWrite{{ID: who, Blob: l.first.Blob(who), Due: l.first.Due(who), Del: []string{page}}}}
	w.Next.Nonce++
	if _, err := l.first.Apply(background, w); err != nil {
		l.t.Fatal(err)
	}
	l.restart(opts)
	_, err := l.scorer.Put(record(l.facts, bought("more", who, noon(9), 100), noon(9)))
	if err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, processor.ErrDamaged) {
		l.t.Fatalf("with %s gone: %v", page, err)
	}
}

// What rolls off while a policy looks back less far goes, though a later event of the same batch is older than that.
func TestDroppedInBetween(t *testing.T) {
	long := strings.Replace(standard, "value: {window_days: 30}", "value: {window_days: 1000}", 1)
	policyOf := func(version, text string) string { return strings.Replace(text, `"one"`, `"`+version+`"`, 1) }
	facts := []*pb.Fact{initial(pb.PartitionInit_WALL, long)}
	for _, n := range []int{0, 50, 100, 800, 850} {
		facts = append(facts, bought(fmt.Sprint("o", n), "anna", noon(n), 100))
	}
	batch := []*pb.Fact{policyFact(noon(900), 1, policyOf("two", standard)), bought("o900", "anna", noon(900), 100), policyFact(noon(900)+1, 2, policyOf("three", long)),
		toldAt(noon(900)+2, bought("late", "anna", noon(20), 100))}
	opts := reducer.Options{InlineMost: 1, PageMost: 2}
	one, many := newLine(t, opts), newLine(t, opts)
	one.put(facts...)
	many.put(facts...)
	one.put(batch...)
	for _, f := range batch {
		many.put(f)
	}
	if a, b := state(t, one.first), state(t, many.first); a != b {
		t.Errorf("in one batch\n%s\none by one\n%s", a, b)
	}
}

// pauses is a year or more of one customer: what is bought, some of it on terms, and what pays it, with pauses.
func pauses(t *rapid.T) []*pb.Fact {
	facts, at, open := []*pb.Fact{initial(pb.PartitionInit_WALL, windowed)}, start, []string(nil)
	for i := range rapid.IntRange(10, 60).Draw(t, "records") {
		at += civil.Instant(rapid.SampledFrom([]int{0, 0, 1, 5, 24, 100, 24 * 40, 24 * 300}).Draw(t, "hours pass")) * civil.Hour
		order, paying := fmt.Sprintf("o%02d", i), fmt.Sprint("p", i)
		switch kind := rapid.IntRange(0, 8).Draw(t, "kind"); {
		case kind < 2:
			facts = append(facts, bought(order, "anna", at, 100))
		case kind < 5:
			open = append(open, order)
			facts = append(facts, credited(order, "anna", at, 100, 10))
		case kind == 5 && len(facts) > 5:
			facts = append(facts, cancelled(fmt.Sprintf("o%02d", rapid.IntRange(0, i).Draw(t, "which")), "anna", at))
		case kind == 6 && rapid.IntRange(0, 2).Draw(t, "erased") == 0:
			facts, open = append(facts, erasureFact(at, int64(i), "anna")), nil
		case kind == 7 && rapid.IntRange(0, 2).Draw(t, "new policy") == 0:
			policy := rapid.SampledFrom([]string{windowed, standard}).Draw(t, "policy")
			facts = append(facts, policyFact(at, int64(i), strings.Replace(policy, `"one"`, fmt.Sprintf(`"v%d"`, i), 1)))
		case len(open) > 0:
			n := rapid.IntRange(0, len(open)-1).Draw(t, "paid")
			names := rapid.SampledFrom([]string{open[n], ""}).Draw(t, "names")
			open = append(open[:n:n], open[n+1:]...)
			facts = append(facts, paid(paying, names, "anna", at, rapid.SampledFrom([]int64{100, 100, 60}).Draw(t, "amount")))
		}
	}
	return append(facts, tick(at), tick(at+30*civil.FullDay))
}

// windowed is a policy whose windows end within months.
var windowed = strings.NewReplacer("window_days: 120", "window_days: 40", "promptness_days: 150", "promptness_days: 50", "dso_days: 100", "dso_days: 30").Replace(standard)

// Rule 17 for pages: what is stored of a customer whose days are in many of them, and roll off them, is a function of the facts.
// It can't be seen how they were cut into batches, who was kept in between, or who wrote with other sizes of pages before.
func TestPagesAreAFunctionOfTheFacts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := pauses(t)
		opts := reducer.Options{InlineMost: 1, PageMost: rapid.IntRange(1, 6).Draw(t, "page most")}
		whole := newLine(t, opts)
		opts = journaled(t, opts)
		cut := newLine(t, opts)
		seldom := rapid.SampledFrom([]int{4, 40}).Draw(t, "seldom")
		if seldom > 4 {
			cut.scorer.Keep(1 << 20)
		}
		whole.put(facts...)
		last := bought("last", "anna", civil.Instant(facts[len(facts)-1].At), 100)
		for len(facts) > 0 {
			n := rapid.IntRange(1, min(6, len(facts))).Draw(t, "batch")
			cut.put(facts[:n]...)
			switch facts = facts[n:]; rapid.IntRange(0, seldom).Draw(t, "then") {
			case 0:
				cut.restart(opts)
			case 1:
				cut.scorer.Keep(1 << 20)
			case 2:
				cut.restart(reducer.Options{InlineMost: 1, PageMost: rapid.IntRange(1, 6).Draw(t, "for now")})
			}
		}
		cut.restart(opts)
		whole.put(last)
		cut.put(last)
		if a, b := state(t, whole.first), state(t, cut.first); a != b {
			t.Fatalf("stored at once\n%s\nin batches\n%s", a, b)
		}
	})
}
