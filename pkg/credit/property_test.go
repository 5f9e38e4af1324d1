package credit_test

import (
	"cmp"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
)

var (
	sources = rapid.SampledFrom([]string{"", "", "", "erp"})
	days    = rapid.Map(rapid.IntRange(0, 12), func(n int) civil.Day { return civil.Day(n) })
	amounts = rapid.Map(rapid.IntRange(0, 12), func(n int) int64 { return int64(n) * 10 })
	orderID = rapid.SampledFrom([]string{"SO1", "SO2", "SO3", "SO4", "SO5", "SO6"})
	anyID   = rapid.SampledFrom([]string{"SO1", "SO2", "SO3", "SO4", "SO5", "SO6", "I1", "I2", "I3"})
	config2 = rapid.Custom(func(t *rapid.T) credit.Config {
		return credit.Config{
			WindowDays: rapid.IntRange(1, 8).Draw(t, "window"), PromptnessDays: rapid.IntRange(1, 8).Draw(t, "promptness"),
			DSODays: rapid.IntRange(1, 8).Draw(t, "dso"), Tolerance: rapid.SampledFrom([]int64{0, 0, 0, 15}).Draw(t, "tolerance"),
			Hold: rapid.IntRange(0, 3).Draw(t, "hold") == 0, Forgive: rapid.Bool().Draw(t, "forgive"),
		}
	})
)

// document is a document of any kind.
type document any

func drawDocument(t *rapid.T, kinds []string) document {
	source, day, amount := sources.Draw(t, "source"), days.Draw(t, "day"), amounts.Draw(t, "amount")
	switch rapid.SampledFrom(kinds).Draw(t, "kind") {
	case "order":
		o := credit.Order{Source: source, ID: orderID.Draw(t, "id"), Day: day, Amount: amount, Due: day}
		o.Standing = rapid.SampledFrom([]credit.Standing{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, credit.Awaited, credit.Gone}).Draw(t, "standing")
		terms := rapid.IntRange(0, 9).Draw(t, "terms")
		o.InvoiceExpected = terms > 6
		if terms > 1 && terms < 9 {
			o.Credit, o.Due = true, day+days.Draw(t, "terms in days")
			if o.HasOld = rapid.IntRange(0, 5).Draw(t, "extended") == 0; o.HasOld {
				o.OldDue = o.Due - days.Draw(t, "by")
			}
		}
		return o
	case "invoice":
		i := credit.Invoice{Source: source, ID: rapid.SampledFrom([]string{"I1", "I2", "I3", "SO1"}).Draw(t, "id"), Day: day, Amount: amount}
		i.Standing = rapid.SampledFrom([]credit.Standing{0, 0, 0, 0, 0, 0, 0, credit.Gone}).Draw(t, "standing")
		i.HasDue = rapid.Bool().Draw(t, "has due")
		i.Due = day + days.Draw(t, "due")
		for range rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "old") {
			on := days.Draw(t, "given on")
			i.Old = append(i.Old, credit.OldDue{On: on, Due: on + days.Draw(t, "old due"), HasDue: rapid.Bool().Draw(t, "had due")})
		}
		for range rapid.IntRange(0, 2).Draw(t, "orders") {
			i.Orders = append(i.Orders, credit.Share{OrderID: orderID.Draw(t, "order"), Amount: amounts.Draw(t, "share")})
		}
		return i
	case "return":
		r := credit.Return{Source: source, ID: rapid.SampledFrom([]string{"R1", "R2"}).Draw(t, "id"), Day: day, Amount: amount}
		switch rapid.IntRange(0, 5).Draw(t, "linked") {
		case 0:
		case 1:
			r.InvoiceID = anyID.Draw(t, "invoice")
		case 2:
			r.OrderID, r.InvoiceID = orderID.Draw(t, "order"), anyID.Draw(t, "invoice")
		default:
			r.OrderID = orderID.Draw(t, "order")
		}
		return r
	case "note":
		n := credit.Adjustment{Source: source, ID: rapid.SampledFrom([]string{"A1", "A2", "A3"}).Draw(t, "id"), Day: day, Amount: amount,
			InvoiceID: rapid.SampledFrom([]string{"I1", "I1", "I2", "I3", "SO1", "SO2", "SO3"}).Draw(t, "of"),
			Kind:      credit.AdjustmentKind(rapid.IntRange(1, 7).Draw(t, "what"))}
		n.HasDue, n.Due = rapid.Bool().Draw(t, "has due"), day+days.Draw(t, "due")
		return n
	case "dispute":
		return credit.Dispute{Source: source, ID: rapid.SampledFrom([]string{"I1", "I2", "SO1", "SO2"}).Draw(t, "of"), Amount: amount}
	case "promise":
		return credit.Promise{Source: source, ID: rapid.SampledFrom([]string{"I1", "I2", "SO1", "SO2"}).Draw(t, "of"), Amount: amount,
			Day: day, By: day + days.Draw(t, "by")}
	case "refund":
		return credit.Refund{Source: source, ID: rapid.SampledFrom([]string{"F1", "F2"}).Draw(t, "id"), Day: day, Amount: amount,
			PaymentID: paymentID.Draw(t, "payment"), PaymentSource: sources.Draw(t, "payment source")}
	}
	p := credit.Payment{Source: source, ID: paymentID.Draw(t, "id"), ValueDay: day, Amount: amount + 5}
	if p.Bill = rapid.IntRange(0, 3).Draw(t, "bill") == 0; p.Bill {
		p.Matures = day + days.Draw(t, "matures")
	}
	for range rapid.SampledFrom([]int{0, 0, 1, 1, 2}).Draw(t, "allocations") {
		p.Allocations = append(p.Allocations, credit.Allocation{
			Ref:    credit.Ref{Invoice: rapid.Bool().Draw(t, "invoice"), ID: anyID.Draw(t, "names")},
			Amount: rapid.SampledFrom([]int64{0, 0, 10, 40, 60}).Draw(t, "most"), Discount: rapid.SampledFrom([]int64{0, 0, 0, 0, 5}).Draw(t, "discount"),
		})
	}
	return p
}

