package codec

import (
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/tier"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Told is what alerts and signals have in common. A signal has no more.
type Told struct {
	ID, CustomerID            string
	Seq                       int64
	Kind, State               int32 // as CreditAlert or CustomerSignal number them
	Clears, Severity          string
	Mode                      pb.Mode
	DecidedAt                 civil.Instant
	PolicyVersion, PolicyHash string
	Reasons                   []tier.Reason
	Advice                    string
	AccountManager            string
	CustomerName, Segment     string
}

// ToldAlert is an alert.
type ToldAlert struct {
	Told
	GradeFrom, GradeTo string
	Items              []ToldItem
	Exposure, Overdue  int64 // minor units
}

// ToldItem is an open item that an alert is about.
type ToldItem struct {
	InvoiceID string
	Amount    int64 // minor units of Currency
	Currency  string
	Days      int64
}

// AppendAlert appends a CreditAlert.
func AppendAlert(b []byte, a *ToldAlert) []byte {
	w := pen(b)
	w.told(&a.Told)
	w.text(11, a.GradeFrom)
	w.text(12, a.GradeTo)
	w.reasons(13, a.Reasons)
	for _, i := range a.Items {
		from := w.begin(14)
		w.text(1, i.InvoiceID)
		w.int(2, i.Amount)
		w.text(3, i.Currency)
		w.int(4, i.Days)
		w.end(from)
	}
	w.int(15, a.Exposure)
	w.int(16, a.Overdue)
	w.whose(17, &a.Told)
	return w
}

// AppendSignal appends a CustomerSignal.
func AppendSignal(b []byte, s *Told) []byte {
	w := pen(b)
	w.told(s)
	w.reasons(11, s.Reasons)
	w.whose(12, s)
	return w
}

// told writes the fields up to 10.
func (w *pen) told(t *Told) {
	w.text(1, t.ID)
	w.text(2, t.CustomerID)
	w.int(3, t.Seq)
	w.int(4, int64(t.Kind))
	w.int(5, int64(t.State))
	w.text(6, t.Clears)
	w.text(7, t.Severity)
	w.int(8, int64(t.Mode))
	w.moment(9, t.DecidedAt)
	w.policy(10, t.PolicyVersion, t.PolicyHash)
}

// moment is a Timestamp.
func (w *pen) moment(n protowire.Number, at civil.Instant) {
	t := at.Time()
	from := w.begin(n)
	w.int(1, t.Unix())
	w.int(2, int64(t.Nanosecond()))
	w.end(from)
}

// policy is a PolicyRef.
func (w *pen) policy(n protowire.Number, version, hash string) {
	from := w.begin(n)
	w.text(1, version)
	w.text(2, hash)
	w.end(from)
}

// whose writes the last fields, from n on.
func (w *pen) whose(n protowire.Number, t *Told) {
	w.text(n, t.Advice)
	w.text(n+1, t.AccountManager)
	w.text(n+2, t.CustomerName)
	w.text(n+3, t.Segment)
}

// reasons writes what Reasons makes.
func (w *pen) reasons(n protowire.Number, rs []tier.Reason) {
	for i := range rs {
		from := w.begin(n)
		w.reason(&rs[i])
		w.end(from)
	}
}

func (w *pen) reason(r *tier.Reason) {
	t := &r.Test
	tested := t.Op != ""
	known := tested && t.Known
	w.text(1, r.Code)
	if tested {
		w.param("op", t.Op)
		w.number("threshold", t.Threshold)
	}
	if known {
		w.number("value", t.Value)
	}
	for _, x := range r.Params {
		w.param(x.Name, x.Value)
	}
	w.text(3, t.Factor)
	if known {
		w.double(4, t.Value)
	}
	if tested {
		w.double(5, t.Threshold)
	}
	if known {
		w.double(6, r.Margin)
	}
	w.text(7, r.Text)
}

func (w *pen) param(name, value string) {
	from := w.begin(2)
	w.text(1, name)
	w.text(2, value)
	w.end(from)
}

func (w *pen) number(name string, value float64) {
	from := w.begin(2)
	w.text(1, name)
	w.presentBytes(2, strconv.AppendFloat(make([]byte, 0, 32), value, 'f', -1, 64))
	w.end(from)
}
