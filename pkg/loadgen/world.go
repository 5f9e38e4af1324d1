package loadgen

import "encoding/json"

// Spans in seconds, the unit of time inside this package.
const (
	minute int64 = 60
	hour         = 60 * minute
	day          = 24 * hour
)

// world is the trade under way: what is still to happen, and what has happened but not arrived yet.
type world struct {
	cfg        Config
	start, end int64 // seconds since 1970
	now        int64
	scale      int64 // minor units of a major one
	customers  []*customer
	market     *market // of currencies; nil: there is but one
	agenda     queue[step]
	outbox     queue[parcel]
	steps      int64
	posted     int64
	yield      func(Line) error
	err        error // the first of json or yield; ends the run
}

// step is something that a customer will do.
type step struct {
	at, seq  int64
	customer int
	do       func()
}

func (a step) before(b step) bool {
	switch {
	case a.at != b.at:
		return a.at < b.at
	case a.customer != b.customer:
		return a.customer < b.customer
	}
	return a.seq < b.seq
}

// Generate yields the lines of a trade in order of arrival: by (At, topic, event id). It ends early with the error of
// yield, if that returns one, and with ErrConfig where the config can't be used.
func Generate(cfg Config, yield func(Line) error) error {
	if err := cfg.validate(); err != nil {
		return err
	}
	start := cfg.Start.Unix()
	w := &world{
		cfg: cfg, start: start, end: start + int64(cfg.Days)*day, scale: minorPerMajor(cfg.Currency),
		agenda: queue[step]{less: step.before}, outbox: queue[parcel]{less: parcel.before}, yield: yield,
	}
	if cfg.Foreign > 0 {
		w.market = newMarket(w)
		before := start - day // west of Greenwich the first day has not begun
		for weekend(before) {
			before -= day
		}
		w.quote(before)
	}
	for i := range cfg.Customers {
		w.customers = append(w.customers, newCustomer(w, i))
	}
	return w.run()
}

func (w *world) run() error {
	for today := range w.cfg.Days {
		w.now = w.start + int64(today)*day
		odds := oddsOf(w.now)
		w.quote(w.now)
		for _, c := range w.customers {
			c.live(today, odds)
		}
		w.play(w.now + day)
		if w.err != nil {
			return w.err
		}
	}
	return w.err
}

// play does every step before a moment, and lets arrive what arrives before it.
func (w *world) play(until int64) {
	for len(w.agenda.all) > 0 && w.agenda.all[0].at < until && w.err == nil {
		next := w.agenda.pop()
		w.deliver(next.at)
		w.now = next.at
		next.do()
	}
	w.deliver(until)
}

// deliver yields what arrives before a moment. No step before that moment is left, so nothing can come in between.
func (w *world) deliver(until int64) {
	for len(w.outbox.all) > 0 && w.outbox.all[0].arrives < until && w.err == nil {
		w.err = w.yield(w.outbox.pop().line)
	}
}

// put puts a step on the agenda; not in the past, and not at all after the end.
func (w *world) put(customer int, at int64, do func()) {
	if at = max(at, w.now); at < w.end {
		w.steps++
		w.agenda.push(step{at, w.steps, customer, do})
	}
}

// dayStart is the first second of a day counted from the start of the trade.
func (w *world) dayStart(today int) int64 { return w.start + int64(today)*day }

// marshal is JSON; it fails only if this package builds what JSON can't say.
func (w *world) marshal(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil && w.err == nil {
		w.err = err
	}
	return data
}
