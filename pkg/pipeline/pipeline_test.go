package pipeline_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/loadgen"
	"github.com/tierstream/tierstream/pkg/pipeline"
	"github.com/tierstream/tierstream/pkg/policy"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

const ladder = `
version: "test"
value: {window_days: 90}
credit: {window_days: 120, promptness_days: 150, dso_days: 100}
tiers:
  - {name: base}
  - {name: silver, enter: "value.net >= 1000", keep: "value.net >= 500", grace: 10d}
  - {name: gold, enter: "value.net >= 20000 && credit.max_days_overdue <= 30"}
`

func parsed(t testing.TB, text string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func started(t testing.TB, text string, clock pb.PartitionInit_Clock) *pipeline.Pipeline {
	t.Helper()
	pipe, err := pipeline.New("test.yaml", parsed(t, text), clock)
	if err != nil {
		t.Fatal(err)
	}
	return pipe
}

func instant(t testing.TB, text string) civil.Instant {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return civil.FromTime(at)
}

// put sends lines of the contract, in the order given.
func put(t testing.TB, pipe *pipeline.Pipeline, lines ...string) {
	t.Helper()
	for _, l := range lines {
		a, reject := codec.Decoder{Currency: "CNY"}.Decode(codec.ParseLine([]byte(l)).Input(), 0)
		if reject != nil {
			t.Fatalf("%s: %s %s", l, reject.Code, reject.Detail)
		}
		if err := pipe.Put(a.Fact); err != nil {
			t.Fatal(err)
		}
	}
}

func customers(t testing.TB, pipe *pipeline.Pipeline, at civil.Instant) map[string]codec.CustomerLine {
	t.Helper()
	if err := pipe.Advance(at); err != nil {
		t.Fatal(err)
	}
	lines, err := pipe.Customers(at)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]codec.CustomerLine{}
	for _, l := range lines {
		by[l.CustomerID] = l
	}
	return by
}

func order(id, customer, at string, amount int, extra string) string {
	return fmt.Sprintf(`{"topic":"orders","value":{"event_id":"e-%s-%s","occurred_at":%q,"customer_id":%q,"order_id":%q,"placed":{"amount_minor":%d,"currency":"CNY"%s}}}`,
		id, at, at, customer, id, amount, extra)
}