var paymentID = rapid.SampledFrom([]string{"P1", "P2", "P3", "P4", "P5"})

// drawDocuments has each document once.
func drawDocuments(t *rapid.T, kinds ...string) (out []document) {
	type key struct{ kind, source, id string }
	seen := map[key]bool{}
	for range rapid.IntRange(0, 14).Draw(t, "documents") {
		d := drawDocument(t, kinds)
		v := reflect.ValueOf(d)
		k := key{v.Type().Name(), v.FieldByName("Source").String(), v.FieldByName("ID").String()}
		if n, ok := d.(credit.Adjustment); ok {
			k.kind += n.InvoiceID // each is its own within its invoice
		}
		if !seen[k] {
			seen[k] = true
			out = append(out, d)
		}
	}
	return out
}

func add(b *credit.Book, d document) {
	switch d := d.(type) {
	case credit.Order:
		b.Orders = append(b.Orders, d)
	case credit.Invoice:
		b.Invoices = append(b.Invoices, d)
	case credit.Return:
		b.Returns = append(b.Returns, d)
	case credit.Payment:
		b.Payments = append(b.Payments, d)
	case credit.Refund:
		b.Refunds = append(b.Refunds, d)
	case credit.Adjustment:
		b.Adjustments = append(b.Adjustments, d)
	case credit.Dispute:
		b.Disputes = append(b.Disputes, d)
	case credit.Promise:
		b.Promises = append(b.Promises, d)
	case civil.Day:
		b.Failures = append(b.Failures, d)
	}
}

func bookOf(docs []document) (b credit.Book) {
	for _, d := range docs {
		add(&b, d)
	}
	return b
}

var allKinds = []string{"order", "order", "order", "invoice", "note", "note", "dispute", "promise", "return", "payment", "payment", "refund"}

func TestOrderOfDocumentsIsIrrelevant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		docs, cfg := drawDocuments(t, allKinds...), config2.Draw(t, "config")
		want := credit.Settle(bookOf(docs), cfg)
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)).Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
		if got := credit.Settle(bookOf(docs), cfg); !reflect.DeepEqual(got, want) {
			t.Fatalf("shuffled:\n%+v\nwant\n%+v", got, want)
		}
	})
}

func TestAgeingAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := config2.Draw(t, "config")
		l := credit.Settle(bookOf(drawDocuments(t, allKinds...)), cfg)
		today := civil.Day(rapid.IntRange(-5, 150).Draw(t, "today"))
		f, bills := l.Figures(cfg, today), int64(0)
		for _, b := range l.Bills {
			if today < b.Matures {
				bills += b.Amount
			}
		}
		a := f.Ageing
		if late := a.D1To30 + a.D31To60 + a.D61To90 + a.D90Plus; a.Current+late != f.Open || late != f.Overdue || (f.MaxDaysOverdue > 0) != (late > 0) {
			t.Fatalf("%+v", f)
		}
		if f.Exposure != f.Commitments+f.Open+bills-f.Unapplied || f.Open < 0 || f.Unapplied < 0 || f.Commitments < 0 {
			t.Fatalf("%+v", f)
		}
		if g := f.Graded(); f.Disputed < 0 || f.Disputed > f.Open || g.Overdue > f.Overdue || g.Overdue < f.Overdue-f.Disputed || g.MaxDaysOverdue > f.MaxDaysOverdue {
			t.Fatalf("%+v", f)
		}
		if f.SettledLate > f.Settled || f.OnTimeRate.Known && (f.OnTimeRate.Float() < 0 || f.OnTimeRate.Float() > 1) ||
			f.Promptness.Known && (f.Promptness.Float() < 1 || f.Promptness.Float() > 100) {
			t.Fatalf("%+v", f)
		}
	})
}

