package credit_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/fx"
)

// mix is a trade in which few ids are used again and again, by several systems, and much comes late.
type mix struct {
	*rand.Rand
	ids, back, terms int // ids; days that a document may be late; days to pay
	sources          []string
	named, rare      int // in 20: payments that name something; documents of other kinds
	rates            []fx.Rate
	wide             bool // ids of documents go up
	n                int
	day              civil.Day
	docs             []document // that there are
	kinds            []int      // of the other kinds
}

func newMix(r *rand.Rand, abroad bool) *mix {
	m := &mix{Rand: r, ids: []int{3, 5, 9, 20, 40}[r.IntN(5)], back: []int{0, 2, 6, 14}[r.IntN(4)], terms: []int{1, 4, 12}[r.IntN(3)],
		sources: [][]string{{""}, {""}, {"", "", "", "a"}, {"a", "b", "c"}}[r.IntN(4)], named: []int{2, 5, 12}[r.IntN(3)], rare: []int{0, 1, 3, 8}[r.IntN(4)],
		rates: []fx.Rate{{}}, wide: r.IntN(2) == 0, day: 20}
	m.kinds = [][]int{{0, 0, 1, 1, 2, 2, 3, 4, 5}, {1}, {0}, {2}, {0, 1, 2}, {1, 2}}[r.IntN(6)]
	if abroad {
		m.rates = []fx.Rate{rate("EUR", "3"), rate("EUR", "2")}
	}
	return m
}

func (m *mix) in(of int) bool  { return m.IntN(20) < of }
func (m *mix) one(of int) bool { return m.IntN(of) == 0 }
func (m *mix) source() string  { return m.sources[m.IntN(len(m.sources))] }
func (m *mix) amount() int64   { return int64(m.IntN(8)) * int64(10-5*(m.IntN(6)/5)) }
func (m *mix) rate() fx.Rate   { return m.rates[m.IntN(len(m.rates))] }
func (m *mix) id() string {
	if m.wide {
		return fmt.Sprint("D", max(0, m.n-m.IntN(m.ids)))
	}
	return fmt.Sprint("D", m.IntN(m.ids))
}
func (m *mix) fresh(prefix string) string {
	if m.wide {
		return fmt.Sprint(prefix, m.IntN(3), m.n)
	}
	return fmt.Sprint(prefix, m.IntN(m.ids))
}
func (m *mix) item() string {
	if m.wide {
		return fmt.Sprint("D", m.n)
	}
	return m.id()
}

// other is a document that is there, one of the last as a rule.
func (m *mix) other() document {
	if len(m.docs) == 0 {
		return nil
	}
	if m.one(2) {
		return m.docs[len(m.docs)-1-m.IntN(min(6, len(m.docs)))]
	}
	return m.docs[m.IntN(len(m.docs))]
}

func (m *mix) document() document {
	m.n++
	day := m.day
	if m.one(2) {
		day -= civil.Day(m.IntN(m.back + 1))
	}
	source := m.source()
	if m.in(m.rare) {
		switch m.kinds[m.IntN(len(m.kinds))] {
		case 0:
			x := credit.Return{Source: source, ID: m.fresh("R"), Day: day, Amount: m.amount(), Currency: m.rates[0].Code}
			if m.one(3) {
				x.InvoiceID = m.id()
			} else {
				x.OrderID = m.id()
			}
			if d, ok := m.other().(credit.Order); ok {
				x.OrderID, x.InvoiceID = d.ID, ""
			}
			return x
		case 2:
			return credit.Adjustment{Source: source, ID: m.fresh("N"), InvoiceID: m.id(), Kind: credit.AdjustmentKind(1 + m.IntN(7)), Day: day, Amount: m.amount(), Rate: m.rate(), HasDue: m.one(2), Due: day + 2}
		case 1:
			x := credit.Refund{Source: source, ID: m.fresh("F"), PaymentID: m.fresh("P"), PaymentSource: m.source(), Day: day, Amount: m.amount(), Currency: m.rates[0].Code}
			if p, ok := m.other().(credit.Payment); ok {
				x.PaymentID, x.PaymentSource = p.ID, p.Source
			}
			return x
		case 3:
			return credit.Dispute{Source: source, ID: m.id(), Amount: m.amount(), Currency: m.rates[0].Code}
		case 4:
			return credit.Promise{Source: source, ID: m.id(), Day: day, By: day + civil.Day(m.IntN(5)), Amount: m.amount(), Currency: m.rates[0].Code}
		default:
			return credit.Order{Source: source, ID: m.item(), Day: day, Amount: m.amount(), InvoiceExpected: true, Credit: m.one(2), Due: day + 3, Rate: m.rate()}
		}
	}
	switch m.IntN(12) {
	case 0, 1, 2, 3:
		o := credit.Order{Source: source, ID: m.item(), Day: day, Amount: m.amount(), Credit: !m.one(9), Due: day + civil.Day(m.IntN(m.terms+1)), Rate: m.rate()}
		if m.one(14) {
			o.HasOld, o.OldDue = true, o.Due-1
		}
		switch m.IntN(30) {
		case 0:
			o.Standing = credit.Gone
		case 1:
			o.Standing = credit.Awaited
		}
		return o
	case 4, 5:
		i := credit.Invoice{Source: source, ID: m.item(), Day: day, Amount: m.amount(), HasDue: !m.one(4), Due: day + civil.Day(m.IntN(m.terms+1)), Rate: m.rate()}
		if m.one(10) {
			i.Orders = []credit.Share{{OrderID: m.id(), Amount: m.amount()}}
		}
		if m.one(12) {
			i.Standing = credit.Gone
		}
		if m.one(12) {
			i.Old = []credit.OldDue{{On: day - 2, Due: day - civil.Day(m.IntN(3)), HasDue: m.one(2)}}
		}
		return i
	}
	p := credit.Payment{Source: source, ID: m.fresh("P"), ValueDay: day, Amount: max(1, m.amount()+int64(m.IntN(2))), Rate: m.rate()}
	if p.Amount > 0 && m.one(9) {
		p.Bill, p.Matures = true, day+civil.Day(m.IntN(9))
	}
	if m.in(m.named) {
		for range 1 + m.IntN(8)/7 {
			a := credit.Allocation{Ref: credit.Ref{Invoice: m.one(3), ID: m.id()}}
			if m.one(6) {
				a.Amount = max(5, p.Amount-int64(m.IntN(3)/2*10)+int64(m.IntN(4)/3*20))
			}
			if m.one(20) {
				a.Discount = 5
			}
			p.Allocations = append(p.Allocations, a)
		}
	}
	return p
}

