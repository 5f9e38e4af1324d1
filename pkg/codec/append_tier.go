package codec

import (
	"google.golang.org/protobuf/encoding/protowire"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// AppendTier appends a customer's blob of tierchange.
func AppendTier(b []byte, p *pb.TierCustomer) []byte {
	w := pen(b)
	w.text(1, p.Tier)
	w.int(2, p.Since)
	w.int(3, p.Seq)
	w.int(4, p.Failing)
	w.int(5, p.Pending)
	w.int(6, p.Version)
	w.int(7, p.At)
	if v := p.Value; v != nil {
		from := w.begin(8)
		w.numbers(v.GrossMinor, v.ReturnsMinor, v.NetMinor, v.Orders, v.Returns, v.LastOrderAt)
		w.moreValue(v)
		w = append(w, v.ProtoReflect().GetUnknown()...)
		w.end(from)
	}
	if c := p.Credit; c != nil {
		from := w.begin(9)
		w.numbers(c.OpenMinor, c.UnappliedMinor, c.OverdueMinor, c.DisputedMinor, c.CommitmentsMinor, c.ExposureMinor,
			c.AgeingCurrentMinor, c.AgeingD1_30Minor, c.AgeingD31_60Minor, c.AgeingD61_90Minor, c.AgeingD90PlusMinor,
			c.MaxDaysOverdue, c.Settled, c.SettledLate)
		w.optional(15, c.OnTimeRate)
		w.optional(16, c.MeanDaysBeyondTerms)
		w.optional(17, c.Promptness)
		w.optional(18, c.DsoDays)
		w.optional(19, c.Score)
		w.int(20, c.Grade)
		w.optional(21, c.LimitMinor)
		w.int(22, c.Warnings)
		w.optional(23, c.RecentDays)
		w.optional(24, c.HabitDays)
		w.int(31, c.UndisputedOverdueMinor)
		w.int(32, c.UndisputedMaxDaysOverdue)
		w.optional(33, c.UndisputedOnTimeRate)
		w.optional(34, c.UndisputedPromptness)
		w.int(35, c.FailedPayments)
		w.int(36, c.BrokenPromises)
		w.int(37, c.PartPayments)
		w = append(w, c.ProtoReflect().GetUnknown()...)
		w.end(from)
	}
	w.bool(10, p.Erased)
	w.int(11, p.NextDue)
	for _, n := range p.Names {
		w.name(n)
	}
	w.int(15, p.Segment)
	w.overdue(20, p.Overdue)
	w.watched(21, p.Alerts)
	w.watched(22, p.Signals)
	w.signs(23, p.Signs)
	w.int(30, p.Rule)
	return append(w, p.ProtoReflect().GetUnknown()...)
}

func (w *pen) name(n *pb.CustomerName) {
	from := w.begin(12)
	if f := n.Field; f != nil {
		from := w.begin(1)
		w.int(1, int64(f.Kind))
		w.text(2, f.Value)
		*w = append(*w, f.ProtoReflect().GetUnknown()...)
		w.end(from)
	}
	if v := n.Said; v != nil {
		from := w.begin(2)
		w.int(1, v.Revision)
		w.int(2, v.OccurredAt)
		w.text(3, v.EventId)
		*w = append(*w, v.ProtoReflect().GetUnknown()...)
		w.end(from)
	}
	*w = append(*w, n.ProtoReflect().GetUnknown()...)
	w.end(from)
}

// numbers are the fields from 1 on.
func (w *pen) numbers(vs ...int64) {
	for i, v := range vs {
		w.int(protowire.Number(i+1), v)
	}
}

func (w *pen) optional(n protowire.Number, v *int64) {
	if v != nil {
		w.present(n, *v)
	}
}
