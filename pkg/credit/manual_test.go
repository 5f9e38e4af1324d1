package credit_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
)

const manual = "../../docs/credit.md"

var config = credit.Config{WindowDays: 365, PromptnessDays: 730, DSODays: 365}

// The manual's examples are accounts: documents, each with its day, then the figures of some days. Every one is played
// here, and fails where the manual says otherwise.
func TestManual(t *testing.T) {
	text, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	title, played := "", 0
	for i, part := range strings.Split(string(text), "```") {
		if i%2 == 1 {
			body, ok := strings.CutPrefix(part, "account\n")
			if !ok {
				t.Errorf("%s: a block that is no account", title)
				continue
			}
			played++
			t.Run(title, func(t *testing.T) { play(t, body) })
			continue
		}
		for line := range strings.SplitSeq(part, "\n") {
			if strings.HasPrefix(line, "#") {
				title = strings.Trim(line, "# ")
			}
		}
	}
	if played < 20 {
		t.Errorf("the manual has %d examples, fewer than there are rules", played)
	}
}

// The curve in the manual is the one in the code, and points between two knots lie on the line.
func TestManualCurve(t *testing.T) {
	text, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| (-?\d+) \| (\d+) \|$`).FindAllStringSubmatch(string(text), -1)
	if len(rows) != 10 {
		t.Fatalf("the manual's curve has %d knots, want 10", len(rows))
	}
	for _, r := range rows {
		play(t, fmt.Sprintf("0 order SO1 100 due 50\n%d payment P1 100\nday 400: promptness %s", 50+number(t, r[1]), r[2]))
	}
}

func play(t *testing.T, text string) {
	t.Helper()
	var b credit.Book
	var p credit.Profile
	cfg := config
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		if rest, ok := strings.CutPrefix(line, "day "); ok {
			check(t, b, cfg, p, rest)
			continue
		}
		if said(t, line, &p) {
			continue
		}
		switch rest, ok := strings.CutPrefix(line, "tolerance "); {
		case ok:
			cfg.Tolerance = number(t, rest)
		case line == "unallocated hold":
			cfg.Hold = true
		case line == "extensions forgive":
			cfg.Forgive = true
		default:
			enterIn(t, &b, line)
		}
	}
}

func number(t *testing.T, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// enterIn reads a document that may be in another currency: in EUR at 7.85.
func enterIn(t *testing.T, b *credit.Book, line string) {
	t.Helper()
	line, currency, foreign := strings.Cut(line, " in ")
	if !foreign {
		enter(t, b, strings.Fields(line))
		return
	}
	var one credit.Book
	enter(t, &one, strings.Fields(line))
	code, decimal, _ := strings.Cut(currency, " at ")
	for _, x := range documentsOf(one) {
		add(b, in(x, rate(code, decimal)))
	}
}

// enter reads a document: day, kind, id, amount, and what belongs to the kind. An id may have its source: P1@bank.
func enter(t *testing.T, b *credit.Book, f []string) {
	t.Helper()
	day, amount, more := civil.Day(number(t, f[0])), number(t, f[3]), f[4:]
	id, source, _ := strings.Cut(f[2], "@")
	switch f[1] {
	case "order":
		o := credit.Order{Source: source, ID: id, Day: day, Due: day, Amount: amount}
		for i, w := range more {
			switch w {
			case "due":
				o.Credit, o.Due = true, civil.Day(number(t, more[i+1]))
			case "expected":
				o.InvoiceExpected = true
			case "old":
				o.HasOld, o.OldDue = true, civil.Day(number(t, more[i+1]))
			case "amended":
				o.Standing = credit.Awaited
			case "cancelled":
				o.Standing = credit.Gone
			}
		}
		b.Orders = append(b.Orders, o)
	case "invoice":
		i := credit.Invoice{Source: source, ID: id, Day: day, Amount: amount}
		for n, w := range more {
			switch w {
			case "due":
				i.HasDue, i.Due = true, civil.Day(number(t, more[n+1]))
			case "for":
				i.Orders = shares(t, more[n+1:])
			case "old":
				due, on, _ := strings.Cut(more[n+1], "@")
				d := credit.OldDue{On: civil.Day(number(t, on)), HasDue: due != "none"}
				if d.HasDue {
					d.Due = civil.Day(number(t, due))
				}
				i.Old = append(i.Old, d)
			case "void":
				i.Standing = credit.Gone
			}
		}
		b.Invoices = append(b.Invoices, i)
	case "return":
		r := credit.Return{Source: source, ID: id, Day: day, Amount: amount}
		for n, w := range more {
			switch w {
			case "order":
				r.OrderID = more[n+1]
			case "invoice":
				r.InvoiceID = more[n+1]
			}
		}
		b.Returns = append(b.Returns, r)
	case "failed":
		b.Failures = append(b.Failures, day)
	case "promise":
		b.Promises = append(b.Promises, credit.Promise{Source: source, ID: id, Day: day, Amount: amount, By: civil.Day(number(t, more[1]))})
	case "dispute":
		b.Disputes = append(b.Disputes, credit.Dispute{Source: source, ID: id, Amount: amount})
	case "payment":
		p := credit.Payment{Source: source, ID: id, ValueDay: day, Amount: amount}
		if len(more) > 1 && more[0] == "matures" {
			p.Bill, p.Matures, more = true, civil.Day(number(t, more[1])), more[2:]
		}
		p.Allocations = allocations(t, more)
		b.Payments = append(b.Payments, p)
	case "refund":
		payment, from, _ := strings.Cut(more[len(more)-1], "@")
		b.Refunds = append(b.Refunds, credit.Refund{Source: source, ID: id, PaymentID: payment, PaymentSource: from, Day: day, Amount: amount})
	default:
		kind, ok := adjustments[f[1]]
		if !ok {
			t.Fatalf("unknown document %v", f)
		}
		a := credit.Adjustment{Source: source, ID: id, InvoiceID: more[1], Kind: kind, Day: day, Amount: amount}
		if len(more) > 2 {
			a.HasDue, a.Due = true, civil.Day(number(t, more[3]))
		}
		b.Adjustments = append(b.Adjustments, a)
	}
}

var adjustments = map[string]credit.AdjustmentKind{
	"opening": credit.Opening, "debit-note": credit.DebitNote, "credit-note": credit.CreditNote, "write-off": credit.WriteOff,
	"recovery": credit.Recovery, "netting": credit.Netting, "rounding": credit.Rounding,
}

func shares(t *testing.T, words []string) (out []credit.Share) {
	for _, w := range words {
		id, amount, some := strings.Cut(w, ":")
		s := credit.Share{OrderID: id}
		if some {
			s.Amount = number(t, amount)
		}
		out = append(out, s)
	}
	return out
}

// allocations reads what a payment names: for SO1:60 invoice I1 SO2:98-2, the last with a discount.
func allocations(t *testing.T, words []string) (out []credit.Allocation) {
	invoice := false
	for _, w := range words {
		if w == "for" || w == "invoice" {
			invoice = w == "invoice"
			continue
		}
		id, money, _ := strings.Cut(w, ":")
		amount, discount, _ := strings.Cut(money, "-")
		a := credit.Allocation{Ref: credit.Ref{Invoice: invoice, ID: id}}
		if amount != "" {
			a.Amount = number(t, amount)
		}
		if discount != "" {
			a.Discount = number(t, discount)
		}
		out, invoice = append(out, a), false
	}
	return out
}

// check compares the figures of a day: 40: open 100, overdue 40.
func check(t *testing.T, b credit.Book, cfg credit.Config, p credit.Profile, line string) {
	t.Helper()
	day, list, _ := strings.Cut(line, ": ")
	l := credit.Settle(b, cfg)
	got := rates(l, cfg, p, civil.Day(number(t, day)))
	for want := range strings.SplitSeq(list, ", ") {
		name, value, _ := strings.Cut(want, " ")
		if g, ok := got[name]; !ok || g != value {
			t.Errorf("day %s: %s is %s, the manual says %s", day, name, g, value)
		}
	}
}

// figures are named as in customers.jsonl.
func figures(f credit.Figures) map[string]string {
	out := map[string]string{}
	for name, n := range map[string]int64{
		"open": f.Open, "unapplied": f.Unapplied, "overdue": f.Overdue, "failed_payments": f.FailedPayments, "broken_promises": f.BrokenPromises, "part_payments": f.PartPayments,
		"disputed": f.Disputed, "graded_overdue": f.Graded().Overdue, "graded_max_days_overdue": f.Graded().MaxDaysOverdue, "commitments": f.Commitments, "exposure": f.Exposure,
		"current": f.Ageing.Current, "d1_30": f.Ageing.D1To30, "d31_60": f.Ageing.D31To60, "d61_90": f.Ageing.D61To90,
		"d90_plus": f.Ageing.D90Plus, "max_days_overdue": f.MaxDaysOverdue, "settled": f.Settled, "settled_late": f.SettledLate,
	} {
		out[name] = strconv.FormatInt(n, 10)
	}
	for name, m := range map[string]figure.Micro{
		"on_time_rate": f.OnTimeRate, "mean_days_beyond_terms": f.MeanDaysBeyondTerms, "promptness": f.Promptness, "graded_on_time_rate": f.Graded().OnTimeRate, "graded_promptness": f.Graded().Promptness, "dso_days": f.DSO,
	} {
		out[name] = m.String()
	}
	return out
}
