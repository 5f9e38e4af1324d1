package codec

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/watch"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Tiered is a customer in tierchange.
type Tiered struct {
	*pb.TierCustomer // but for what follows
	Figures          Figures
	Alerts, Signals  watch.State
}

// ReadTier reads a customer's blob of tierchange.
func ReadTier(b []byte) (t Tiered, err error) {
	p := &pb.TierCustomer{}
	if err := proto.Unmarshal(b, p); err != nil {
		return t, err
	}
	t.Figures, err = figuresOf(p.Value, p.Credit, p.Overdue, p.Signs)
	t.Alerts, t.Signals, t.TierCustomer = ReadWatch(p.Alerts), ReadWatch(p.Signals), p
	p.Value, p.Credit, p.Overdue, p.Signs, p.Alerts, p.Signals = nil, nil, nil, nil, nil, nil
	return t, err
}

// AppendTier appends a customer's blob of tierchange.
func AppendTier(b []byte, t *Tiered) []byte {
	w, p := pen(b), t.TierCustomer
	w.text(1, p.Tier)
	w.int(2, p.Since)
	w.int(3, p.Seq)
	w.int(4, p.Failing)
	w.int(5, p.Pending)
	w.int(6, p.Version)
	w.int(7, p.At)
	w.part(8, t.Figures.Value)
	w.part(9, t.Figures.Credit)
	w.bool(10, p.Erased)
	w.int(11, p.NextDue)
	for _, n := range p.Names {
		w.name(n)
	}
	w.int(15, p.Segment)
	w.part(20, t.Figures.Overdue)
	w.watched(21, &t.Alerts)
	w.watched(22, &t.Signals)
	w.part(23, t.Figures.Signs)
	w.int(30, p.Rule)
	return append(w, p.ProtoReflect().GetUnknown()...)
}

// part is a message that is written already; nil: there is none.
func (w *pen) part(n protowire.Number, b []byte) {
	if b != nil {
		w.presentBytes(n, b)
	}
}

func (w *pen) name(n *pb.CustomerName) {
	from := w.begin(12)
	if f := n.Field; f != nil {
		from := w.begin(1)
		w.int(1, int64(f.Kind))
		w.text(2, f.Value)
		w.close(from, f)
	}
	if v := n.Said; v != nil {
		from := w.begin(2)
		w.int(1, v.Revision)
		w.int(2, v.OccurredAt)
		w.text(3, v.EventId)
		w.close(from, v)
	}
	w.close(from, n)
}

// numbers are the fields from 1 on.
func (w *pen) numbers(vs ...int64) {
	for i, v := range vs {
		w.int(protowire.Number(i+1), v)
	}
}
