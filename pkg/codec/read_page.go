package codec

import (
	"encoding/binary"
	"errors"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// errPage says that a page has something else than AppendPage writes.
var errPage = errors.New("the page has what nobody writes")

// ReadPage appends what AppendPage wrote of a page with that first day, or what a former program did, who had each entry in a message.
func (d *Days) ReadPage(b []byte, first civil.Day) error {
	if n := protowire.SizeTag(6); len(b) > n && key(b[0]) == bytesIn(6) {
		if packed, m := protowire.ConsumeBytes(b[n:]); n+m == len(b) {
			return d.unpack(packed, first)
		}
	}
	p := &pb.HistoryPage{}
	if err := proto.Unmarshal(b, p); err != nil {
		return err
	}
	if len(p.Packed) > 0 || len(p.Buckets)+len(p.Settled)+len(p.Portions)+len(p.Sales)+len(p.Items) == 0 {
		return errPage
	}
	d.Buckets, d.Settled = readBuckets(d.Buckets, p.Buckets), readSettled(d.Settled, p.Settled)
	d.Portions, d.Sales = readPortions(d.Portions, p.Portions), readSales(d.Sales, p.Sales)
	d.Items = readItems(d.Items, p.Items)
	return nil
}

// unpacker reads the numbers of a page.
type unpacker struct {
	b   []byte
	bad bool
}

func (u *unpacker) number() int64 {
	v, n := binary.Uvarint(u.b)
	if n <= 0 {
		u.bad, u.b = true, nil
		return 0
	}
	u.b = u.b[n:]
	return int64(v)
}

func (u *unpacker) signed() int64 { return protowire.DecodeZigZag(uint64(u.number())) }

// small is a number or a signed one that has to be an int32.
func (u *unpacker) small(v int64) int32 {
	u.bad = u.bad || v != int64(int32(v))
	return int32(v)
}

func (u *unpacker) day(before *civil.Day) civil.Day {
	return u.after(uint64(u.number()), before)
}

// entry is a day, and the bits of what is unusual on it, which are fewer than most.
func (u *unpacker) entry(before *civil.Day, most int64) (day civil.Day, has int64) {
	n := uint64(u.number())
	day = u.after(n>>1, before)
	if n&1 != 0 {
		has = u.number()
		u.bad = u.bad || has <= 0 || has >= most
	}
	return day, has
}

func (u *unpacker) after(n uint64, before *civil.Day) civil.Day {
	u.bad = u.bad || n > math.MaxUint32
	*before += civil.Day(int32(uint32(n)))
	return *before
}

// count is how many entries come next: each takes two bytes at least.
func (u *unpacker) count(is bool) int {
	if !is {
		return 0
	}
	n := u.number()
	if u.bad = u.bad || n <= 0 || n > int64(len(u.b)/2); u.bad {
		return 0
	}
	return int(n)
}

// string is a text. It shares memory with s where it is the same.
func (u *unpacker) string(s string) string {
	n := u.number()
	if u.bad = u.bad || n < 0 || n > int64(len(u.b)); u.bad {
		return ""
	}
	data := u.b[:n]
	u.b = u.b[n:]
	if string(data) != s {
		u.bad = u.bad || !text(&s, data)
	}
	return s
}

// unpack appends what AppendPage packed.
func (d *Days) unpack(b []byte, first civil.Day) error {
	u := &unpacker{b: b}
	lists := u.number()
	u.buckets(d, u.count(lists&hasBuckets != 0), first)
	for n, day := u.count(lists&hasSettled != 0), first; n > 0 && !u.bad; n-- {
		d.Settled = append(d.Settled, u.settled(&day))
	}
	for n, day := u.count(lists&hasPortions != 0), first; n > 0 && !u.bad; n-- {
		d.Portions = append(d.Portions, credit.Portion{Day: u.day(&day), Beyond: u.small(u.signed()), Amount: u.number()})
	}
	for n, day := u.count(lists&hasSales != 0), first; n > 0 && !u.bad; n-- {
		d.Sales = append(d.Sales, credit.Sale{Day: u.day(&day), Amount: u.number()})
	}
	u.items(d, u.count(lists&hasItems != 0), first)
	if u.bad || len(u.b) > 0 || lists <= 0 || lists >= 2*hasItems {
		return errPage
	}
	return nil
}

func (u *unpacker) buckets(d *Days, n int, day civil.Day) {
	for ; n > 0 && !u.bad; n-- {
		x, has := value.Bucket{Orders: 1}, int64(0)
		x.Day, has = u.entry(&day, 2*hasService)
		x.Gross = u.number()
		if has&hasOrders != 0 {
			x.Orders = u.small(u.number())
		}
		if has&hasReturns != 0 {
			x.Returns, x.ReturnCount = u.number(), u.small(u.number())
		}
		if has&hasCost != 0 {
			x.Cost, x.Costed = u.signed(), x.Gross-x.Returns
		}
		if has&hasUncosted != 0 {
			x.Costed -= u.signed()
		}
		if has&hasBack != 0 {
			x.Back = u.signed()
		}
		for n := u.count(has&hasCategories != 0); n > 0 && !u.bad; n-- {
			x.Categories = append(x.Categories, value.Category{Code: u.small(u.signed()), Net: u.signed(), Uncosted: u.signed()})
		}
		if has&hasService != 0 {
			x.Service = &value.Service{Contacts: u.small(u.number()), Complaints: u.small(u.number()), Visits: u.small(u.number()), Surveys: u.small(u.number()),
				Referrals: u.small(u.number()), Activities: u.small(u.number()), Minutes: u.number(), Unpriced: u.number(), Cost: u.number(), Answers: u.number()}
		}
		d.Buckets = append(d.Buckets, x)
	}
}

func (u *unpacker) settled(day *civil.Day) (x credit.SettledDay) {
	has := int64(0)
	x.Day, has = u.entry(day, 2*hasLate)
	x.Settled, x.Beyond = 1, u.signed()
	if has&hasSettledItems != 0 {
		x.Settled = u.number()
	}
	if x.Late = lateOf(x.Settled, x.Beyond); has&hasLate != 0 {
		x.Late = u.number()
	}
	return x
}

func (u *unpacker) items(d *Days, n int, day civil.Day) {
	source := ""
	if had := len(d.Items); had > 0 {
		source = d.Items[had-1].Source // which is shared if it is the same
	}
	before := ""
	for ; n > 0 && !u.bad; n-- {
		due, has := u.entry(&day, 2*hasDocumentLeft)
		x := credit.Item{Due: due, Opened: due - civil.Day(u.small(u.signed()))}
		x.Ref = credit.Ref{Invoice: has&isInvoice != 0, ID: u.string("")}
		x.Amount = u.number()
		if has&hasSource != 0 {
			source = u.string(source)
			before = source
		}
		x.Source, x.Left = before, x.Amount
		if has&hasCleared != 0 {
			x.Left -= u.number()
		}
		if has&hasDisputed != 0 {
			x.Disputed = u.number()
		}
		if has&hasCurrency != 0 {
			x.Currency = fx.CodeOf(u.string(""))
			u.bad = u.bad || x.Currency == fx.Code{}
		}
		if has&hasDocumentLeft != 0 {
			x.DocumentLeft = u.number()
		}
		d.Items = append(d.Items, x)
	}
}
