package reducer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

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

// A customer of little is one blob; one of 50 orders a year has a small blob and a page for every 64 days; in busy times
// there is one for every 8 days. What rolls off takes its pages with it.
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
	if len(pages) != 13 || slices.ContainsFunc(pages, func(p string) bool { return strings.Contains(p, ".") }) || blob > 500 {
		t.Errorf("after two years there are pages %v and a blob of %d bytes", pages, blob)
	}
	buy(740, 780, 1)
	pages, blob = l.stored("anna")
	if busy := len(slices.DeleteFunc(slices.Clone(pages), func(p string) bool { return !strings.Contains(p, ".") })); busy < 5 || blob > 500 {
		t.Errorf("in a busy time there are pages %v and a blob of %d bytes", pages, blob)
	}
	l.advance(day(2000))
	l.put(credited("last", "anna", noon(2000), 100, 10)) // the last of the old days go with it
	if pages, _ := l.stored("anna"); len(pages) > 0 {
		t.Errorf("years later there are pages %v", pages)
	}
}

// A page that is gone is damage, and the partition stops.
func TestAMissingPage(t *testing.T) {
	l := started(t, reducer.Options{InlineMost: 1}, pb.PartitionInit_WALL, standard)
	for n := range 5 {
		l.put(bought(fmt.Sprint("o", n), "anna", noon(n), 100))
	}
	pages, _ := l.stored("anna")
	r, _ := l.first.Read(background, processor.Query{})
	w := processor.Write{Expect: r.Token, Next: r.Token, Part: l.first.Part(),
		Customers: []processor.CustomerWrite{{ID: "anna", Blob: l.first.Blob("anna"), Due: l.first.Due("anna"), Del: pages[:1]}}}
	w.Next.Nonce++
	if _, err := l.first.Apply(background, w); err != nil {
		t.Fatal(err)
	}
	l.restart(reducer.Options{InlineMost: 1})
	_, err := l.scorer.Put(record(l.facts, bought("o9", "anna", noon(9), 100), noon(9)))
	if err == nil || !strings.Contains(err.Error(), "days from 2025-11-24 on are missing") {
		t.Errorf("with a page gone: %v", err)
	}
}
