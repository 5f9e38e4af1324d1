package codec_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/notice"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

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

const reasonJSON = `{"code":"VALUE_REACHED","params":{"op":">"},"factor":"value.net","value":120.5,"threshold":100,"margin":20.5,"text":"net of 120.50 is above 100"}`

// The JSON of each is the contract's, key by key and in its order.
func TestNoticeJSON(t *testing.T) {
	c := change()
	c.CustomerName = "A&B <Ltd>"
	for topic, x := range map[string]struct {
		m    proto.Message
		want string
	}{
		"tier-changes": {c, `{"change_id":"tier-changes/C42/1","customer_id":"C42","seq":1,"ladder":"default","from":"BASE","to":"GOLD",
			"direction":"UPGRADE","mode":"LIVE","decided_at":"2026-03-01T09:30:00.25Z","effective_at":"2026-03-01T09:30:00.25Z",
			"trigger":{"kind":"TIME","event_id":"","topic":""},"policy":{"version":"v1","hash":"abc"},"cutoff_version":"2026-03-01",
			"reasons":[REASON],"value_score":71.25,"credit":{"grade":"AA","score":71.25},
			"to_next":{"tier":"PLATINUM","needs":[REASON]},"to_keep":{"needs":[REASON],"review_at":"2026-03-01T09:30:00.25Z"},
			"plan":"gold","supersedes":"tier-changes/C42/0","account_manager":"kim","customer_name":"A&B <Ltd>","segment":"toys"}`},
		"credit-alerts": {alert(), `{"alert_id":"credit-alerts/C42/2","customer_id":"C42","seq":2,"kind":"OVERDUE","state":"CLEARED",
			"clears":"credit-alerts/C42/1","severity":"high","mode":"BACKFILL","decided_at":"2026-03-01T09:30:00Z",
			"policy":{"version":"v1","hash":"abc"},"grade_from":"AA","grade_to":"B","reasons":[REASON],
			"items":[{"invoice_id":"I1","amount_minor":5,"currency":"CNY","days":31}],"exposure_minor":6,"overdue_minor":5,
			"advice":"call","account_manager":"kim","customer_name":"ACME","segment":"toys"}`},
		"signals": {signal(), `{"signal_id":"signals/C42/1","customer_id":"C42","seq":1,"kind":"REORDER_OVERDUE","state":"WITHDRAWN",
			"clears":"signals/C42/0","severity":"low","mode":"REBUILD","decided_at":"2026-03-01T09:30:00Z",
			"policy":{"version":"v1","hash":"abc"},"reasons":[REASON],"advice":"visit","account_manager":"kim",
			"customer_name":"ACME","segment":"toys"}`},
	} {
		want := strings.ReplaceAll(strings.NewReplacer("\n\t\t\t", "").Replace(x.want), "REASON", reasonJSON)
		if d := cmp.Diff(want, string(noticeOf(t, topic, x.m).JSON)); d != "" {
			t.Errorf("%s (-want +got):\n%s", topic, d)
		}
	}
}

// The JSON has every field of its message, under its name: a field that the contract gains can't be forgotten.
func TestNoticeJSONIsComplete(t *testing.T) {
	for topic, m := range map[string]proto.Message{"tier-changes": change(), "credit-alerts": alert(), "signals": signal()} {
		text := string(noticeOf(t, topic, m).JSON)
		missing(t, text, m.ProtoReflect().Descriptor())
	}
}

func missing(t *testing.T, text string, d protoreflect.MessageDescriptor) {
	t.Helper()
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		if !strings.Contains(text, `"`+string(f.Name())+`":`) {
			t.Errorf("%s: %s is missing in %s", d.Name(), f.Name(), text)
		}
		if sub := f.Message(); sub != nil && sub.Name() != "Param" && sub.Name() != "Timestamp" {
			missing(t, text, sub)
		}
	}
}

func TestNotice(t *testing.T) {
	value, threshold, margin := 120.5, 100.0, 20.5
	reason := []notice.Reason{{Code: "VALUE_REACHED", Params: map[string]string{"op": ">"}, Factor: "value.net",
		Value: &value, Threshold: &threshold, Margin: &margin, Text: "net of 120.50 is above 100"}}
	at := codec.Instant(1772357400_250000)
	c := noticeOf(t, "tier-changes", change())
	want := notice.Notice{
		ID: "tier-changes/C42/1", Topic: "tier-changes", Type: notice.TierChanged, CustomerID: "C42", Seq: 1, Live: true, Mode: "LIVE",
		DecidedAt: c.DecidedAt, Effective: c.DecidedAt, Direction: "UPGRADE", Trigger: "TIME", Clears: "tier-changes/C42/0",
		From: "BASE", To: "GOLD", Reasons: reason, ToNext: &notice.Next{Tier: "PLATINUM", Needs: reason},
		ToKeep: &notice.Keep{Needs: reason, ReviewAt: c.DecidedAt}, CustomerName: "ACME", AccountManager: "kim", Segment: "toys",
		Plan: "gold", PolicyVersion: "v1", JSON: c.JSON,
	}
	if d := cmp.Diff(want, c); d != "" || codec.Instant(c.DecidedAt) != at {
		t.Errorf("%v (-want +got):\n%s", c.DecidedAt, d)
	}
	a := noticeOf(t, "credit-alerts", alert())
	want = notice.Notice{
		ID: "credit-alerts/C42/2", Topic: "credit-alerts", Type: notice.CreditAlert, CustomerID: "C42", Seq: 2, Mode: "BACKFILL",
		DecidedAt: a.DecidedAt, Kind: "OVERDUE", State: "CLEARED", Clears: "credit-alerts/C42/1", Severity: "high", GradeFrom: "AA", GradeTo: "B",
		Reasons: reason, Items: []notice.Item{{InvoiceID: "I1", Amount: 5, Currency: "CNY", Days: 31}}, Exposure: 6, Overdue: 5, Advice: "call",
		CustomerName: "ACME", AccountManager: "kim", Segment: "toys", PolicyVersion: "v1", JSON: a.JSON,
	}
	if d := cmp.Diff(want, a); d != "" || a.Subject() != "OVERDUE" || c.Subject() != "UPGRADE" {
		t.Errorf("(-want +got):\n%s", d)
	}
	s := noticeOf(t, "signals", signal())
	if s.Type != notice.CustomerSignal || s.ID != "signals/C42/1" || s.Kind != "REORDER_OVERDUE" || s.State != "WITHDRAWN" || s.Live || s.Advice != "visit" {
		t.Errorf("%+v", s)
	}
}

// What can't be told of is refused in words.
func TestNoticeRefuses(t *testing.T) {
	empty, err := proto.Marshal(&pb.TierChange{CustomerId: "C1", Seq: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		topic string
		value []byte
		want  string
	}{
		{"orders", nil, `topic "orders" has none`},
		{"tier-changes", []byte{0xff}, "reading a record of tier-changes"},
		{"tier-changes", empty, "it has no id"},
		{"signals", nil, "it has no id"},
	} {
		if _, err := codec.Notice(x.topic, x.value); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", x.topic, err)
		}
	}
}
