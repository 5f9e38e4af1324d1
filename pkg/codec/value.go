package codec

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/register"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// bucket is a ValueBucket.
func (w *pen) bucket(b *value.Bucket) {
	w.zigzag(1, int64(b.Day))
	w.int(2, b.Gross)
	w.int(3, b.Returns)
	w.int(4, int64(b.Orders))
	w.int(5, int64(b.ReturnCount))
	if b.Cost != 0 || b.Costed != 0 {
		w.presentZigzag(6, b.Cost)
		w.zigzag(7, b.Gross-b.Returns-b.Costed) // nothing where everything has a cost
	}
	w.zigzag(8, b.Back)
	if len(b.Categories) > 0 {
		from := w.begin(9)
		for _, c := range b.Categories {
			for _, n := range [...]int64{int64(c.Code), c.Net, c.Uncosted} {
				*w = protowire.AppendVarint(*w, protowire.EncodeZigZag(n))
			}
		}
		w.end(from)
	}
	if s := b.Service; s != nil {
		from := w.begin(10)
		for i, n := range serviceNumbers(s) {
			w.int(protowire.Number(i+1), n)
		}
		w.end(from)
	}
}

// serviceNumbers are those of a day's service, in the order of the message's fields.
func serviceNumbers(s *value.Service) [10]int64 {
	return [...]int64{int64(s.Contacts), int64(s.Complaints), int64(s.Visits), int64(s.Surveys), int64(s.Referrals), int64(s.Activities),
		s.Minutes, s.Unpriced, s.Cost, s.Answers}
}

func readBucket(p *pb.ValueBucket) value.Bucket {
	b := value.Bucket{Day: civil.Day(p.Day), Gross: p.Gross, Returns: p.Returns, Orders: p.Orders, ReturnCount: p.ReturnCount,
		Cost: p.GetCost(), Back: p.Back}
	if p.Cost != nil {
		b.Costed = b.Gross - b.Returns - p.Uncosted
	}
	for i := 0; i+2 < len(p.Categories); i += 3 {
		b.Categories = append(b.Categories, value.Category{Code: int32(p.Categories[i]), Net: p.Categories[i+1], Uncosted: p.Categories[i+2]})
	}
	if s := p.Service; s != nil {
		b.Service = &value.Service{Contacts: s.Contacts, Complaints: s.Complaints, Visits: s.Visits, Surveys: s.Surveys, Referrals: s.Referrals,
			Activities: s.Activities, Minutes: s.Minutes, Unpriced: s.Unpriced, Cost: s.Cost, Answers: s.Answers}
	}
	return b
}

// orderCategories is what the lines of an order say, by category. Amounts are without tax, and never below 0.
func orderCategories(lines []*pb.OrderLine) []register.Category {
	if len(lines) == 0 {
		return nil
	}
	out := make([]register.Category, 0, len(lines))
	for _, l := range lines {
		c := register.Category{Name: l.Category, Amount: max(0, l.AmountMinor-l.TaxMinor)}
		if l.CostMinor != nil {
			c.Cost, c.Costed = *l.CostMinor, c.Amount
		}
		out = append(out, c)
	}
	return register.Categorise(out)
}

// categories are field 12 of OrderDoc and OrderPatch.
func (w *pen) categories(list []register.Category) {
	for i := range list {
		c := &list[i]
		from := w.begin(12)
		w.text(1, c.Name)
		w.int(2, c.Amount)
		w.int(3, c.Cost)
		w.int(4, c.Costed)
		w.end(from)
	}
}

func readCategories(list []*pb.OrderCategory) (out []register.Category) {
	for _, c := range list {
		out = append(out, register.Category{Name: c.Name, Amount: c.Amount, Cost: c.Cost, Costed: c.Costed})
	}
	return out
}

// PartLine is one factor of the score of value. Raw and normalised are null where it isn't computable; the note says why, or that it is
// neutral.
type PartLine struct {
	Name       string       `json:"name"`
	Raw        figure.Micro `json:"raw"`
	Normalised figure.Micro `json:"normalised"`
	Weight     figure.Micro `json:"weight"`
	Points     figure.Micro `json:"points"`
	Note       *string      `json:"note"`
	Rank       string       `json:"rank,omitempty"` // among whom it is ranked: all, segment; absent: it goes by its curve
}

// MixLine is one category of what a customer buys.
type MixLine struct {
	Name  string       `json:"name"`
	Net   int64        `json:"net_minor"`
	Share figure.Micro `json:"share"`
	Drift figure.Micro `json:"drift"`
}

// ServiceLine is what a customer asked for and did in the window.
type ServiceLine struct {
	Contacts   int32        `json:"contacts"`
	Minutes    figure.Micro `json:"minutes"`
	Complaints int32        `json:"complaints"`
	Visits     int32        `json:"visits"`
	Surveys    int32        `json:"surveys"`
	Referrals  int32        `json:"referrals"`
	Activities int32        `json:"activities"`
}

// Report fills in what is shown beside the figures.
func (l *ValueLine) Report(r value.Report) {
	l.GrowthBase, l.CostOfGoods, l.Drift = r.Base.String(), money(r.CostOfGoods), r.Drift
	if r.HasNextOrder {
		l.NextOrderDue = word(r.NextOrder.String())
	}
	for _, p := range r.Parts {
		l.Factors = append(l.Factors, PartLine{p.Name, p.Raw, p.Normalised, p.Weight, p.Points, word(p.Note()), p.Rank.String()})
	}
	for _, m := range r.Categories {
		l.Categories = append(l.Categories, MixLine{m.Name, m.Net, m.Share, m.Drift})
	}
	s := r.Service
	l.Service = ServiceLine{s.Contacts, figure.Div(s.Minutes, 1000), s.Complaints, s.Visits, s.Surveys, s.Referrals, s.Activities}
}

// word is a text; empty: null.
func word(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// EngagementSlot is the events of one day that were taken, as numbers that tell them apart, ascending.
type EngagementSlot struct{ Seen []uint64 }

// AppendEngagementSlot appends what Redis holds of a slot; nothing where there is nothing in it.
func AppendEngagementSlot(b []byte, s *EngagementSlot) []byte {
	w := pen(b)
	if s == nil || len(s.Seen) == 0 {
		return w
	}
	w.tag(1, protowire.BytesType)
	w = protowire.AppendVarint(w, uint64(8*len(s.Seen)))
	for _, n := range s.Seen {
		w = protowire.AppendFixed64(w, n)
	}
	return w
}

// ReadEngagementSlot reads what AppendEngagementSlot wrote.
func ReadEngagementSlot(b []byte) (s EngagementSlot, err error) {
	p := &pb.EngagementSlot{}
	if err := proto.Unmarshal(b, p); err != nil {
		return s, err
	}
	s.Seen = p.Seen
	return s, nil
}
