package codec

import (
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tierstream/tierstream/pkg/civil"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// The topics of the contract that have one kind of message each.
const (
	ordersTopic      = "orders"
	invoicesTopic    = "invoices"
	paymentsTopic    = "payments"
	profilesTopic    = "profiles"
	engagementsTopic = "engagements"
	ratesTopic       = "fx-rates"
)

// event is a message being read, already in the fact that it becomes.
type event struct {
	topic   string
	fact    *pb.Fact
	message protoreflect.Message
	plan    *plan
}

// newEvent is an empty event of a topic; false where the topic is none of the contract's.
func newEvent(topic string) (event, bool) {
	e := event{topic: topic, fact: &pb.Fact{}, plan: plans()[topic]}
	switch topic {
	case ordersTopic:
		m := &pb.OrderEvent{}
		e.fact.Body, e.message = &pb.Fact_Order{Order: m}, m.ProtoReflect()
	case invoicesTopic:
		m := &pb.InvoiceEvent{}
		e.fact.Body, e.message = &pb.Fact_Invoice{Invoice: m}, m.ProtoReflect()
	case paymentsTopic:
		m := &pb.PaymentEvent{}
		e.fact.Body, e.message = &pb.Fact_Payment{Payment: m}, m.ProtoReflect()
	case profilesTopic:
		m := &pb.ProfileEvent{}
		e.fact.Body, e.message = &pb.Fact_Profile{Profile: m}, m.ProtoReflect()
	case engagementsTopic:
		m := &pb.EngagementEvent{}
		e.fact.Body, e.message = &pb.Fact_Engagement{Engagement: m}, m.ProtoReflect()
	case ratesTopic:
		m := &pb.FxRates{}
		e.fact.Body, e.message = &pb.Fact_FxRates{FxRates: m}, m.ProtoReflect()
	default:
		return event{}, false
	}
	return e, true
}

// text is a text field of the event; empty where it has no such field.
func (e event) text(name string) string {
	f := e.plan.find(name)
	if f == nil {
		return ""
	}
	return e.message.Get(f.desc).String()
}

// kind is the name of the kind that is set; empty: none, or the event has no kinds.
func (e event) kind() string {
	for i := range e.plan.fields {
		if f := &e.plan.fields[i]; f.event && e.message.Has(f.desc) {
			return f.name
		}
	}
	return ""
}

func (e event) hasKinds() bool { return e.topic != profilesTopic && e.topic != ratesTopic }

// fill takes from the CloudEvents attributes what the payload has not.
func (e event) fill(a attributes, f *findings) {
	if e.topic == ratesTopic {
		return
	}
	e.fillText("event_id", a.id, "ce_id", maxID, f)
	e.fillText("source", a.source, "ce_source", maxSource, f)
	occurred := e.plan.find("occurred_at")
	if a.time == "" || e.message.Has(occurred.desc) || f.has(occurred.name) {
		return
	}
	t, wrong := parseInstant(a.time)
	if wrong != "" {
		f.drop(BadTime, "ce_time", wrong)
		f.dropped = append(f.dropped, occurred.name)
		return
	}
	e.message.Set(occurred.desc, protoreflect.ValueOfMessage(timestamppb.New(t).ProtoReflect()))
}

func (e event) fillText(name, value, attribute string, most int, f *findings) {
	if value == "" || e.text(name) != "" || f.has(name) {
		return
	}
	if wrong := wrongID(value, most); wrong != "" {
		f.drop(BadID, attribute, wrong)
		f.dropped = append(f.dropped, name)
		return
	}
	e.message.Set(e.plan.find(name).desc, protoreflect.ValueOfString(value))
}

func (e event) eventID(a attributes) string {
	if e.topic != ratesTopic {
		return e.text("event_id")
	}
	if wrongID(a.id, maxID) != "" {
		return ""
	}
	return a.id
}

// occurredAt is the business time of a checked event.
func (e event) occurredAt(a attributes) civil.Instant {
	if rates := e.fact.GetFxRates(); rates != nil {
		return ratesAt(rates, a)
	}
	t, _ := e.message.Get(e.plan.find("occurred_at").desc).Message().Interface().(*timestamppb.Timestamp)
	return civil.FromTime(t.AsTime())
}

func ratesAt(rates *pb.FxRates, a attributes) civil.Instant {
	if t, wrong := parseInstant(a.time); wrong == "" && !outside(civil.FromTime(t)) {
		return civil.FromTime(t)
	}
	day, _ := civil.ParseDay(rates.AsOf)
	return civil.Calendar{}.Start(day)
}