// A customer who buys once and falls silent goes down when the window passes, at the very midnight plus grace,
// with no further event of theirs.
func TestSilenceIsADowngrade(t *testing.T) {
	pipe := started(t, ladder, pb.PartitionInit_EVENT)
	put(t, pipe, order("SO1", "C1", "2026-01-10T09:30:00Z", 200000, ""))
	if err := pipe.Advance(instant(t, "2026-06-01T00:00:00Z")); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range pipe.Changes() {
		got = append(got, fmt.Sprintf("%d %s %s>%s %s %s", c.Seq, c.Direction, c.From, c.To, c.DecidedAt.AsTime().Format(time.RFC3339), c.Trigger.Kind))
	}
	// The order's day rolls off 91 days later, at the start of 2026-04-11; grace ends ten days after that.
	want := []string{
		"1 ENTRY >silver 2026-01-10T09:30:00Z EVENT",
		"2 DOWNGRADE silver>base 2026-04-21T00:00:00Z TIME",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// An item that falls 31 days late takes gold away at that midnight; paying gives it back at once.
func TestLatePaymentCostsTheTier(t *testing.T) {
	pipe := started(t, ladder, pb.PartitionInit_EVENT)
	put(t, pipe, order("SO1", "C1", "2026-01-10T09:30:00Z", 3000000, `,"terms_days":14`))
	if err := pipe.Advance(instant(t, "2026-03-01T00:00:00Z")); err != nil {
		t.Fatal(err)
	}
	put(t, pipe, `{"topic":"payments","value":{"event_id":"p1","occurred_at":"2026-03-02T08:00:00Z","customer_id":"C1","payment_id":"P1","received":{"amount_minor":3000000,"currency":"CNY","allocations":[{"invoice_id":"SO1"}]}}}`)
	by := customers(t, pipe, instant(t, "2026-03-03T00:00:00Z"))
	var got []string
	for _, c := range pipe.Changes() {
		got = append(got, fmt.Sprintf("%s %s %s", c.Direction, c.To, c.DecidedAt.AsTime().Format(time.RFC3339)))
	}
	want := []string{"ENTRY gold 2026-01-10T09:30:00Z", "DOWNGRADE silver 2026-02-24T00:00:00Z", "UPGRADE gold 2026-03-02T08:00:00Z"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if c := by["C1"].Credit; c.Settled != 1 || c.SettledLate != 1 || c.Open != 0 || c.MeanDaysBeyondTerms.String() != "37" {
		t.Errorf("credit after the payment: %+v", c)
	}
}

// trade is a generated trade as facts, in the order of the event clock.
func trade(t testing.TB, cfg loadgen.Config) []codec.Accepted {
	t.Helper()
	var lines []codec.Line
	err := loadgen.Generate(cfg, func(l loadgen.Line) error {
		raw := fmt.Appendf(nil, `{"topic":%q,"value":%s}`, l.Topic, l.Value)
		lines = append(lines, codec.ParseLine(raw))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(lines, codec.Line.Compare)
	var facts []codec.Accepted
	for _, l := range lines {
		if a, reject := (codec.Decoder{Currency: cfg.Currency}).Decode(l.Input(), 0); reject == nil {
			facts = append(facts, a)
		}
	}
	return facts
}

func smallTrade(seed uint64) loadgen.Config {
	cfg := loadgen.Default()
	cfg.Customers, cfg.Days, cfg.Seed = 60, 300, seed
	return cfg
}

// Figures are a function of the set of events: shuffled, doubled and under the wall clock they are those of the
// event clock, for every customer. Of events that are no registers, those count that come within 35 days.
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	for seed := range uint64(4) {
		facts := trade(t, smallTrade(seed+1))
		last := facts[len(facts)-1].OccurredAt
		facts = slices.DeleteFunc(facts, func(a codec.Accepted) bool { // what ingest refuses under the wall clock: it isn't remembered
			return a.Fact.GetEngagement() != nil && a.OccurredAt < last-35*civil.FullDay
		})
		at := last + civil.FullDay
		straight := started(t, ladder, pb.PartitionInit_EVENT)
		for _, f := range facts {
			if err := straight.Put(f.Fact); err != nil {
				t.Fatal(err)
			}
		}
		want := customers(t, straight, at)

		mixed := slices.Concat(facts, facts)
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		shuffled := started(t, ladder, pb.PartitionInit_WALL)
		for _, f := range mixed {
			fact := proto.CloneOf(f.Fact)
			fact.At = int64(last)
			if err := shuffled.Put(fact); err != nil {
				t.Fatal(err)
			}
		}
		got := customers(t, shuffled, at)
		for id, w := range want {
			g := got[id]
			if a, b := figures(t, w), figures(t, g); a != b {
				t.Errorf("seed %d customer %s\n in order %s\n shuffled %s", seed, id, a, b)
				break
			}
		}
		if len(got) != len(want) {
			t.Errorf("seed %d: %d customers, want %d", seed, len(got), len(want))
		}
	}
}

func figures(t testing.TB, l codec.CustomerLine) string {
	t.Helper()
	b, err := json.Marshal([]any{l.Value, l.Credit})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Ticks are wake-ups only: with one at every day end, or none until the end, every customer gets the same changes, alerts and signals.
func TestTicksCannotBeSeen(t *testing.T) {
	facts := trade(t, smallTrade(9))
	run := func(daily bool) []string {
		pipe := started(t, ladder, pb.PartitionInit_EVENT)
		next := facts[0].OccurredAt
		for _, f := range facts {
			for ; daily && next <= f.OccurredAt; next += civil.FullDay {
				if err := pipe.Advance(next - next%civil.FullDay); err != nil {
					t.Fatal(err)
				}
			}
			if err := pipe.Put(f.Fact); err != nil {
				t.Fatal(err)
			}
		}
		if err := pipe.Advance(facts[len(facts)-1].OccurredAt + 200*civil.FullDay); err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, c := range pipe.Changes() {
			out = append(out, fmt.Sprintf("%s %d %s>%s %s %v", c.CustomerId, c.Seq, c.From, c.To, c.DecidedAt.AsTime(), c.Reasons))
		}
		for _, a := range pipe.Alerts() {
			out = append(out, fmt.Sprint(a))
		}
		for _, s := range pipe.Signals() {
			out = append(out, fmt.Sprint(s))
		}
		if len(pipe.Alerts()) == 0 || len(pipe.Signals()) == 0 {
			t.Errorf("%d alerts, %d signals: the trade shows too little", len(pipe.Alerts()), len(pipe.Signals()))
		}
		slices.Sort(out)
		return out
	}
	if diff := cmp.Diff(run(false), run(true)); diff != "" {
		t.Error(diff)
	}
}
