package reducer

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// stands is a customer read from pages.
func stands(directory []byte, kept map[string]string) (*customer, error) {
	c := &customer{ScorerCustomer: &pb.ScorerCustomer{Days: directory}, registers: newRegisters()}
	for name, page := range kept {
		c.history.takePage(name, []byte(page))
	}
	c.registers.all, c.history.missing = true, []string{}
	return c, c.unite()
}

// TestDamagedPages: what was lost, or is elsewhere than it belongs, is not read as if nothing were wrong.
func TestDamagedPages(t *testing.T) {
	c, day := &customer{ScorerCustomer: &pb.ScorerCustomer{}}, civil.Day(20489)
	item := func(id string, due civil.Day) credit.Item {
		return credit.Item{Ref: credit.Ref{ID: id}, Due: due, Amount: 1, Left: 1}
	}
	for n := range 20 {
		c.ledger.Items = append(c.ledger.Items, item(fmt.Sprint("o", n), day))
	}
	credit.SortItems(c.ledger.Items)
	c.ledger.Sales = []credit.Sale{{Day: day - 70, Amount: 1}, {Day: day, Amount: 1}, {Day: day + 70, Amount: 1}}
	kept := map[string]string{}
	store(t, c, kept, 24)
	whole, sums, day1 := pageOf((day-70)>>spanBits), page{day, dayDepth}.sumsName(), page{day, dayDepth}
	pageWith := func(p page, d codec.Days) string { return string(codec.AppendPage(nil, &d, p.first)) }
	at := func(n int) string { return day1.bucket(bucketOf(codec.HashID(fmt.Sprint("o", n)), 20)) }
	other := 1
	for at(other) == at(0) {
		other++
	}
	for name, change := range map[string]func(map[string]string){
		"a page is gone":       func(k map[string]string) { delete(k, whole.name()) },
		"the sums are gone":    func(k map[string]string) { delete(k, sums) },
		"a bucket is gone":     func(k map[string]string) { delete(k, at(0)) },
		"a page has nothing":   func(k map[string]string) { k[whole.name()] = "" },
		"a bucket has nothing": func(k map[string]string) { k[at(0)] = "" },
		"one more item": func(k map[string]string) {
			k[sums] = pageWith(day1, codec.Days{Sales: []credit.Sale{{Day: day}}, Items: []credit.Item{item("o99", day)}})
		},
		"another bucket's items": func(k map[string]string) { k[at(0)] = k[at(other)] },
		"another day":            func(k map[string]string) { k[sums] = pageWith(day1, codec.Days{Sales: []credit.Sale{{Day: day + 1}}}) },
		"a day before": func(k map[string]string) {
			k[whole.name()] = pageWith(whole, codec.Days{Sales: []credit.Sale{{Day: whole.first - 1}}})
		},
		"a day after": func(k map[string]string) {
			k[whole.name()] = pageWith(whole, codec.Days{Sales: []credit.Sale{{Day: whole.first + 64}}})
		},
		"the last of all days": func(k map[string]string) {
			k[whole.name()] = pageWith(whole, codec.Days{Buckets: []value.Bucket{{Day: math.MaxInt32}}})
		},
		"days that don't ascend": func(k map[string]string) {
			k[whole.name()] = pageWith(whole, codec.Days{Settled: []credit.SettledDay{{Day: whole.first + 2}, {Day: whole.first + 1}}})
		},
		"a portion of another day": func(k map[string]string) {
			k[whole.name()] = pageWith(whole, codec.Days{Portions: []credit.Portion{{Day: whole.first + 64}}})
		},
		"an item of another day": func(k map[string]string) {
			k[whole.name()] = pageWith(whole, codec.Days{Items: []credit.Item{item("o1", day)}})
		},
	} {
		damaged := maps.Clone(kept)
		change(damaged)
		if _, err := stands(c.Days, damaged); !errors.Is(err, processor.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Pages that come with all registers once the days are there are nobody's.
func TestPagesAreReadOnce(t *testing.T) {
	c, kept := &customer{ScorerCustomer: &pb.ScorerCustomer{}}, map[string]string{}
	for n := range 40 {
		c.ledger.Sales = append(c.ledger.Sales, credit.Sale{Day: civil.Day(20480 + n), Amount: 1})
	}
	store(t, c, kept, 24)
	read, err := stands(c.Days, kept)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]byte{}
	for name, page := range kept {
		got[name] = []byte(page)
	}
	read.registers.all = false
	if err := read.registers.load(processor.Fields{All: true}, got, &read.history); err != nil || len(read.history.read) > 0 || len(read.registers.known) > 0 {
		t.Errorf("%d pages are held, %d names known: %v", len(read.history.read), len(read.registers.known), err)
	}
}
