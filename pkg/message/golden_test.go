package message_test

import (
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tierstream/tierstream/deploy/policies"
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/message"
	"github.com/tierstream/tierstream/pkg/notice"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/reducer"
	"github.com/tierstream/tierstream/pkg/routes"
	"github.com/tierstream/tierstream/pkg/tier"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

var update = flag.Bool("update", false, "write the golden files anew")

func starter(t *testing.T) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("starter.yaml", policies.Starter)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func writer(t *testing.T, p *policy.Policy) *message.Writer {
	t.Helper()
	w, err := message.NewWriter(message.Deployment{Calendar: p.Calendar, Zone: p.TimeZone, Currency: p.Currency, Scale: p.Scale})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func noticeOf(t *testing.T, topic string, m proto.Message) notice.Notice {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	n, err := codec.Notice(topic, b)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func stamp(i civil.Instant) *timestamppb.Timestamp { return timestamppb.New(i.Time()) }

func at(t *testing.T, text string) civil.Instant {
	t.Helper()
	m, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return civil.FromTime(m)
}

// moved is what the ladder itself makes of a state and figures.
func moved(t *testing.T, p *policy.Policy, s tier.State, when string, net, overdueDays int64) notice.Notice {
	t.Helper()
	f := &tier.Figures{AsOf: at(t, when)}
	f.Value.Net, f.Judged.MaxDaysOverdue = net, overdueDays
	next, c := p.Ladder.Decide(s, f, f.AsOf)
	if c == nil {
		t.Fatalf("%+v with %d makes no change", s, net)
	}
	m := &pb.TierChange{
		ChangeId: "tier-changes/C0000260/7", CustomerId: "C0000260", Seq: 7, From: c.From, To: c.To,
		Direction: map[tier.Direction]pb.TierChange_Direction{tier.Entry: pb.TierChange_ENTRY, tier.Upgrade: pb.TierChange_UPGRADE, tier.Downgrade: pb.TierChange_DOWNGRADE}[c.Direction],
		Mode:      pb.Mode_LIVE, DecidedAt: stamp(c.DecidedAt), EffectiveAt: stamp(c.EffectiveAt), Trigger: &pb.Trigger{Kind: pb.Trigger_TIME},
		Reasons: codec.Reasons(c.Reasons), CustomerName: "张三贸易", AccountManager: "li.wei", Segment: "wholesale",
	}
	climb, stay := reducer.Advice(p, next, f, f.AsOf+40*civil.FullDay)
	m.ToNext, m.ToKeep = codec.NextTier(climb), codec.KeepTier(&stay)
	return noticeOf(t, "tier-changes", m)
}

func overdue(t *testing.T, state pb.CreditAlert_State) notice.Notice {
	t.Helper()
	a := &pb.CreditAlert{
		AlertId: "credit-alerts/C1/1", CustomerId: "C1", Seq: 1, Kind: pb.CreditAlert_OVERDUE, State: state, Severity: "high", Mode: pb.Mode_LIVE,
		DecidedAt: stamp(at(t, "2026-03-01T16:30:00Z")), ExposureMinor: 1234500, OverdueMinor: 34500, CustomerName: "ACME\nLtd",
		Reasons: codec.Reasons([]tier.Reason{{Code: "LATER_CODE", Text: "Two invoices are overdue."}}),
	}
	for i := range 7 {
		a.Items = append(a.Items, &pb.AlertItem{InvoiceId: "INV-" + string(rune('1'+i)), AmountMinor: 5000, Currency: []string{"CNY", "JPY"}[i%2], Days: int64(i + 1)})
	}
	return noticeOf(t, "credit-alerts", a)
}

// render is a message as a golden file has it.
func render(m message.Message) string {
	var b strings.Builder
	b.WriteString(m.Title + "\n")
	for _, f := range m.Fields {
		b.WriteString(f.Label + ":\n")
		for _, l := range f.Lines {
			b.WriteString("  " + l + "\n")
		}
	}
	if m.Link.URL != "" {
		b.WriteString(m.Link.Text + ": " + m.Link.URL + "\n")
	}
	return b.String()
}

// Whole messages, as account managers get them.
func TestGolden(t *testing.T) {
	p := starter(t)
	w := writer(t, p)
	since := at(t, "2025-01-01T00:00:00Z")
	fallen := tier.State{Tier: "silver", Since: since, Seq: 6, Failing: at(t, "2026-01-31T16:00:00Z"), Pending: at(t, "2026-03-02T16:00:00Z")}
	for name, n := range map[string]notice.Notice{
		"entry":         moved(t, p, tier.State{}, "2026-03-01T02:49:00Z", 10000, 0),
		"upgrade":       moved(t, p, tier.State{Tier: "silver", Since: since, Seq: 6}, "2026-03-01T02:49:00Z", 6000000, 3),
		"downgrade":     moved(t, p, fallen, "2026-03-02T16:00:00Z", 605782, 0),
		"alert":         overdue(t, pb.CreditAlert_RAISED),
		"alert-cleared": overdue(t, pb.CreditAlert_CLEARED),
		"signal": noticeOf(t, "signals", &pb.CustomerSignal{SignalId: "signals/C1/1", CustomerId: "C1", Seq: 1, Kind: pb.CustomerSignal_NEAR_UPGRADE,
			State: pb.CustomerSignal_RAISED, Mode: pb.Mode_LIVE, DecidedAt: stamp(since), CustomerName: "ACME", Advice: "Offer one more pallet."}),
	} {
		for _, locale := range []routes.Locale{routes.English, routes.Chinese} {
			golden(t, "testdata/"+name+"."+string(locale)+".txt", render(w.Write(n, locale, "https://crm.example/customers/{customer_id}?from={type}")))
		}
	}
}

// golden holds got against a file, which it writes anew if asked to.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", file, d)
	}
}