// Money settles portions, stays unapplied, was named for a cash order, or went back: nothing is lost or made.
func TestNoMoneyIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kinds := allKinds
		if rapid.Bool().Draw(t, "without refunds") {
			kinds = kinds[:len(kinds)-1]
		}
		b := bookOf(drawDocuments(t, kinds...))
		b.Adjustments = slices.DeleteFunc(b.Adjustments, func(a credit.Adjustment) bool { return a.Kind == credit.Netting || a.Kind == credit.WriteOff })
		came, refunded, cash := int64(0), int64(0), false
		for _, p := range b.Payments {
			came += p.Amount
			cash = cash || len(p.Allocations) > 0
		}
		for _, r := range b.Refunds {
			refunded += r.Amount
		}
		cash = cash && slices.ContainsFunc(b.Orders, func(o credit.Order) bool { return !o.OnCredit() })
		l := credit.Settle(b, credit.Config{})
		stayed := int64(0)
		for _, p := range l.Portions {
			stayed += p.Amount
		}
		for _, m := range l.Money {
			stayed += m.Left
		}
		if !cash && came-min(refunded, came) > stayed || came < stayed || !cash && refunded == 0 && came != stayed {
			t.Fatalf("%d came, up to %d went back, %d stayed: %+v", came, refunded, stayed, l)
		}
	})
}

// What is owed was settled, or is open.
func TestItemsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := bookOf(drawDocuments(t, "order", "order", "return", "payment", "refund"))
		for i := range b.Payments {
			for j := range b.Payments[i].Allocations {
				b.Payments[i].Allocations[j].Discount = 0
			}
		}
		l := credit.Settle(b, credit.Config{})
		sold, paid, left := int64(0), int64(0), int64(0)
		for _, s := range l.Sales {
			sold += s.Amount
		}
		for _, p := range l.Portions {
			paid += p.Amount
		}
		for _, i := range l.Items {
			left += i.Left
		}
		if sold != paid+left {
			t.Fatalf("sold %d, paid %d, left %d", sold, paid, left)
		}
	})
}

func TestPruneKeepsFigures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := config2.Draw(t, "config")
		b := bookOf(drawDocuments(t, allKinds...))
		b.Failures = rapid.SliceOfN(days, 0, 3).Draw(t, "failures")
		l := credit.Settle(b, cfg)
		today := civil.Day(rapid.IntRange(0, 130).Draw(t, "today"))
		p := l.Clone()
		p.Prune(cfg, today)
		for d := today; d < today+40; d++ {
			if got, want := p.Figures(cfg, d), l.Figures(cfg, d); got != want {
				t.Fatalf("day %d: %+v, want %+v", d, got, want)
			}
		}
	})
}

// nextDay is the next day on which something changes, where silence is judged as many days behind as bookings may take.
func nextDay(l *credit.Ledger, cfg credit.Config, d credit.Drift, today civil.Day) (civil.Day, bool) {
	lag := civil.Day(cfg.Scoring.LagDays)
	day, ok := l.NextDay(cfg, d, today)
	if judged, known := l.NextSilence(cfg, d, today-lag); known && (!ok || judged+lag < day) {
		return judged + lag, true
	}
	return day, ok
}

// Between today and the next day nothing moves that the policy looks at.
func TestNothingMovesBeforeNextDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := config2.Draw(t, "config")
		b := bookOf(drawDocuments(t, allKinds...))
		b.Failures = rapid.SliceOfN(days, 0, 3).Draw(t, "failures")
		l := credit.Settle(b, cfg)
		looks := rapid.Custom(func(t *rapid.T) bool { return rapid.IntRange(0, 3).Draw(t, "looks") == 0 })
		if rapid.Bool().Draw(t, "scored") {
			cfg.Scoring = drawnScoring(t)
			cfg.Scoring.LagDays = rapid.IntRange(0, 3).Draw(t, "lag")
			cfg.Scoring.Caps = append(cfg.Scoring.Caps, credit.Cap{Kind: credit.CapOverdue, Days: rapid.Int64Range(0, 20).Draw(t, "cap"), Grade: 9})
		}
		drift := credit.Drift{Counts: looks.Draw(t, "counts"), Promptness: looks.Draw(t, "promptness"), DSO: looks.Draw(t, "dso"), Warnings: looks.Draw(t, "warnings"), Score: looks.Draw(t, "score"),
			OverdueDays: rapid.SliceOfN(rapid.Int64Range(0, 40), 0, 2).Draw(t, "overdue days"),
			Judged:      looks.Draw(t, "judged"), JudgedDays: rapid.SliceOfN(rapid.Int64Range(0, 40), 0, 2).Draw(t, "judged days")}
		if !looks.Draw(t, "without a lag") {
			cfg.Scoring.LagDays = rapid.IntRange(0, 5).Draw(t, "booking lag")
		}
		today := civil.Day(rapid.IntRange(-3, 130).Draw(t, "today"))
		next, ok := nextDay(&l, cfg, drift, today)
		if ok && next <= today {
			t.Fatalf("next day %d is not after %d", next, today)
		}
		if !ok {
			next = today + 400
		}
		on := func(d civil.Day) []any {
			f, s := l.Rate(cfg, credit.Profile{}, d, d-civil.Day(cfg.Scoring.LagDays))
			return append(seen(f, l.Judged(d-civil.Day(cfg.Scoring.LagDays)), drift), silence(s, f, drift, cfg.Scoring.ThinItems > 0)...)
		}
		before := on(today)
		for d := today + 1; d < next; d++ {
			if now := on(d); !reflect.DeepEqual(now, before) {
				t.Fatalf("day %d has %+v, day %d had %+v, next is %d", d, now, today, before, next)
			}
		}
	})
}

