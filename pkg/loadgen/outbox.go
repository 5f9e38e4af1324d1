package loadgen

import (
	"encoding/json"
	"fmt"
	"time"
)

// Line is one message as a producer sends it.
type Line struct {
	Topic string
	Value json.RawMessage // the bytes; not JSON where Reason is MALFORMED and the message was cut short
	At    time.Time       // when it arrives: occurred_at, or recorded_at of a late one, or later of a duplicate

	// What the reader of the topic is not told: for tests, summaries and keyed producers.
	Customer  string // whose event it is, also where the message fails to say
	Kind      string // placed, received, ...; "profile" for profiles
	Duplicate bool   // sent before, the same bytes
	Late      bool   // arrives later than it happened
	Reason    string // the ts_reason under which it must be rejected; empty if it is well formed
}

// parcel is a line on its way.
type parcel struct {
	arrives int64
	event   string // event id
	seq     int64
	line    Line
}

func (a parcel) before(b parcel) bool {
	switch {
	case a.arrives != b.arrives:
		return a.arrives < b.arrives
	case a.line.Topic != b.line.Topic:
		return a.line.Topic < b.line.Topic
	case a.event != b.event:
		return a.event < b.event
	}
	return a.seq < b.seq
}

// post sends an event of now: on time or late, once or twice, and now and then after a broken copy of itself.
func (c *customer) post(topic, source, kind string, e event) {
	w, shares := c.w, c.w.cfg.Shares
	c.numbers["event"]++
	e.EventID = fmt.Sprintf("%s-%06d", c.id, c.numbers["event"])
	e.Source, e.CustomerID, e.OccurredAt = source, c.id, instant(w.now)
	line := Line{Topic: topic, Customer: c.id, Kind: kind}
	arrives := w.now
	if topic != TopicProfiles && c.chance(shares.Late) {
		arrives += c.delay()
		e.RecordedAt, line.Late = instant(arrives), true
	}
	line.Value = w.marshal(e)
	if c.chance(shares.Malformed) {
		bad := line
		bad.Value, bad.Reason = c.mangle(line)
		w.send(e.EventID, arrives, bad)
	}
	w.send(e.EventID, arrives, line)
	if c.chance(shares.Duplicates) {
		line.Duplicate = true
		w.send(e.EventID, arrives+c.between(1, 6*hour), line)
	}
}

// delay is how long a late event is on its way.
func (c *customer) delay() int64 {
	if c.chance(ShareLateDays) {
		return c.between(day, 5*day)
	}
	return c.between(hour, day-1)
}

// send lets a line arrive, unless the trade is over by then.
func (w *world) send(event string, arrives int64, line Line) {
	if arrives >= w.end {
		return
	}
	w.posted++
	line.At = time.Unix(arrives, 0).UTC()
	w.outbox.push(parcel{arrives, event, w.posted, line})
}

func instant(at int64) string { return time.Unix(at, 0).UTC().Format(time.RFC3339) }
