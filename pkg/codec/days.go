package codec

import (
	"sort"

	"google.golang.org/protobuf/proto"

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
		Buckets:  between(d.Buckets, from, to, func(x value.Bucket) civil.Day { return x.Day }),
		Settled:  between(d.Settled, from, to, func(x credit.SettledDay) civil.Day { return x.Day }),
		Portions: between(d.Portions, from, to, func(x credit.Portion) civil.Day { return x.Day }),
		Sales:    between(d.Sales, from, to, func(x credit.Sale) civil.Day { return x.Day }),
		Items:    between(d.Items, from, to, func(x credit.Item) civil.Day { return x.Due }),
	}
}

func between[T any](list []T, from, to civil.Day, day func(T) civil.Day) []T {
	first := sort.Search(len(list), func(i int) bool { return day(list[i]) >= from })
	return list[first : first+sort.Search(len(list)-first, func(i int) bool { return day(list[first+i]) >= to })]
}

// ReadPage appends what AppendPage wrote.
func (d *Days) ReadPage(b []byte) error {
	p := &pb.HistoryPage{}
	if err := proto.Unmarshal(b, p); err != nil {
		return err
	}
	d.Buckets, d.Settled = readBuckets(d.Buckets, p.Buckets), readSettled(d.Settled, p.Settled)
	d.Portions, d.Sales = readPortions(d.Portions, p.Portions), readSales(d.Sales, p.Sales)
	d.Items = readItems(d.Items, p.Items)
	return nil
}

// Append appends the lists of o.
func (d *Days) Append(o *Days) {
	d.Buckets, d.Settled = append(d.Buckets, o.Buckets...), append(d.Settled, o.Settled...)
	d.Portions, d.Sales = append(d.Portions, o.Portions...), append(d.Sales, o.Sales...)
	d.Items = append(d.Items, o.Items...)
}

// Sort puts items that come from pages of one day into their order; the other lists are in it.
func (d *Days) Sort() { credit.SortItems(d.Items) }

func readItems(to []credit.Item, from []*pb.LedgerItem) []credit.Item {
	for _, i := range from {
		to = append(to, credit.Item{Ref: credit.Ref{Invoice: i.Invoice, ID: i.Id}, Source: i.Source,
			Opened: civil.Day(i.Opened), Due: civil.Day(i.Due), Amount: i.Amount, Left: i.Left, Disputed: i.Disputed,
			Currency: fx.CodeOf(i.Currency), DocumentLeft: i.DocumentLeft})
	}
	return to
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

// Entered is one entry of Days: its day, what its id is hashed to (0: it has none), and a number that differs for entries
// that differ. The numbers are for telling within a process whether something has changed; they are written nowhere.
type Entered struct {
	Day    civil.Day
	Hash   uint32
	Number uint64
}

// Enter appends the entries, list by list.
func (d *Days) Enter(to []Entered) []Entered {
	for i := range d.Buckets {
		x := &d.Buckets[i]
		to = append(to, Entered{x.Day, 0, bucketNumber(x)})
	}
	for i := range d.Settled {
		x := &d.Settled[i]
		to = append(to, Entered{x.Day, 0, mix(2, int64(x.Day), x.Settled, x.Late, x.Beyond)})
	}
	for i := range d.Portions {
		x := &d.Portions[i]
		to = append(to, Entered{x.Day, 0, mix(3, int64(x.Day), int64(x.Beyond), x.Amount)})
	}
	for i := range d.Sales {
		x := &d.Sales[i]
		to = append(to, Entered{x.Day, 0, mix(4, int64(x.Day), x.Amount)})
	}
	for i := range d.Items {
		x := &d.Items[i]
		id := textNumber(x.Ref.ID)
		n := mix(5, rank(x.Ref), int64(id), int64(textNumber(x.Source)), int64(x.Opened), int64(x.Due), x.Amount, x.Left, x.Disputed)
		if x.Currency != (fx.Code{}) || x.DocumentLeft != 0 {
			n = mix(int64(n), codeNumber(x.Currency), x.DocumentLeft)
		}
		to = append(to, Entered{x.Due, fold(id), n})
	}
	return to
}

// HashID spreads ids, the same way for ever: where a page is depends on it.
func HashID(id string) uint32 { return fold(textNumber(id)) }

func fold(n uint64) uint32 { return uint32(n ^ n>>32) }

// textNumber is FNV-1a.
func textNumber(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

func rank(r credit.Ref) int64 {
	if r.Invoice {
		return 1
	}
	return 0
}

func codeNumber(c fx.Code) int64 { return int64(c[0])<<16 | int64(c[1])<<8 | int64(c[2]) }

// mix makes one number of several, as FNV-1a does of bytes: numbers that differ in one place differ in the result.
func mix(vs ...int64) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for _, v := range vs {
		h = (h ^ uint64(v)) * prime
		h ^= h >> 29
	}
	return h
}
