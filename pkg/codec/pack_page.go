package codec

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/value"
)

// A page is HistoryPage.packed: numbers one after the other, each a varint, of those that may well be below 0 zigzag. First comes which lists there
// are, then of each how many entries, and these. The first entry of a list is as many days after the page's first day as it says, and the others after the one before.
// What is unusual of an entry is said by bits, which come only where there is some.

// lists of a page.
const (
	hasBuckets = 1 << iota
	hasSettled
	hasPortions
	hasSales
	hasItems
)

// What a bucket has beside its day, gross, and one order.
const (
	hasOrders = 1 << iota // not one
	hasReturns
	hasCost
	hasUncosted
	hasBack
	hasCategories
	hasService
)

// What a day has on which not one item was settled, late if it took longer.
const (
	hasSettledItems = 1 << iota
	hasLate
)

// What an item has beside its days, id and amount.
const (
	isInvoice = 1 << iota
	hasSource // another than the item before, or than none
	hasCleared
	hasDisputed
	hasCurrency
	hasDocumentLeft
)

// AppendPage appends a page of a customer's history, whose days are none before its first.
func AppendPage(b []byte, d *Days, first civil.Day) []byte {
	page := pen(b)
	from := page.begin(6)
	w := packer(page)
	w.number(bit(len(d.Buckets) > 0, hasBuckets) | bit(len(d.Settled) > 0, hasSettled) | bit(len(d.Portions) > 0, hasPortions) |
		bit(len(d.Sales) > 0, hasSales) | bit(len(d.Items) > 0, hasItems))
	w.buckets(d.Buckets, first)
	w.settled(d.Settled, first)
	w.portions(d.Portions, first)
	w.sales(d.Sales, first)
	w.items(d.Items, first)
	page = pen(w)
	page.end(from)
	return page
}

// packer writes the numbers of a page.
type packer []byte

func bit(is bool, b int64) int64 {
	if is {
		return b
	}
	return 0
}

func (w *packer) number(v int64) { *w = binary.AppendUvarint(*w, uint64(v)) }

func (w *packer) signed(v int64) { *w = binary.AppendUvarint(*w, protowire.EncodeZigZag(v)) }

// count is that of a list that there is.
func (w *packer) count(n int) {
	if n > 0 {
		w.number(int64(n))
	}
}

// after is how long a day is after that before it. It wraps where it must, and so it does when it is read.
func after(day civil.Day, before *civil.Day) int64 {
	was := *before
	*before = day
	return int64(uint32(day - was))
}

func (w *packer) day(day civil.Day, before *civil.Day) { w.number(after(day, before)) }

// entry is a day, and the bits of what is unusual on it.
func (w *packer) entry(day civil.Day, before *civil.Day, has int64) {
	w.number(after(day, before)<<1 | bit(has != 0, 1))
	if has != 0 {
		w.number(has)
	}
}

func (w *packer) string(s string) {
	*w = append(binary.AppendUvarint(*w, uint64(len(s))), s...)
}

func (w *packer) buckets(list []value.Bucket, day civil.Day) {
	w.count(len(list))
	for i := range list {
		x := &list[i]
		uncosted := x.Gross - x.Returns - x.Costed
		has := bit(x.Orders != 1, hasOrders) | bit(x.Returns != 0 || x.ReturnCount != 0, hasReturns) | bit(x.Back != 0, hasBack) |
			bit(len(x.Categories) > 0, hasCategories) | bit(x.Service != nil, hasService)
		if x.Cost != 0 || x.Costed != 0 {
			has |= hasCost | bit(uncosted != 0, hasUncosted)
		}
		w.entry(x.Day, &day, has)
		w.number(x.Gross)
		if has&hasOrders != 0 {
			w.number(int64(x.Orders))
		}
		if has&hasReturns != 0 {
			w.number(x.Returns)
			w.number(int64(x.ReturnCount))
		}
		if has&hasCost != 0 {
			w.signed(x.Cost)
		}
		if has&hasUncosted != 0 {
			w.signed(uncosted)
		}
		if has&hasBack != 0 {
			w.signed(x.Back)
		}
		if has&hasCategories != 0 {
			w.number(int64(len(x.Categories)))
		}
		for _, c := range x.Categories {
			w.signed(int64(c.Code))
			w.signed(c.Net)
			w.signed(c.Uncosted)
		}
		if s := x.Service; s != nil {
			for _, n := range serviceNumbers(s) {
				w.number(n)
			}
		}
	}
}

// lateOf is how many of a day's settled items were late if all took equally long.
func lateOf(settled, beyond int64) int64 {
	if beyond > 0 {
		return settled
	}
	return 0
}

func (w *packer) settled(list []credit.SettledDay, day civil.Day) {
	w.count(len(list))
	for i := range list {
		x := &list[i]
		has := bit(x.Settled != 1, hasSettledItems) | bit(x.Late != lateOf(x.Settled, x.Beyond), hasLate)
		w.entry(x.Day, &day, has)
		w.signed(x.Beyond)
		if has&hasSettledItems != 0 {
			w.number(x.Settled)
		}
		if has&hasLate != 0 {
			w.number(x.Late)
		}
	}
}

func (w *packer) portions(list []credit.Portion, day civil.Day) {
	w.count(len(list))
	for i := range list {
		x := &list[i]
		w.day(x.Day, &day)
		w.signed(int64(x.Beyond))
		w.number(x.Amount)
	}
}

func (w *packer) sales(list []credit.Sale, day civil.Day) {
	w.count(len(list))
	for i := range list {
		x := &list[i]
		w.day(x.Day, &day)
		w.number(x.Amount)
	}
}

func (w *packer) items(list []credit.Item, day civil.Day) {
	source := ""
	w.count(len(list))
	for i := range list {
		x := &list[i]
		has := bit(x.Ref.Invoice, isInvoice) | bit(x.Source != source, hasSource) | bit(x.Left != x.Amount, hasCleared) | bit(x.Disputed != 0, hasDisputed) |
			bit(x.Currency != fx.Code{}, hasCurrency) | bit(x.DocumentLeft != 0, hasDocumentLeft)
		w.entry(x.Due, &day, has)
		w.signed(int64(x.Due - x.Opened))
		w.string(x.Ref.ID)
		w.number(x.Amount)
		if source = x.Source; has&hasSource != 0 {
			w.string(source)
		}
		if has&hasCleared != 0 {
			w.number(x.Amount - x.Left)
		}
		if has&hasDisputed != 0 {
			w.number(x.Disputed)
		}
		if has&hasCurrency != 0 {
			w.string(x.Currency.String())
		}
		if has&hasDocumentLeft != 0 {
			w.number(x.DocumentLeft)
		}
	}
}
