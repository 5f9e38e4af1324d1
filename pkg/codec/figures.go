package codec

import (
	"errors"
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Figures are those of a level, each in the bytes of its message; nil: there is none. A customer's blob in tierchange has them in the
// same bytes: they are never written anew.
type Figures struct {
	Value, Credit, Overdue, Signs []byte
	own                           []byte // all of them, where they have been kept
}

// Keep copies figures into memory of their own, in which those before them were.
func (to *Figures) Keep(f *Figures) {
	n := len(f.Value) + len(f.Credit) + len(f.Overdue) + len(f.Signs)
	if cap(to.own) < n {
		to.own = make([]byte, 0, n+n/4)
	}
	own := to.own[:0]
	part := func(b []byte) []byte {
		if b == nil {
			return nil
		}
		from := len(own)
		own = append(own, b...)
		return own[from:len(own):len(own)]
	}
	*to = Figures{part(f.Value), part(f.Credit), part(f.Overdue), part(f.Signs), own}
}

// figuresOf writes figures that were read as messages.
func figuresOf(v *pb.ValueLevel, c *pb.CreditLevel, o *pb.OverdueLevel, s *pb.SignsLevel) (f Figures, err error) {
	write := func(to *[]byte, is bool, m proto.Message) {
		if is {
			var more error
			*to, more = proto.MarshalOptions{Deterministic: true}.MarshalAppend([]byte{}, m)
			err = errors.Join(err, more)
		}
	}
	write(&f.Value, v != nil, v)
	write(&f.Credit, c != nil, c)
	write(&f.Overdue, o != nil, o)
	write(&f.Signs, s != nil, s)
	return f, err
}

// sound says whether all of them are of the usual form: numbers alone, but for what is overdue.
func (f *Figures) sound() bool {
	var v [valueFields]int64
	var c [creditFields]int64
	var s [signsFields]int64
	_, worth := numbers(f.Value, v[:])
	_, pays := numbers(f.Credit, c[:])
	_, signs := numbers(f.Signs, s[:])
	return worth && pays && signs && overdue(f.Overdue, &credit.Judged{})
}

// How many fields messages have, and the one numbered 0.
const (
	valueFields  = 20
	creditFields = 38
	signsFields  = 3
)

// numbers reads a message of numbers, by their fields, and says which were there. False: something else is in it.
func numbers(b []byte, to []int64) (seen uint64, ok bool) {
	for len(b) > 0 {
		k, n := protowire.ConsumeVarint(b)
		if n < 0 || k&7 != 0 || k>>3 == 0 || k>>3 >= uint64(len(to)) {
			return 0, false
		}
		v, m := protowire.ConsumeVarint(b[n:])
		if m < 0 {
			return 0, false
		}
		to[k>>3] = int64(v)
		seen |= 1 << (k >> 3)
		b = b[n+m:]
	}
	return seen, true
}

// Read gives the figures of value and credit, what is judged, and the signs.
func (f *Figures) Read(to *tier.Figures) error {
	to.Value, to.Credit, to.Judged, to.Signs = value.Figures{}, credit.Figures{}, credit.Judged{}, credit.Signs{}
	if readValue(f.Value, &to.Value) && readCredit(f.Credit, &to.Credit) && overdue(f.Overdue, &to.Judged) && readSigns(f.Signs, &to.Signs) {
		return nil
	}
	v, c, o, s := &pb.ValueLevel{}, &pb.CreditLevel{}, &pb.OverdueLevel{}, &pb.SignsLevel{}
	err := errors.Join(proto.Unmarshal(f.Value, v), proto.Unmarshal(f.Credit, c), proto.Unmarshal(f.Overdue, o), proto.Unmarshal(f.Signs, s))
	to.Value, to.Credit, to.Judged, to.Signs = ValueFigures(v), CreditFigures(c), Judged(o), Signs(s)
	return err
}

// OverdueItem is an item overdue, with what is left of it in minor units of its currency; none: the base currency.
type OverdueItem struct {
	ID       string
	Left     int64
	Due      civil.Day
	Currency string
}

// Oldest appends the items overdue that the level names.
func (f *Figures) Oldest(to []OverdueItem) ([]OverdueItem, error) {
	n := len(to)
	usual := fields(f.Overdue, func(k key, _ uint64, data []byte) bool {
		if k == bytesIn(3) {
			to = append(to, OverdueItem{})
			return to[len(to)-1].read(data)
		}
		return true
	})
	if usual {
		return to, nil
	}
	o := &pb.OverdueLevel{}
	err := proto.Unmarshal(f.Overdue, o)
	to = to[:n]
	for _, i := range o.Oldest {
		to = append(to, OverdueItem{i.Id, i.LeftMinor, civil.Day(i.Due), i.Currency})
	}
	return to, err
}

func (i *OverdueItem) read(b []byte) bool {
	return fields(b, func(k key, v uint64, data []byte) bool {
		switch k {
		case bytesIn(1):
			return text(&i.ID, data)
		case varint(2):
			i.Left = int64(v)
		case varint(3):
			i.Due = civil.Day(protowire.DecodeZigZag(v & math.MaxUint32))
		case bytesIn(4):
			return text(&i.Currency, data)
		default:
			return false
		}
		return true
	})
}

func readValue(b []byte, f *value.Figures) bool {
	var v [valueFields]int64
	seen, ok := numbers(b, v[:])
	known := func(n int) bool { return seen>>n&1 != 0 }
	of := func(n int) figure.Micro { return micro(v[n], known(n)) }
	*f = value.Figures{
		Gross: v[1], Returns: v[2], Net: v[3], Orders: v[4], ReturnCount: v[5], LastOrderAt: civil.Instant(v[6]), MeanGap: of(7),
		CostToServe: v[8], Contribution: value.Money{Minor: v[9], Known: known(9)}, Score: of(10), Potential: of(11), Growth: of(12),
		ReorderRatio: of(13), TenureDays: of(14), Satisfaction: of(15), Breadth: of(16), GapVariability: of(17),
		Stage: value.StageOf(v[18]), ContactDays: of(19),
	}
	return ok
}

func readCredit(b []byte, f *credit.Figures) bool {
	var v [creditFields]int64
	seen, ok := numbers(b, v[:])
	of := func(n int) figure.Micro { return micro(v[n], seen>>n&1 != 0) }
	limit := credit.Limit{Minor: v[21], Known: of(21).Known}
	*f = credit.Figures{
		Open: v[1], Unapplied: v[2], Overdue: v[3], Disputed: v[4], Commitments: v[5], Exposure: v[6],
		Ageing:         credit.Ageing{Current: v[7], D1To30: v[8], D31To60: v[9], D61To90: v[10], D90Plus: v[11]},
		MaxDaysOverdue: v[12], Settled: v[13], SettledLate: v[14], OnTimeRate: of(15), MeanDaysBeyondTerms: of(16), Promptness: of(17),
		DSO: of(18), Score: of(19), Grade: v[20], Limit: limit, Utilisation: credit.Utilised(v[6], limit), Warnings: credit.Warnings(v[22]),
		RecentDays: of(23), HabitDays: of(24),
		Undisputed:     credit.Graded{Overdue: v[31], MaxDaysOverdue: v[32], OnTimeRate: of(33), Promptness: of(34)},
		FailedPayments: v[35], BrokenPromises: v[36], PartPayments: v[37],
	}
	return ok
}

func readSigns(b []byte, s *credit.Signs) bool {
	var v [signsFields]int64
	seen, ok := numbers(b, v[:])
	*s = credit.Signs{OpenGrowth: micro(v[1], seen>>1&1 != 0), Distress: v[2] != 0}
	return ok
}

// overdue reads what is judged; the items beside it must be of the usual form.
func overdue(b []byte, j *credit.Judged) bool {
	return fields(b, func(k key, v uint64, data []byte) bool {
		switch k {
		case varint(1):
			j.Overdue = int64(v)
		case varint(2):
			j.MaxDaysOverdue = int64(v)
		case bytesIn(3):
			return fields(data, func(k key, _ uint64, data []byte) bool {
				return k == varint(2) || k == varint(3) || (k == bytesIn(1) || k == bytesIn(4)) && utf8.Valid(data)
			})
		default:
			return false
		}
		return true
	})
}
