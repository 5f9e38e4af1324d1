package reducer_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/portfolio"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// history draws facts of a few customers: all that may come, in any order, some of it twice.
func history(t *rapid.T) []*pb.Fact {
	short := func(policy string) string { // windows that end within a history, and change with the policy
		days := func(name string) string { return fmt.Sprint("_days: ", rapid.IntRange(3, 9).Draw(t, name)) }
		if rapid.Bool().Draw(t, "ranked") {
			policy = strings.Replace(policy, "tiers:", "portfolio: {percentiles: [50]}\ntiers:", 1)
			by := rapid.SampledFrom([]string{`value.class == \"A\"`, `value.rank.contribution >= 50`,
				`(value.segment_rank.net >= 50 || value.segment_rank.contribution >= 50)`, "value.score >= 30", "(value.score >= 30 || value.rank.contribution >= 50)"}).Draw(t, "by")
			if strings.Contains(by, "score") {
				policy = strings.Replace(policy, "value: {", "value: {score: {contribution: {rank: segment}, frequency: {rank: all}, net: {weight: 30, rank: all}}, ", 1)
			}
			policy = strings.Replace(policy, "value.net >= 5000 &&", by+" &&", 1)
		}
		if rapid.Bool().Draw(t, "credit of a segment") {
			policy = strings.Replace(policy, "{margin: {default: 0.1}}}", "{margin: {default: 0.1}}, credit:  {thin_file: 0, score: {factors: {overdue: 1, trend: 2}}, caps: [{cap: overdue, days: 2, grade: C}]}}", 1)
		}
		if rapid.Bool().Draw(t, "tiers and alerts of a segment") {
			policy = strings.Replace(policy, "when: {lifecycle: dormant},", `when: {lifecycle: dormant}, tiers: {silver: {enter: "value.net >= 700 || value.tenure_days >= 30", keep: value.net >= 300, grace: 3d}},
     alerts: {overdue: {critical: credit.max_days_overdue_judged >= 3}, limit_near: off}, signals: {near_upgrade: {within: 90}, lifecycle_changed: off},`, 1)
		}
		tolerance := fmt.Sprint("credit: {tolerance: ", rapid.SampledFrom([]int{0, 0, 0, 200}).Draw(t, "tolerance"),
			", unallocated: ", rapid.SampledFrom([]string{"oldest_due", "oldest_due", "hold"}).Draw(t, "unallocated"),
			", extensions: ", rapid.SampledFrom([]string{"late", "forgive"}).Draw(t, "extensions"), ", ")
		return strings.NewReplacer(quiet, "", "credit: {", tolerance, "window_days: 120", "window"+days("window"), "_days: 150", days("promptness"), "_days: 100", days("dso")).Replace(policy)
	}
	facts := []*pb.Fact{initial(pb.PartitionInit_WALL, short(rapid.SampledFrom([]string{worth, strings.Replace(worth, "value: {", "value: {recognise: fulfilled, reversals: own_day, ", 1),
		strings.Replace(worth, "value: {", "value: {recognise: invoiced, ", 1)}).Draw(t, "worth")))}
	at := start
	customer := rapid.SampledFrom([]string{"anna", "bert", "cleo"})
	number := rapid.IntRange(0, 4)
	for i := range rapid.IntRange(1, 40).Draw(t, "records") {
		at += civil.Instant(rapid.IntRange(0, 96).Draw(t, "hours pass")) * civil.Hour
		who, n, major := customer.Draw(t, "customer"), number.Draw(t, "number"), rapid.Int64Range(0, 1500).Draw(t, "amount")
		order, occurred := fmt.Sprint("o", n), at-civil.Instant(rapid.IntRange(0, 40).Draw(t, "days late"))*civil.FullDay
		var f *pb.Fact
		switch rapid.IntRange(-1, 36).Draw(t, "kind") {
		case -1:
			f = profiled(fmt.Sprint("f", i), who, occurred, &pb.ProfileEvent{Industry: proto.String(rapid.SampledFrom([]string{"toys", "", "tools"}).Draw(t, "industry")), CreditLimit: &pb.CreditLimit{AmountMinor: major,
				Currency: "CNY", ValidUntil: rapid.SampledFrom([]string{"", "2026-02-01"}).Draw(t, "valid until")}})
		case 0, 1, 2:
			f = bought(order, who, occurred, major)
		case 3, 4:
			f = credited(order, who, occurred, major, int32(n*7))
		case 5:
			f = cancelled(order, who, occurred)
		case 6:
			f = returned(fmt.Sprint("r", n), order, who, occurred, major/4)
		case 7, 8:
			f = paid(fmt.Sprint("p", n), rapid.SampledFrom([]string{"", order}).Draw(t, "names"), who, occurred, major/2)
			if rapid.IntRange(0, 3).Draw(t, "bill") == 0 {
				f.GetPayment().GetReceived().MaturesOn = at.Time().AddDate(0, 0, n*5).Format(time.DateOnly)
			}
		case 9:
			f = policyFact(at, int64(i), short(ladder(fmt.Sprint(i), 10+n*10, 1000, 300+n*100, n*3)))
		case 10:
			f = overrideFact(at, int64(i), who)
		case 11:
			f = erasureFact(at, int64(i), who)
		case 12, 13:
			f = bought(order, who, occurred, major)
			f.GetOrder().GetPlaced().InvoiceExpected = true
		case 14, 15:
			f = invoiced(fmt.Sprint("i", n), rapid.SampledFrom([]string{"", order, "o1"}).Draw(t, "bills"), who, occurred, major)
		case 16:
			f = paid(fmt.Sprint("p", n+5), fmt.Sprint("i", number.Draw(t, "invoice")), who, occurred, major)
		case 17:
			f = voided(fmt.Sprint("i", n), who, occurred)
		case 18, 19:
			kind := pb.InvoiceAdjusted_Kind(rapid.IntRange(1, 7).Draw(t, "what"))
			f = adjusted(fmt.Sprint("a", number.Draw(t, "note")), rapid.SampledFrom([]string{fmt.Sprint("i", n), order}).Draw(t, "of"), who, occurred, kind, major/3)
		case 20:
			f = disputed(fmt.Sprint("i", n), who, occurred, major/3, rapid.Bool().Draw(t, "resolved"))
		case 21:
			f = promised(fmt.Sprint("i", n), who, occurred, major/3, rapid.IntRange(0, 20).Draw(t, "by"))
		case 22:
			f = paid(fmt.Sprint("p", n), "", who, occurred, major)
			f.GetPayment().Kind = &pb.PaymentEvent_Failed{Failed: &pb.PaymentFailed{AttemptId: order}}
		case 23, 24:
			e := rapid.SampledFrom([]*pb.EngagementEvent{contacted(5, 0, true), contacted(3, 700, false), answered(7.5), referred("dora"), active("visit")}).Draw(t, "engagement")
			f = engaged(fmt.Sprint("e", n), who, occurred, proto.CloneOf(e))
		case 27:
			f = bought(order, who, occurred, major)
			f.GetOrder().Source = rapid.SampledFrom([]string{"shop", "store", "erp"}).Draw(t, "delivers")
			f.GetOrder().Kind = &pb.OrderEvent_Fulfilled{Fulfilled: &pb.OrderFulfilled{DeliveryId: "D"}}
		case 28:
			f = bought(order, who, occurred, major)
			f.GetOrder().Source = "erp"
		case 25, 26:
			f = costing(lined(bought(order, who, occurred, major), "tea", 3000, 2000, "cups", 4000, -1), major*70)
		case 29, 30:
			f = cutoffsFact(at, int64(i))
			b := rapid.Int64Range(0, 1000_00).Draw(t, "class B from")
			f.GetCutoffs().Day = fmt.Sprint("day ", i)
			f.GetCutoffs().Cutoffs = []*pb.Cutoff{{Name: "contribution_p50", Value: b / 2}, {Name: "contribution_p50@", Value: b / 8}, {Name: "contribution_p50@makers", Value: b / 9},
				{Name: "contribution_p99@", Value: b}, {Name: "orders_p50", Value: b / 1000_00}, {Name: "orders_p90", Value: b / 400_00}, {Name: "net_p50", Value: b / 2}, {Name: "net_p95", Value: b},
				{Name: "net_a", Value: b + rapid.Int64Range(0, 1000_00).Draw(t, "class A")},
				{Name: "net_b", Value: b}, {Name: "net_p50@", Value: b}, {Name: "net_p50@gone", Value: b / 3}, {Name: "net_p50@makers", Value: b / 2}}
		case 31, 32:
			back := civil.Instant(rapid.IntRange(0, 20).Draw(t, "days behind")) * civil.FullDay
			if f = complete(order[:1], at, at-back); n == 0 {
				f = releasedFeed(order[:1], at, at-back)
			}
		case 33, 34:
			f = allTakenIn(at)
		default:
			f = tick(at)
		}
		f.At = int64(at)
		if _, traded := reducer.OccurredAt(f); traded && who != "anna" {
			inCurrency(f, rapid.SampledFrom([]string{"", "EUR 7.85", "EUR 7.85", "JPY 0.0481", "EUR 8.123457"}).Draw(t, "rate"))
		}
		facts = append(facts, f)
		if rapid.IntRange(0, 5).Draw(t, "again") == 0 {
			facts = append(facts, f)
		}
	}
	return append(facts, tick(at), tick(at+50*civil.FullDay), tick(at+50*civil.FullDay))
}