// again is another state of a document.
func (m *mix) again(was document) document {
	day := func(d civil.Day) civil.Day {
		if m.one(2) {
			return d
		}
		return d + civil.Day(m.IntN(5)) - 2
	}
	switch d := was.(type) {
	case credit.Order:
		switch m.IntN(6) {
		case 0:
			d.Credit = !d.Credit
		case 1:
			d.Standing = credit.Standing(m.IntN(3))
		case 2:
			d.Day, d.Due = day(d.Day), day(d.Due)
		case 3:
			d.InvoiceExpected = !d.InvoiceExpected
		default:
			d.Amount = m.amount()
		}
		return d
	case credit.Invoice:
		switch m.IntN(5) {
		case 0:
			d.Standing = credit.Gone - d.Standing
		case 1:
			d.Day, d.Due = day(d.Day), day(d.Due)
		case 2:
			d.HasDue = !d.HasDue
		case 3:
			d.Rate = m.rate()
		default:
			d.Amount = m.amount()
		}
		return d
	case credit.Payment:
		switch m.IntN(6) {
		case 0:
			d.ValueDay = day(d.ValueDay)
		case 1:
			d.Allocations = nil
		case 2:
			d.Allocations = []credit.Allocation{{Ref: credit.Ref{ID: m.id(), Invoice: m.one(3)}}}
		case 3:
			d.Bill, d.Matures = !d.Bill && d.Amount > 0, d.ValueDay+3
		default:
			d.Amount = 1 + m.amount()
		}
		return d
	case credit.Return:
		d.Amount = m.amount()
		return d
	case credit.Refund:
		d.Amount, d.Day = m.amount(), day(d.Day)
		return d
	case credit.Adjustment:
		d.Amount, d.Day = m.amount(), day(d.Day)
		return d
	case credit.Dispute:
		d.Amount = m.amount()
		return d
	}
	return was
}

// next changes some documents, and says which.
func (m *mix) next(docs []document) (_, touched []document) {
	for range 1 + m.IntN(3)*m.IntN(3) {
		m.docs = docs
		switch at := m.IntN(3 * (1 + len(docs))); {
		case at < len(docs)/2:
			touched = append(touched, docs[at])
			docs = slices.Delete(docs, at, at+1)
		case at < len(docs)+len(docs)/2:
			at = m.IntN(len(docs))
			touched = append(touched, docs[at])
			docs[at] = m.again(docs[at])
			touched = append(touched, docs[at])
		default:
			d := m.document()
			docs = slices.DeleteFunc(docs, func(x document) bool {
				if same(x, d) {
					touched = append(touched, x)
				}
				return same(x, d)
			})
			docs, touched = append(docs, d), append(touched, d)
		}
	}
	return docs, touched
}

func mixes(seed uint64, changes int) (followed int, wrong string) {
	r := rand.New(rand.NewPCG(seed, 77))
	abroad := r.IntN(6) == 0
	m := newMix(r, abroad)
	cfg := credit.Config{WindowDays: 9, PromptnessDays: 9, DSODays: 9, Hold: r.IntN(60) == 0, Tolerance: int64(r.IntN(60) / 59 * 15), Forgive: r.IntN(2) == 0}
	var docs []document
	for range m.IntN(2) * m.IntN(30) {
		d := m.document()
		if !slices.ContainsFunc(docs, func(x document) bool { return same(x, d) }) {
			docs = append(docs, d)
		}
	}
	b := bookOf(docs)
	j := credit.NewJournal(&b, cfg)
	days := 1 + r.IntN(8)
	for range changes {
		if r.IntN(days) == 0 {
			m.day++
		}
		var touched []document
		docs, touched = m.next(docs)
		b := bookOf(shuffled(r, docs))
		if !j.Rewrite(shuffled(r, changesOf(touched, shuffled(r, docs)))) {
			followed += j.Followed()
			j = credit.NewJournal(&b, cfg)
		}
		j.Wipe()
		want := credit.PlainSettle(b, cfg)
		if abroad { // the journal's own amounts
			want = credit.NewJournal(&b, cfg).Ledger()
		}
		if got := j.Ledger(); !reflect.DeepEqual(got, want) {
			return 0, fmt.Sprintf("touched %+v\nchanges %+v of\n%s\n got %+v\nwant %+v", touched, changesOf(touched, docs), lines(docs), got, want)
		}
	}
	followed += j.Followed()
	return followed, undone(j, docs, cfg)
}

func lines(docs []document) string {
	var b strings.Builder
	for _, d := range docs {
		fmt.Fprintf(&b, "%T%+v\n", d, d)
	}
	return b.String()
}

// Few ids, several systems, documents of all kinds, and much that comes late.
func TestWhereMoneyGoesInAMix(t *testing.T) {
	trades(t, books/2, func(seed uint64) int { return 5 + int(seed*7%60) }, mixes)
}