// silence is what always moves at its moment of a score, and the rest where the policy looks at it.
func silence(s credit.Score, f credit.Figures, d credit.Drift, thin bool) []any {
	if d.Score {
		return []any{s, f.RecentDays, f.HabitDays}
	}
	overdue := s.Factors[credit.OverdueNow].Raw
	if thin { // the portfolio's share has a part in it, which grows as settled items roll off: nobody looks at that
		overdue = figure.Of(int64(cmp.Compare(overdue.Millionths, 0)))
	}
	return []any{overdue, s.Warnings & credit.LongOverdue}
}

// seen is what a policy sees of the figures.
func seen(f credit.Figures, j credit.Judged, d credit.Drift) []any {
	out := []any{f.Open, f.Overdue, f.Ageing, f.Unapplied, f.Exposure, f.Disputed, f.PartPayments}
	for _, n := range d.OverdueDays {
		out = append(out, f.MaxDaysOverdue > n, f.MaxDaysOverdue >= n, f.MaxDaysOverdue == n)
	}
	for _, n := range d.JudgedDays {
		out = append(out, j.MaxDaysOverdue > n, j.MaxDaysOverdue >= n, j.MaxDaysOverdue == n)
	}
	if d.Judged {
		out = append(out, j.Overdue)
	}
	if d.Counts {
		out = append(out, f.Settled, f.SettledLate, f.OnTimeRate, f.MeanDaysBeyondTerms)
	}
	if d.Promptness {
		out = append(out, f.Promptness)
	}
	if d.Warnings {
		out = append(out, f.FailedPayments, f.BrokenPromises)
	}
	if d.DSO {
		out = append(out, f.DSO)
	}
	return out
}

// What is judged is what is overdue, as it was a booking lag ago: never more, and the same without a lag. The oldest items
// are those that are overdue longest.
func TestJudged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := config2.Draw(t, "config")
		l := credit.Settle(bookOf(drawDocuments(t, allKinds...)), cfg)
		today := civil.Day(rapid.IntRange(-3, 130).Draw(t, "today"))
		f, now := l.Figures(cfg, today), l.Judged(today)
		if g := f.Graded(); now.Overdue != g.Overdue || now.MaxDaysOverdue != g.MaxDaysOverdue {
			t.Fatalf("judged without a lag: %+v, the figures: %+v", now, f)
		}
		judged := today - civil.Day(rapid.IntRange(1, 40).Draw(t, "days back"))
		if j, then := l.Judged(judged), gradedOn(&l, cfg, judged); j.Overdue != then.Overdue || j.MaxDaysOverdue != then.MaxDaysOverdue {
			t.Fatalf("judged as of day %d: %+v, the figures of then: %+v", judged, j, then)
		}
		most := rapid.IntRange(0, 4).Draw(t, "most")
		oldest, sum := l.Oldest(nil, today, most), int64(0)
		for i, item := range oldest {
			sum += item.Left - item.Disputed
			if today <= item.Due || i == 0 && int64(today-item.Due) != f.Graded().MaxDaysOverdue || i > 0 && item.Due < oldest[i-1].Due {
				t.Fatalf("%+v on day %d", oldest, today)
			}
		}
		if len(oldest) > most || len(oldest) < most && sum != f.Graded().Overdue {
			t.Fatalf("%+v are not %d of %d overdue", oldest, most, f.Overdue)
		}
	})
}

func gradedOn(l *credit.Ledger, cfg credit.Config, d civil.Day) credit.Graded {
	f := l.Figures(cfg, d)
	return f.Graded()
}