// paged has days stored in the blob, in pages, and in parts of pages.
func paged(t *rapid.T, opts reducer.Options) reducer.Options {
	opts.InlineMost, opts.PageMost = rapid.SampledFrom([]int{0, 3}).Draw(t, "inline most"), rapid.SampledFrom([]int{0, 2, 5}).Draw(t, "page most")
	return opts
}

// journaled keeps journals of small books, too.
func journaled(t *rapid.T, opts reducer.Options) reducer.Options {
	opts.JournalFrom = rapid.SampledFrom([]int{0, 1, 5}).Draw(t, "journal from")
	return opts
}

// Rules 1, 2 and 17: states and outputs are functions of the records, byte for byte, however these are cut into batches
// and whoever goes on from what is stored.
func TestBatchCutsCantBeSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		opts := paged(t, reducer.Options{TickMost: rapid.IntRange(1, 3).Draw(t, "tick most"), MomentsMost: rapid.IntRange(1, 5).Draw(t, "moments most")})
		facts := history(t)
		whole := newLine(t, opts)
		opts = journaled(t, opts)
		cut := newLine(t, opts)
		whole.put(facts...)
		for len(facts) > 0 {
			n := rapid.IntRange(1, len(facts)).Draw(t, "batch")
			cut.put(facts[:n]...)
			facts = facts[n:]
			cut.restart(opts)
		}
		for _, slots := range [][2]*memory.Slot{{whole.first, cut.first}, {whole.second, cut.second}} {
			if a, b := state(t, slots[0]), state(t, slots[1]); a != b {
				t.Fatalf("states differ:\n%s\n%s", a, b)
			}
		}
		if a, b := bytesOf(whole.records), bytesOf(cut.records); !slices.Equal(a, b) {
			t.Fatalf("scores differ:\n%v\n%v", kinds(whole.scores), kinds(cut.scores))
		}
		if a, b := moves(whole.changes), moves(cut.changes); !slices.Equal(a, b) {
			t.Fatalf("changes differ:\n%s\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
		}
		sameTold(t, whole, cut)
	})
}

