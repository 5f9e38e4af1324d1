package reducer

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

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
func (b *tierBatch) retell(m *member, at civil.Instant) {
	r := b.part.before(at)
	is := tierState(m.TierCustomer)
	figures := b.figuresAt(m, at, r)
	w := b.watching(m.id, at, r, pb.Trigger_TIME, is, is)
	m.At = int64(at)
	b.touch(m)
	var told []watch.Event
	m.Alerts, told = watch.DecideOne(r.policy.AlertsOf(figures.Kind), m.Alerts, &w.view)
	b.tell(w, m, told, nil)
}

// forget ends what stands of a customer who is erased.
func (b *tierBatch) forget(m *member, at civil.Instant) {
	w := &watching{id: m.id, at: at, mode: b.part.mode(at, 0), rule: b.part.current()}
	var cleared, withdrawn []watch.Event
	told := m.Alerts.Told
	if m.Alerts, cleared = watch.Forget(m.Alerts); len(cleared) > 0 || told == at {
		m.Alerts.Told = at // who comes back in the same moment has had their alert
	}
	m.Signals, withdrawn = watch.Forget(m.Signals)
	m.TierCustomer = &pb.TierCustomer{Seq: m.Seq, Version: m.Version, At: int64(at), Erased: true}
	m.said = ""
	m.Figures, b.figures = codec.Figures{}, tier.Figures{}
	b.tell(w, m, cleared, withdrawn)
}

func (b *tierBatch) tell(w *watching, m *member, alerts, signals []watch.Event) {
	for i := range alerts {
		e := &alerts[i]
		a := codec.ToldAlert{Told: b.told(TopicCreditAlerts, w, m, e), GradeFrom: e.From, GradeTo: e.To,
			Items: b.oldest(&m.Figures, w.at), Exposure: b.figures.Credit.Exposure, Overdue: b.figures.Credit.Overdue}
		byNow(&a)
		kind := pb.CreditAlert_Kind(pb.CreditAlert_Kind_value[string(e.Kind)])
		a.Kind = int32(kind)
		b.alerts.add(b.at, processor.Message{Key: w.id, Value: b.blobs.keep(codec.AppendAlert(b.blobs.room(toldMost), &a)),
			Headers: b.cloudEvent(b.labels.alert, a.ID, w.at)})
		b.counts.add("alert "+kind.String()+" "+pb.CreditAlert_State(a.State).String(), 1)
	}
	for i := range signals {
		s, kind := b.told(TopicSignals, w, m, &signals[i]), pb.CustomerSignal_Kind(pb.CustomerSignal_Kind_value[string(signals[i].Kind)])
		s.Kind = int32(kind)
		b.signals.add(b.at, processor.Message{Key: w.id, Value: b.blobs.keep(codec.AppendSignal(b.blobs.room(toldMost), &s)),
			Headers: b.cloudEvent(b.labels.signal, s.ID, w.at)})
		b.counts.add("signal "+kind.String()+" "+pb.CustomerSignal_State(s.State).String(), 1)
	}
}

// toldMost is what few alerts and signals are longer than.
const toldMost = 1024

// told is what is published of an alert or a signal alike, but for its kind. Nothing in it depends on the host, the clock or the batch.
func (b *tierBatch) told(topic string, w *watching, m *member, e *watch.Event) codec.Told {
	t := codec.Told{
		ID: deriveID(topic, w.id, e.Seq), CustomerID: w.id, Seq: e.Seq, State: over, Severity: e.Severity.String(), Mode: w.mode, DecidedAt: w.at,
		PolicyVersion: w.rule.policy.Version, PolicyHash: w.rule.policy.Hash, Reasons: e.Reasons,
		AccountManager: m.text(pb.NamedField_ACCOUNT_MANAGER), CustomerName: m.text(pb.NamedField_NAME), Segment: m.segment(w.rule.policy),
	}
	if e.Raised {
		t.State, t.Advice = raised, e.Advice
	}
	if e.Clears != 0 {
		t.Clears = deriveID(topic, w.id, e.Clears)
	}
	return t
}

// States of both, which are numbered alike.
const (
	raised = int32(pb.CreditAlert_RAISED)
	over   = int32(pb.CreditAlert_CLEARED)
)

// byNow has a reason that goes by the days overdue as booked say how many they are by now, where these are more: its items have
// those.
func byNow(a *codec.ToldAlert) {
	for i := range a.Reasons {
		r := &a.Reasons[i]
		if t := &r.Test; t.Factor == policy.JudgedDays && t.Op != "" && t.Known && len(a.Items) > 0 && float64(a.Items[0].Days) > t.Value {
			days := a.Items[0].Days
			r.Params = append(r.Params, tier.Param{Name: "days_now", Value: strconv.FormatInt(days, 10)})
			r.Text = tier.ByNow(r.Text, days)
		}
	}
}

// oldest are the items of an alert, with the days that they are overdue at its moment: until it is asked again.
func (b *tierBatch) oldest(f *codec.Figures, at civil.Instant) []codec.ToldItem {
	today := b.part.calendar.DayOf(at)
	b.overdue, _ = f.Oldest(b.overdue[:0]) // they were read before
	b.items = b.items[:0]
	for _, i := range b.overdue {
		b.items = append(b.items, codec.ToldItem{InvoiceID: i.ID, Amount: i.Left, Currency: cmp.Or(i.Currency, b.part.Currency), Days: int64(today - i.Due)})
	}
	return b.items
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
