package codec

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// AppendCustomer appends a customer's blob of the scorer: p with the value state and the ledger.
func AppendCustomer(b []byte, p *pb.ScorerCustomer, s value.State, l *credit.Ledger) []byte {
	w := pen(b)
	w.int(1, p.Version)
	w.int(2, p.Control)
	w.int(3, p.At)
	w.int(4, p.Due)
	w.bool(5, p.Erased)
	w.int(6, int64(s.LastOrderAt))
	w.buckets(7, s.Buckets)
	from := w.begin(8)
	w.ledger(l)
	w.end(from)
	if t := p.Booked; t != nil {
		from := w.begin(9)
		w.int(1, t.Customers)
		w.int(2, t.NetMinor)
		w.int(3, t.Orders)
		w.int(4, t.OpenMinor)
		w.int(5, t.OverdueMinor)
		w.int(6, t.Ranked)
		w.rankedBy(7, t.By)
		w.close(from, t)
	}
	w.profile(10, p.Profile)
	w.zigzag(14, int64(s.FirstDay))
	if len(p.Days) > 0 {
		w.presentBytes(15, p.Days)
	}
	if p.Wait != nil {
		w.presentZigzag(40, int64(*p.Wait))
	}
	w.int(41, p.WaitTime)
	return append(w, p.ProtoReflect().GetUnknown()...)
}

func (w *pen) rankedBy(field protowire.Number, by *pb.RankedBy) {
	if by == nil {
		return
	}
	from := w.begin(field)
	w.int(1, by.ContributionMinor)
	w.bool(2, by.Contribution)
	w.text(3, by.Segment)
	w.bool(4, by.NetWithin)
	w.bool(5, by.OrdersWithin)
	w.bool(6, by.ContributionWithin)
	w.close(from, by)
}

func (w *pen) ledger(l *credit.Ledger) {
	w.items(1, l.Items)
	for i := range l.Money {
		x := &l.Money[i]
		from := w.begin(2)
		w.text(1, x.PaymentID)
		w.text(2, x.Source)
		w.zigzag(3, int64(x.ValueDay))
		w.int(4, x.Left)
		w.bool(5, x.WaitsFor.Invoice)
		w.text(6, x.WaitsFor.ID)
		w.end(from)
	}
	w.int(3, l.Commitments)
	w.settled(4, l.Settled)
	w.portions(5, l.Portions)
	w.sales(6, l.Sales)
	if l.HasSale {
		w.presentZigzag(7, int64(l.FirstSale))
	}
	if h := &l.Head; *h != (credit.Key{}) {
		from := w.begin(8)
		w.zigzag(1, int64(h.Day))
		w.int(2, int64(h.Phase))
		w.zigzag(3, int64(h.Due))
		w.text(4, h.ID)
		w.text(5, h.Source)
		w.end(from)
	}
	w.bool(9, l.Invoiced)
	w.bool(15, l.Remarked)
	for i := range l.Bills {
		x := &l.Bills[i]
		from := w.begin(16)
		w.zigzag(1, int64(x.Matures))
		w.int(2, x.Amount)
		w.end(from)
	}
	for _, x := range l.Failed {
		from := w.begin(17)
		w.zigzag(1, int64(x.Day))
		w.int(2, x.N)
		w.end(from)
	}
	for _, x := range l.Promises {
		from := w.begin(18)
		w.zigzag(1, int64(x.By))
		w.int(2, x.Missing)
		w.end(from)
	}
	if l.HasLoss {
		w.presentZigzag(19, int64(l.LastLoss))
	}
	w.bool(20, l.Foreign)
}

func (w *pen) items(n protowire.Number, list []credit.Item) {
	for i := range list {
		x := &list[i]
		from := w.begin(n)
		w.bool(1, x.Ref.Invoice)
		w.text(2, x.Ref.ID)
		w.text(3, x.Source)
		w.zigzag(4, int64(x.Opened))
		w.int(6, x.Amount)
		w.int(8, x.Disputed)
		w.code(9, x.Currency)
		w.int(10, x.DocumentLeft)
		w.presentZigzag(11, int64(x.Due-x.Opened)) // this and the next wrap where they must, and so they do when they are read
		w.int(12, x.Amount-x.Left)
		w.end(from)
	}
}

func (w *pen) buckets(n protowire.Number, list []value.Bucket) {
	for i := range list {
		from := w.begin(n)
		w.bucket(&list[i])
		w.end(from)
	}
}

func (w *pen) settled(n protowire.Number, list []credit.SettledDay) {
	for i := range list {
		x := &list[i]
		from := w.begin(n)
		w.zigzag(1, int64(x.Day))
		w.int(2, x.Settled)
		w.int(3, x.Late)
		w.zigzag(4, x.Beyond)
		w.end(from)
	}
}

func (w *pen) portions(n protowire.Number, list []credit.Portion) {
	for i := range list {
		x := &list[i]
		from := w.begin(n)
		w.zigzag(1, int64(x.Day))
		w.zigzag(2, int64(x.Beyond))
		w.int(3, x.Amount)
		w.end(from)
	}
}

func (w *pen) sales(n protowire.Number, list []credit.Sale) {
	for i := range list {
		x := &list[i]
		from := w.begin(n)
		w.zigzag(1, int64(x.Day))
		w.int(2, x.Amount)
		w.end(from)
	}
}