// What batches keep of customers between them changes nothing: every state on the way and every output is that of a fold
// that starts each batch from what is stored, however little is kept.
func TestWhatIsKeptCantBeSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		opts := paged(t, reducer.Options{TickMost: rapid.IntRange(1, 3).Draw(t, "tick most")})
		facts := history(t)
		plain, kept := newLine(t, opts), newLine(t, journaled(t, opts))
		most := rapid.SampledFrom([]int{1, 4000, 1 << 20}).Draw(t, "most")
		kept.scorer.Keep(most)
		kept.tiers.Keep(most)
		for len(facts) > 0 {
			n := rapid.IntRange(1, min(8, len(facts))).Draw(t, "batch")
			plain.put(facts[:n]...)
			kept.put(facts[:n]...)
			facts = facts[n:]
			for _, slots := range [][2]*memory.Slot{{plain.first, kept.first}, {plain.second, kept.second}} {
				if a, b := state(t, slots[0]), state(t, slots[1]); a != b {
					t.Fatalf("states differ:\n%s\n%s", a, b)
				}
			}
		}
		if a, b := bytesOf(plain.records), bytesOf(kept.records); !slices.Equal(a, b) {
			t.Fatalf("scores differ:\n%v\n%v", kinds(plain.scores), kinds(kept.scores))
		}
		if a, b := moves(plain.changes), moves(kept.changes); !slices.Equal(a, b) {
			t.Fatalf("changes differ:\n%s\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
		}
		sameTold(t, plain, kept)
	})
}

