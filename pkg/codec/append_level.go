package codec

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Level is a customer's figures as scores carries them: a Score with a Level.
type Level struct {
	Number, Fact  int64
	At            civil.Instant
	CustomerID    string
	Version, Rule int64
	Trigger       *pb.Trigger
	Value         value.Figures
	Credit        credit.Figures
	NextDue       int64
	Segment       int64
	Judged        credit.Judged
	Oldest        []credit.Item // that are overdue, OldestMost at most
	Signs         credit.Signs
}

// AppendLevel appends a record of scores.
func AppendLevel(b []byte, l *Level) []byte {
	w := pen(b)
	w.int(1, l.Number)
	w.int(2, l.Fact)
	w.int(3, int64(l.At))
	from := w.begin(4)
	w.text(1, l.CustomerID)
	w.int(2, l.Version)
	w.int(3, l.Rule)
	if t := l.Trigger; t != nil {
		from := w.begin(4)
		w.int(1, int64(t.Kind))
		w.text(2, t.EventId)
		w.text(3, t.Topic)
		w.end(from)
	}
	w.valueLevel(5, &l.Value)
	w.creditLevel(6, &l.Credit)
	w.int(7, l.NextDue)
	w.int(15, l.Segment)
	w.overdueLevel(20, l.Judged, l.Oldest)
	w.signsLevel(21, l.Signs)
	w.end(from)
	return w
}

func (w *pen) valueLevel(n protowire.Number, f *value.Figures) {
	from := w.begin(n)
	w.numbers(f.Gross, f.Returns, f.Net, f.Orders, f.ReturnCount, int64(f.LastOrderAt))
	w.micro(7, f.MeanGap)
	w.int(8, f.CostToServe)
	if f.Contribution.Known {
		w.present(9, f.Contribution.Minor)
	}
	for i, m := range [...]*figure.Micro{&f.Score, &f.Potential, &f.Growth, &f.ReorderRatio, &f.TenureDays, &f.Satisfaction, &f.Breadth, &f.GapVariability} {
		w.micro(protowire.Number(10+i), *m)
	}
	w.int(18, int64(f.Stage))
	w.micro(19, f.ContactDays)
	w.end(from)
}

func (w *pen) creditLevel(n protowire.Number, f *credit.Figures) {
	from := w.begin(n)
	w.numbers(f.Open, f.Unapplied, f.Overdue, f.Disputed, f.Commitments, f.Exposure,
		f.Ageing.Current, f.Ageing.D1To30, f.Ageing.D31To60, f.Ageing.D61To90, f.Ageing.D90Plus,
		f.MaxDaysOverdue, f.Settled, f.SettledLate)
	w.micro(15, f.OnTimeRate)
	w.micro(16, f.MeanDaysBeyondTerms)
	w.micro(17, f.Promptness)
	w.micro(18, f.DSO)
	w.micro(19, f.Score)
	w.int(20, f.Grade)
	if f.Limit.Known {
		w.present(21, f.Limit.Minor)
	}
	w.int(22, int64(f.Warnings))
	w.micro(23, f.RecentDays)
	w.micro(24, f.HabitDays)
	w.int(31, f.Undisputed.Overdue)
	w.int(32, f.Undisputed.MaxDaysOverdue)
	w.micro(33, f.Undisputed.OnTimeRate)
	w.micro(34, f.Undisputed.Promptness)
	w.int(35, f.FailedPayments)
	w.int(36, f.BrokenPromises)
	w.int(37, f.PartPayments)
	w.end(from)
}

// micro is an optional int64 in millionths.
func (w *pen) micro(n protowire.Number, m figure.Micro) {
	if m.Known {
		w.present(n, m.Millionths)
	}
}

// NumberRoom is how many bytes a record of scores begins with that is made before its number is known.
const NumberRoom = 1 + binary.MaxVarintLen64

// NumberScore gives a record of scores, made without a number behind NumberRoom bytes, its number: it is the same as if it had been
// made with it.
func NumberScore(made []byte, number int64) []byte {
	n := protowire.SizeVarint(uint64(number))
	from := NumberRoom - 1 - n
	protowire.AppendVarint(append(made[:from], 1<<3), uint64(number))
	return made[from:]
}
