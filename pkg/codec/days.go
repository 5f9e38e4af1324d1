package codec

import (
	"math"
	"sort"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Days is what is kept of a customer by day, each list in the order of its days: of value, of the ledger, and the open items
// by the day on which they fall due.
type Days struct {
	Buckets  []value.Bucket
	Settled  []credit.SettledDay
	Portions []credit.Portion
	Sales    []credit.Sale
	Items    []credit.Item
}

// Len is the number of entries.
func (d *Days) Len() int {
	return len(d.Buckets) + len(d.Settled) + len(d.Portions) + len(d.Sales) + len(d.Items)
}

// Between is what is kept of the days from from on and before to. It shares its lists with d.
func (d *Days) Between(from, to civil.Day) Days {
	return Days{
		Buckets:  between(d.Buckets, from, to, func(x *value.Bucket) civil.Day { return x.Day }),
		Settled:  between(d.Settled, from, to, func(x *credit.SettledDay) civil.Day { return x.Day }),
		Portions: between(d.Portions, from, to, func(x *credit.Portion) civil.Day { return x.Day }),
		Sales:    between(d.Sales, from, to, func(x *credit.Sale) civil.Day { return x.Day }),
		Items:    between(d.Items, from, to, func(x *credit.Item) civil.Day { return x.Due }),
	}
}

func between[T any](list []T, from, to civil.Day, day func(*T) civil.Day) []T {
	first := sort.Search(len(list), func(i int) bool { return day(&list[i]) >= from })
	list = list[first:]
	if len(list) == 0 || day(&list[len(list)-1]) < to {
		return list
	}
	return list[:sort.Search(len(list), func(i int) bool { return day(&list[i]) >= to })]
}

// Sort puts items that come from pages of one day into their order; the other lists are in it.
func (d *Days) Sort() { credit.SortItems(d.Items) }

func readItems(to []credit.Item, from []*pb.LedgerItem) []credit.Item {
	for _, i := range from {
		to = append(to, credit.Item{Ref: credit.Ref{Invoice: i.Invoice, ID: i.Id}, Source: i.Source,
			Opened: civil.Day(i.Opened), Due: civil.Day(i.Due), Amount: i.Amount, Left: i.Left, Disputed: i.Disputed,
			Currency: fx.CodeOf(i.Currency), DocumentLeft: i.DocumentLeft})
		if i.Terms != nil {
			onTerms(&to[len(to)-1], *i.Terms, i.Cleared)
		}
	}
	return to
}

// onTerms has an item fall due so many days after it was opened, with so much of it cleared.
func onTerms(x *credit.Item, terms int32, cleared int64) {
	x.Due, x.Left = x.Opened+civil.Day(terms), x.Amount-cleared
}

func readBuckets(to []value.Bucket, from []*pb.ValueBucket) []value.Bucket {
	for _, b := range from {
		to = append(to, readBucket(b))
	}
	return to
}

func readSettled(to []credit.SettledDay, from []*pb.LedgerSettled) []credit.SettledDay {
	for _, s := range from {
		to = append(to, credit.SettledDay{Day: civil.Day(s.Day), Settled: s.Settled, Late: s.Late, Beyond: s.Beyond})
	}
	return to
}

func readPortions(to []credit.Portion, from []*pb.LedgerPortion) []credit.Portion {
	for _, x := range from {
		to = append(to, credit.Portion{Day: civil.Day(x.Day), Beyond: x.Beyond, Amount: x.Amount})
	}
	return to
}

func readSales(to []credit.Sale, from []*pb.LedgerSales) []credit.Sale {
	for _, s := range from {
		to = append(to, credit.Sale{Day: civil.Day(s.Day), Amount: s.Amount})
	}
	return to
}

// Spans appends the spans of 1<<bits days that entries are of, ascending.
func (d *Days) Spans(to []civil.Day, bits int) []civil.Day {
	for rest := *d; rest.Len() > 0; {
		span := rest.first() >> bits
		to = append(to, span)
		rest = rest.Between((span+1)<<bits, math.MaxInt32)
	}
	return to
}

// first is the earliest day of any list.
func (d *Days) first() civil.Day {
	first := civil.Day(math.MaxInt32)
	if len(d.Buckets) > 0 {
		first = d.Buckets[0].Day
	}
	if len(d.Settled) > 0 {
		first = min(first, d.Settled[0].Day)
	}
	if len(d.Portions) > 0 {
		first = min(first, d.Portions[0].Day)
	}
	if len(d.Sales) > 0 {
		first = min(first, d.Sales[0].Day)
	}
	if len(d.Items) > 0 {
		first = min(first, d.Items[0].Due)
	}
	return first
}

// HashID spreads ids, the same way for ever: where a page is depends on it. It is never 0, which stands for what has no id.
func HashID(id string) uint32 { return max(1, fold(textNumber(id))) }

func fold(n uint64) uint32 { return uint32(n ^ n>>32) }

// textNumber is FNV-1a.
func textNumber(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