// restart goes on with new stages from what the slots hold.
func (l *line) restart(opts reducer.Options) {
	l.t.Helper()
	var err error
	if l.scorer, err = memory.NewFold(reducer.NewScorer(opts), l.first); err == nil {
		l.tiers, err = memory.NewFold(reducer.NewTierChange(opts), l.second)
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

func bytesOf(records []processor.Record) (out []string) {
	for _, r := range records {
		out = append(out, string(r.Value))
	}
	return out
}

// Every customer's changes are numbered densely, each from where the last has ended, in the order of their moments; the
// portfolio is the sum over the customers, at every moment.
func TestChangesChainAndThePortfolioAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLine(t, reducer.Options{})
		l.put(history(t)...)
		type last struct {
			seq int64
			to  string
			at  civil.Instant
		}
		by := map[string]last{}
		for _, c := range l.changes {
			was, at := by[c.CustomerId], civil.FromTime(c.DecidedAt.AsTime())
			erased := c.Direction == pb.TierChange_ENTRY && c.From == ""
			if c.Seq != was.seq+1 || c.From != was.to && !erased || at < was.at || c.From == c.To {
				t.Fatalf("%v follows %+v", c, was)
			}
			by[c.CustomerId] = last{c.Seq, c.To, at}
		}
		part, _ := l.parts()
		sum := &pb.PortfolioTotals{}
		anew := histograms{}
		for _, id := range []string{"anna", "bert", "cleo"} {
			if b := l.customer(id).Booked; b != nil {
				sum.Customers += b.Customers
				sum.NetMinor += b.NetMinor
				sum.Orders += b.Orders
				sum.OpenMinor += b.OpenMinor
				sum.OverdueMinor += b.OverdueMinor
				sum.Ranked += b.Ranked
				anew.count(b)
			}
		}
		if part.Totals.String() != sum.String() {
			t.Fatalf("the portfolio has %v, its customers %v", part.Totals, sum)
		}
		if got, want := fmt.Sprint(part.Ranks), fmt.Sprint(anew.list()); got != want {
			t.Fatalf("the histograms are %s, those of the customers %s", got, want)
		}
	})
}

// Rules 19, 20, 22 and 24: however late Ticks come and however little each may fire, every customer's changes are those of
// Ticks that come on time and fire all, byte for byte, and so is the aggregate of every day; no day is left out.
func TestLateTicksCantBeSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := history(t)
		few := reducer.Options{TickMost: rapid.IntRange(1, 2).Draw(t, "tick most"), MomentsMost: rapid.IntRange(1, 3).Draw(t, "moments most")}
		late, prompt := newLine(t, few), newLine(t, reducer.Options{TickMost: 1 << 20, MomentsMost: 1 << 40})
		for i, f := range facts {
			if i > 0 {
				prompt.put(tick(civil.Instant(f.At)))
			}
			prompt.put(f)
			late.put(f)
		}
		end := civil.Instant(facts[len(facts)-1].At)
		prompt.advance(end)
		late.advance(end)
		for _, id := range []string{"anna", "bert", "cleo"} {
			if a, b := late.saidOf(id), prompt.saidOf(id); !slices.Equal(a, b) {
				t.Fatalf("%s: late\n%v\non time\n%v", id, moves(late.changes), moves(prompt.changes))
			}
		}
		a, b := late.days(), prompt.days()
		if !slices.Equal(a, b) {
			t.Fatalf("days: late\n%s\non time\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
		}
		told := daysTold(t, facts)
		for i, d := range late.portfolio { // of days that wait for long the histograms are given up
			if d.Ranked && !proto.Equal(d, prompt.portfolio[i]) {
				t.Fatalf("a day's ranks: late\n%v\non time\n%v", d, prompt.portfolio[i])
			}
			if i >= len(late.portfolio)-told && d.Ranked != prompt.portfolio[i].Ranked {
				t.Fatalf("day %s has lost its ranks", clock(d.AsOf))
			}
		}
		calendar := civil.Calendar{}
		n := int(calendar.DayOf(end) - calendar.DayOf(civil.Instant(facts[1].At))) // time begins with the first record after init
		if prompt.portfolio[0].AsOf == facts[1].At {                               // at a day's end, where ranks are asked for
			n++
		}
		if len(b) != n {
			t.Fatalf("%d days have ended, and %d are told: %v", n, len(b), b)
		}
	})
}

