package model

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	"github.com/tierstream/tierstream/pkg/reducer"
)

// edges are the topics that people read.
var edges = []string{reducer.TopicTierChanges, reducer.TopicCustomerTiers, reducer.TopicCreditAlerts, reducer.TopicSignals, reducer.TopicPortfolio}

// consume is the strict consumer: seq == last+1 is taken, not newer is dropped, other bytes or a gap are an alarm.
func (w *world) consume(p int, topic string) (first []processor.Message) {
	last := map[string]int64{}
	said := map[string]string{}
	for _, m := range w.sent[p][topic] {
		key, n := w.kit.name(topic, m)
		id, is := fmt.Sprint(key, "/", n), text(topic, m)
		if old, ok := said[id]; ok && old != is {
			w.bad("BYTES p%d %s %s: two contents", p, topic, id)
		}
		said[id] = is
		switch {
		case n == last[key]+1:
			last[key] = n
			first = append(first, m)
		case n > last[key]+1:
			w.bad("GAP p%d %s %s after %d", p, topic, id, last[key])
			last[key] = n
		}
	}
	return first
}

// outputs is what topics got.
type outputs map[string][]processor.Message

func (o outputs) add(es []processor.Emission) {
	for _, e := range es {
		o[e.Topic] = append(o[e.Topic], e.Messages...)
	}
}

// pipeline is both stages over a facts log, without engine. With every, every due moment fires on time: no bound, and a
// Tick before each record; that is what the definitions say must come out. now is the second stage's time at the end.
func (w *world) pipeline(p int, every bool) (_ outputs, now civil.Instant, err error) {
	first, second := bounded(1, 2), bounded(2, 2)
	if every {
		first, second = unbounded(1), unbounded(2)
	}
	var facts []processor.Record
	put := func(r processor.Record) {
		r.Offset = int64(len(facts))
		facts = append(facts, r)
	}
	for i, e := range w.facts[p] {
		if every && i > 0 {
			at := instant(e.at)
			if e.kind == kindTick || w.cfg.event > 0 && e.kind >= kindPolicy {
				at = 0 // it comes itself; under the event clock a control record comes at the time that it finds
			}
			put(processor.Record{Appended: e.stamp, Value: first.Tick(at).Value})
		}
		put(e.record(0))
	}
	out := outputs{}
	scores, _, err := foldAll(first, facts)
	if err != nil {
		return nil, 0, err
	}
	var records []processor.Record
	for i, m := range scores[reducer.TopicScores] {
		records = append(records, processor.Record{Offset: int64(i), Value: m.Value})
	}
	changes, now, err := foldAll(second, records)
	maps.Copy(out, scores)
	maps.Copy(out, changes)
	return out, now, err
}

func foldAll(stage processor.Stage, records []processor.Record) (outputs, civil.Instant, error) {
	f, err := memory.NewFold(stage, memory.NewSlot())
	must(err)
	out := outputs{}
	es, err := f.Put(records...)
	out.add(es)
	return out, f.Status().Now, err
}

func (w *world) audit() {
	for p := range nparts {
		stuck := false
		for s := 1; s <= 2; s++ {
			if w.halted[s][p] != "" { // nothing was skipped; the operator's turn
				w.stats["stopped"]++
				stuck = true
				continue
			}
			w.auditEnd(s, p, stuck)
		}
		w.auditOut(p, stuck)
		w.auditIn(p)
	}
}

// auditEnd: the whole log is applied, emitted and committed, and the state is the reference's.
func (w *world) auditEnd(s, p int, stuck bool) {
	slot, n := w.redis[s][p].now, int64(len(w.log(s, p)))
	h := head(slot)
	if h.Token.Offset != n || w.commit[s][p] != n {
		w.bad("STUCK s%d p%d cursor %d commit %d of %d", s, p, h.Token.Offset, w.commit[s][p], n)
		return
	}
	f := w.refTo(s, p, n)
	if f.stopped {
		w.bad("FINAL s%d p%d the log can't be folded", s, p)
		return
	}
	if n > 0 {
		w.checkApply(s, p, slot, nil, 0, n)
	}
	passed := instant(w.clock)
	if w.cfg.event > 0 { // the history ends with a Tick
		passed = w.ref[1][p].fold.Status().Now
	}
	if h.NextDue <= passed && !stuck && w.cfg.frozen == nil {
		w.bad("DUE s%d p%d %s never fired, now %s", s, p, h.NextDue, f.fold.Status().Now)
	}
	if !w.emitted(s, p, n) {
		w.bad("LOST s%d p%d an output", s, p)
	}
}

