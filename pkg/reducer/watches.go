package reducer

import (
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/watch"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// watching is the moment of a decision: what alerts and signals are told of.
type watching struct {
	id   string
	at   civil.Instant
	mode pb.Mode
	rule rule
	view watch.View
}

// watch asks the policy's watches, keeps what they remember and publishes what they tell.
func (b *tierBatch) watch(w *watching, m *member) {
	var raised, told []watch.Event
	p, segment := w.rule.policy, w.view.Figures.Kind
	m.Alerts, raised = watch.DecideOne(p.AlertsOf(segment), m.Alerts, &w.view)
	m.Signals, told = watch.Decide(p.SignalsOf(segment), m.Signals, &w.view)
	b.tell(w, m, raised, told)
}

// retell looks again at the alerts that had to wait for a graver one. Nothing else has moved since.
func (b *tierBatch) retell(id string, m *member, at civil.Instant) {
	r := b.part.before(at)
	is := tierState(m.TierCustomer)
	figures := b.figuresAt(m, at, r)
	w := b.watching(id, at, r, pb.Trigger_TIME, is, is)
	m.At = int64(at)
	b.touch(m)
	var told []watch.Event
	m.Alerts, told = watch.DecideOne(r.policy.AlertsOf(figures.Kind), m.Alerts, &w.view)
	b.tell(w, m, told, nil)
}

// forget ends what stands of a customer who is erased.
func (b *tierBatch) forget(id string, m *member, at civil.Instant) {
	w := &watching{id: id, at: at, mode: b.part.mode(at, 0), rule: b.part.current()}
	var cleared, withdrawn []watch.Event
	told := m.Alerts.Told
	if m.Alerts, cleared = watch.Forget(m.Alerts); len(cleared) > 0 || told == at {
		m.Alerts.Told = at // who comes back in the same moment has had their alert
	}
	m.Signals, withdrawn = watch.Forget(m.Signals)
	m.TierCustomer = &pb.TierCustomer{Seq: m.Seq, Version: m.Version, At: int64(at), Erased: true}
	m.Figures, b.figures = codec.Figures{}, tier.Figures{}
	b.tell(w, m, cleared, withdrawn)
}

func (b *tierBatch) tell(w *watching, m *member, alerts, signals []watch.Event) {
	for i := range alerts {
		a := b.alert(w, m, &alerts[i])
		b.alerts.add(processor.Message{Key: w.id, Value: encode(a),
			Headers: cloudEvent("tierstream.v1.CreditAlert", a.AlertId, a.DecidedAt.AsTime())})
		b.counts.add("alert "+a.Kind.String()+" "+a.State.String(), 1)
	}
	for i := range signals {
		s := b.signal(w, m, &signals[i])
		b.signals.add(processor.Message{Key: w.id, Value: encode(s),
			Headers: cloudEvent("tierstream.v1.CustomerSignal", s.SignalId, s.DecidedAt.AsTime())})
		b.counts.add("signal "+s.Kind.String()+" "+s.State.String(), 1)
	}
}

// alert is what is published of an alert. Nothing in it depends on the host, the clock or the batch.
func (b *tierBatch) alert(w *watching, m *member, e *watch.Event) *pb.CreditAlert {
	a := &pb.CreditAlert{
		AlertId: deriveID(TopicCreditAlerts, w.id, e.Seq), CustomerId: w.id, Seq: e.Seq,
		Kind: pb.CreditAlert_Kind(pb.CreditAlert_Kind_value[string(e.Kind)]), State: pb.CreditAlert_CLEARED,
		Severity: e.Severity.String(), Mode: w.mode, DecidedAt: timestamppb.New(w.at.Time()),
		Policy: &pb.PolicyRef{Version: w.rule.policy.Version, Hash: w.rule.policy.Hash}, GradeFrom: e.From, GradeTo: e.To,
		Reasons: codec.Reasons(e.Reasons), Items: b.oldest(&m.Figures, w.at),
		ExposureMinor: b.figures.Credit.Exposure, OverdueMinor: b.figures.Credit.Overdue,
		AccountManager: m.text(pb.NamedField_ACCOUNT_MANAGER), CustomerName: m.text(pb.NamedField_NAME), Segment: segmentOf(m.TierCustomer, w.rule.policy),
	}
	if e.Raised {
		a.State, a.Advice = pb.CreditAlert_RAISED, e.Advice
	}
	byNow(a)
	if e.Clears != 0 {
		a.Clears = deriveID(TopicCreditAlerts, w.id, e.Clears)
	}
	return a
}

// byNow has a reason that goes by the days overdue as booked say how many they are by now, where these are more: its items have
// those.
func byNow(a *pb.CreditAlert) {
	for _, r := range a.Reasons {
		if r.Factor == policy.JudgedDays && r.Value != nil && len(a.Items) > 0 && float64(a.Items[0].Days) > *r.Value {
			days := a.Items[0].Days
			r.Params = append(r.Params, &pb.Param{Name: "days_now", Value: strconv.FormatInt(days, 10)})
			r.Text = tier.ByNow(r.Text, days)
		}
	}
}

// oldest are the items of an alert, with the days that they are overdue at its moment.
func (b *tierBatch) oldest(f *codec.Figures, at civil.Instant) (items []*pb.AlertItem) {
	today := b.part.calendar.DayOf(at)
	oldest, _ := f.Oldest() // they were read before
	for _, i := range oldest {
		currency := i.Currency
		if currency == "" {
			currency = b.part.Currency
		}
		items = append(items, &pb.AlertItem{InvoiceId: i.Id, AmountMinor: i.LeftMinor, Currency: currency, Days: int64(today) - int64(i.Due)})
	}
	return items
}

// signal is what is published of a signal.
func (b *tierBatch) signal(w *watching, m *member, e *watch.Event) *pb.CustomerSignal {
	s := &pb.CustomerSignal{
		SignalId: deriveID(TopicSignals, w.id, e.Seq), CustomerId: w.id, Seq: e.Seq,
		Kind: pb.CustomerSignal_Kind(pb.CustomerSignal_Kind_value[string(e.Kind)]), State: pb.CustomerSignal_WITHDRAWN,
		Severity: e.Severity.String(), Mode: w.mode, DecidedAt: timestamppb.New(w.at.Time()),
		Policy:         &pb.PolicyRef{Version: w.rule.policy.Version, Hash: w.rule.policy.Hash},
		Reasons:        codec.Reasons(e.Reasons),
		AccountManager: m.text(pb.NamedField_ACCOUNT_MANAGER), CustomerName: m.text(pb.NamedField_NAME), Segment: segmentOf(m.TierCustomer, w.rule.policy),
	}
	if e.Raised {
		s.State, s.Advice = pb.CustomerSignal_RAISED, e.Advice
	}
	if e.Clears != 0 {
		s.Clears = deriveID(TopicSignals, w.id, e.Clears)
	}
	return s
}

// outbox is what a batch sends to one topic.
type outbox struct {
	messages []processor.Message
	bytes    int
}

func (o *outbox) add(m processor.Message) {
	o.messages = append(o.messages, m)
	o.bytes += len(m.Key) + len(m.Value) + recordOverhead
}

// watching is the moment at hand, of the figures at hand.
func (b *tierBatch) watching(id string, at civil.Instant, r rule, trigger pb.Trigger_Kind, before, now tier.State) *watching {
	b.moment = watching{id, at, b.part.mode(at, trigger), r,
		watch.View{At: at, Figures: &b.figures, Ladder: r.policy.LadderOf(b.figures.Kind), Before: before, Now: now}}
	return &b.moment
}

// signs are those of any moment of today, with what the profile reports: its attribute distress, unless that says no.
func (c *customer) signs(p *policy.Policy, segment int, today civil.Day) credit.Signs {
	s := c.ledger.Signs(*p.CreditOf(segment), today)
	for _, a := range c.profile.Attributes {
		if a.Name == distressAttribute {
			s.Distress = !slices.Contains([]string{"", "no", "none", "false", "0"}, strings.ToLower(strings.TrimSpace(a.Text)))
		}
	}
	return s
}

// distressAttribute is the attribute of a profile that reports distress: an insolvency, a lawsuit, a lost licence.
const distressAttribute = "distress"