// saidOf is what was published of a customer, topic by topic.
func (l *line) saidOf(id string) (out []string) {
	for _, messages := range [][]processor.Message{l.published, l.told[reducer.TopicCreditAlerts], l.told[reducer.TopicSignals]} {
		for _, m := range messages {
			if m.Key == id {
				out = append(out, string(m.Value))
			}
		}
	}
	return out
}

// days are the aggregates as they were told.
func (l *line) days() (out []string) {
	for _, d := range l.portfolio {
		out = append(out, fmt.Sprint(clock(d.AsOf), " ", d.Totals))
	}
	return out
}

// A policy that settles otherwise changes nothing of what was settled under the one before, be the customer kept or read.
func TestAnotherWayToSettleCantBeSeen(t *testing.T) {
	for name, key := range map[string]string{"hold": "unallocated: hold", "forgive": "extensions: forgive"} {
		t.Run(name, func(t *testing.T) {
			late := credited("o1", "anna", noon(0), 100, 3)
			late.GetOrder().GetPlaced().TermsDays, late.GetOrder().EventId = days(30), "later"
			late.GetOrder().OccurredAt, late.GetOrder().Revision, late.At = timestamppb.New(noon(5).Time()), 1, int64(noon(5))
			facts := []*pb.Fact{
				credited("o1", "anna", noon(0), 100, 3), late, paid("p1", "", "anna", noon(6), 40),
				policyFact(noon(7), 1, strings.Replace(standard, "credit: {", "credit: {"+key+", ", 1)), paid("p2", "o9", "anna", noon(8), 10),
			}
			plain, kept := wall(t, standard), wall(t, standard)
			kept.scorer.Keep(1 << 20)
			for _, f := range facts {
				plain.put(f)
				kept.put(f)
				if a, b := state(t, plain.first), state(t, kept.first); a != b {
					t.Fatalf("states differ:\n%s\n%s", a, b)
				}
			}
		})
	}
}

// histograms are those of customers, counted anew.
type histograms map[string]*portfolio.Histogram

func (hs histograms) add(figure string, v int64) {
	if hs[figure] == nil {
		hs[figure] = &portfolio.Histogram{}
	}
	hs[figure].Add(v, 1)
}

func (hs histograms) count(b *pb.PortfolioTotals) {
	if b.Ranked == 0 {
		return
	}
	hs.add("net", b.NetMinor)
	hs.add("orders", b.Orders)
	by := b.GetBy()
	for key, counted := range map[string]bool{"contribution": by.GetContribution(), "contribution@" + by.GetSegment(): by.GetContributionWithin()} {
		if counted {
			hs.add(key, by.ContributionMinor)
		}
	}
	if by.GetNetWithin() {
		hs.add("net@"+by.Segment, b.NetMinor)
	}
	if by.GetOrdersWithin() {
		hs.add("orders@"+by.Segment, b.Orders)
	}
}

func (hs histograms) list() (out []*pb.Histogram) {
	for _, figure := range slices.Sorted(maps.Keys(hs)) {
		h := hs[figure]
		out = append(out, &pb.Histogram{Figure: figure, Index: h.Index, Count: h.Count, Sum: h.Sum})
	}
	return out
}

// daysTold is how many days that close together are told with histograms at least, by any policy of a history.
func daysTold(t *rapid.T, facts []*pb.Fact) int {
	most := 8
	for _, f := range facts {
		text := cmp.Or(string(f.GetInit().GetPolicy()), string(f.GetPolicy().GetPolicy()))
		if text == "" {
			continue
		}
		p, err := policy.Parse("", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		most = min(most, max(1, 16/p.Portfolio.Histograms()))
	}
	return most
}