// auditOut: what was published is dense, of one content, and what facts alone gives, however Ticks came.
func (w *world) auditOut(p int, stuck bool) {
	w.consume(p, reducer.TopicScores)
	got := outputs{}
	for _, topic := range edges {
		got[topic] = w.consume(p, topic)
		w.stats[topic] += len(got[topic])
	}
	if stuck || w.fixes[1][p] > 0 {
		return
	}
	var want outputs
	var err error
	cleanly(func() { want, _, err = w.pipeline(p, false) })
	if err != nil {
		w.bad("FACTS p%d can't be folded: %v", p, err)
		return
	}
	var ideal outputs
	cleanly(func() { ideal, _, err = w.pipeline(p, true) })
	if err != nil {
		w.bad("MOMENT p%d can't be folded: %v", p, err)
		return
	}
	for _, topic := range edges {
		if !slices.EqualFunc(got[topic], want[topic], same(topic)) {
			w.bad("FACTS p%d %s: %d messages, not what facts alone gives (%d)", p, topic, len(got[topic]), len(want[topic]))
		}
		a, b := w.byKey(topic, got[topic]), w.byKey(topic, ideal[topic])
		keys := b
		if topic == reducer.TopicPortfolio {
			keys = a // a day stays open until a Tick comes
		}
		for key := range keys {
			if !slices.EqualFunc(a[key], b[key], same(topic)) {
				w.bad("MOMENT p%d %s %s depends on when Ticks came: %d messages, want %d", p, topic, key, len(a[key]), len(b[key]))
			}
		}
	}
}

func same(topic string) func(a, b processor.Message) bool {
	return func(a, b processor.Message) bool { return text(topic, a) == text(topic, b) }
}

func (w *world) byKey(topic string, ms []processor.Message) map[string][]processor.Message {
	by := map[string][]processor.Message{}
	for _, m := range ms {
		key, _ := w.kit.name(topic, m)
		by[key] = append(by[key], m)
	}
	return by
}

// auditIn: every event is in facts, first occurrences in order; acknowledged control records count; Ticks are few.
func (w *world) auditIn(p int) {
	if w.cfg.frozen != nil {
		return
	}
	seen := int64(0)
	for _, e := range w.facts[p] {
		if e.num > seen {
			if e.num != seen+1 {
				w.bad("ORDER p%d event %d before %d", p, e.num, seen+1)
			}
			seen = e.num
		}
	}
	if int(seen) != len(w.events[p]) {
		w.bad("LOST p%d event %d of %d", p, seen, len(w.events[p]))
	}
	f := w.refTo(1, p, int64(len(w.facts[p])))
	last := civil.Instant(0)
	if n := len(w.events[p]); w.cfg.event > 0 {
		last = instant(w.events[p][n-1].at)
	}
	if ahead := f.ahead > (skew+3)*unit; ahead && w.cfg.event == 0 || w.cfg.event > 0 && f.fold.Status().Now > last {
		w.bad("AHEAD p%d time ran %d units ahead", p, f.ahead/unit)
	}
	w.auditControl(p, f)
	bound := 4*(w.ref[1][p].touched+w.ref[2][p].touched) + w.incarn + w.stats["tickerr"] + int(w.clock)/rest*4 + 40
	if n := w.stats["tick"]; n > bound {
		w.bad("STORM %d ticks, bound %d", n, bound)
	}
}

func (w *world) auditControl(p int, f *reference) {
	taken := map[string]bool{}
	top := map[string]int64{}
	for _, c := range f.out {
		for _, e := range c.out {
			for _, m := range e.Messages {
				if e.Topic != reducer.TopicScores {
					continue
				}
				key, seq, ok := w.kit.control(m)
				if !ok {
					continue
				}
				taken[fmt.Sprint(key, "/", seq)] = true
				if seq <= top[key] {
					w.bad("CONTROL p%d %s: %d after %d", p, key, seq, top[key])
				}
				top[key] = max(top[key], seq)
			}
		}
	}
	for _, r := range w.acked[p] {
		if key := controlKey(r.kind, r.cust); !taken[fmt.Sprint(key, "/", r.seq)] {
			w.bad("CONTROL p%d acknowledged but without effect: %s/%d", p, key, r.seq)
		}
	}
}
