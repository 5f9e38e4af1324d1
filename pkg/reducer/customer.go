package reducer

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/register"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// customer is a customer in the scorer: the blob, with value and ledger unpacked, and the registers that were read.
type customer struct {
	*pb.ScorerCustomer
	id        string
	value     value.State
	ledger    credit.Ledger
	profile   register.Profile
	whole     bool            // the ledger is that of the whole book, every register read, pruned as last
	running   *credit.Running // of the whole book, where it is kept; it shares its lists with the ledger
	pruned    pruned
	registers registers
	borders   borders
	history   history
	unbooked  *pb.PortfolioTotals // what Booked was before, to be used again
	written   int                 // bytes of the blob
	waits     civil.Instant       // the second place in the due set, as it was written last
	changed   bool
	told      func(civil.Day, string) // history.entry
	carried   credit.Carried
	worth     value.Carried
}

// place is the customer's second place in the due set.
func (c *customer) place() civil.Instant {
	if c.Wait == nil {
		return processor.NoDue
	}
	return waitFor(c.WaitTime, civil.Day(*c.Wait))
}

// Sizes of what is kept of a customer, roughly.
const (
	customerSize = 1000
	blobFactor   = 3 // of the blob unpacked
	registerSize = 500
	daySize      = 40
	journalSize  = 700 // of a register
	blobGrowth   = 100 // by one record, as a rule
)

// size is what it takes to keep the customer, roughly.
func (c *customer) size() int {
	r := &c.registers
	n := len(r.orders) + len(r.returns) + len(r.invoices) + len(r.payments) + len(r.profiles) + len(r.engaged)
	if c.running != nil && c.running.Journaled() {
		n += n * journalSize / registerSize
	}
	days := c.days()
	return customerSize + c.borders.size() + blobFactor*c.written + registerSize*n + daySize*days.Len()
}

// readBlob is a customer's blob, with the directory of a former program as spans.
func readBlob(blob []byte) (*pb.ScorerCustomer, error) {
	p := &pb.ScorerCustomer{}
	if err := proto.Unmarshal(blob, p); err != nil {
		return nil, fmt.Errorf("reading a customer's blob in the scorer: %w", err)
	}
	if err := codec.ReadSpans(p); err != nil {
		return nil, fmt.Errorf("reading a customer's blob in the scorer: %w: %w", err, processor.ErrDamaged)
	}
	return p, nil
}

func openCustomer(id string, blob []byte) (*customer, error) {
	p, err := readBlob(blob)
	if err != nil {
		return nil, err
	}
	c := &customer{ScorerCustomer: p, id: id, registers: newRegisters()}
	c.value, c.ledger, c.written = codec.ReadValue(c.ScorerCustomer), codec.ReadLedger(c.Ledger), len(blob)
	c.Buckets, c.Ledger = nil, nil
	c.profile, c.waits, c.told = codec.ReadProfile(c.Profile), c.place(), c.history.entry
	c.watch()
	if blob == nil { // nothing in Redis: every register is known to be absent
		c.registers.all, c.whole, c.borders = true, true, bordersOfNone()
	}
	return c, c.awaitPages()
}

// write is the customer's new state, after which nothing of it counts as changed.
func (c *customer) write(id string, to *slab, opts *Options, g *pager) processor.CustomerWrite {
	w := processor.CustomerWrite{ID: id, Due: processor.NoDue}
	w.Set, w.Del = c.registers.write(to)
	inline := c.writeDays(&w, to, opts, g)
	v, l := c.value, c.ledger
	v.Buckets, l.Settled, l.Portions, l.Sales, l.Items = inline.Buckets, inline.Settled, inline.Portions, inline.Sales, inline.Items
	w.Blob = to.keep(codec.AppendCustomer(to.room(c.written+blobGrowth), c.ScorerCustomer, v, &l))
	if c.Due != 0 {
		w.Due = civil.Instant(c.Due)
	}
	waits(&w, c.place(), &c.waits)
	c.changed, c.written = false, len(w.Blob)
	return w
}

// pruned is how far a ledger has been pruned, and what settled it.
type pruned struct {
	settled, portions, sales civil.Day
	tolerance                int64
	hold, forgive            bool
}

// settles says that what settled one ledger settles another alike.
func (p pruned) settles(q pruned) bool {
	return p.tolerance == q.tolerance && p.hold == q.hold && p.forgive == q.forgive
}

// look has a policy look at the ledger from now on. Where its windows reach back to what was pruned, or the tolerance is
// another, what is kept differs from what the whole book would give, and does for everybody who reads it from what is stored.
func (c *customer) look(p *policy.Policy, today civil.Day) {
	is := pruned{today - civil.Day(p.Credit.WindowDays), today - civil.Day(p.Credit.PromptnessDays), today - civil.Day(p.Credit.DSODays),
		p.Credit.Tolerance, p.Credit.Hold, p.Credit.Forgive}
	was := c.pruned
	c.pruned = is
	back := is.settled < was.settled || is.portions < was.portions || is.sales < was.sales
	if c.whole && was != (pruned{}) && (back || !is.settles(was)) {
		c.ledger, c.running, c.whole = c.ledger.Clone(), nil, false
		c.registers.journal(false)
		c.watch()
	}
}

// watch has a new value or ledger tell what of its days changes, and carry its sums.
func (c *customer) watch() {
	c.carried, c.worth = credit.Carried{}, value.Carried{}
	c.value.Changed, c.value.Carried = c.history.bucket, &c.worth
	c.ledger.Changed, c.ledger.Carried = c.told, &c.carried
}

// prune drops what no window can need any more, so that the blob stays small.
func (c *customer) prune(p *policy.Policy, today civil.Day) {
	c.look(p, today)
	were := c.days()
	c.value.Prune(p.Value, today)
	c.ledger.Prune(p.Credit, today)
	are := c.days()
	c.history.dropped(firstsOf(&were), firstsOf(&are))
}

// plan says when the customer is to be looked at again: at the first moment after today at which time alone changes a figure
// that matters, and, where it isn't for time to say how far silence is judged, when it is judged up to a day. worth is the
// policy's section of value for the customer.
func (c *customer) plan(r rule, segment int, worth *value.Now, calendar civil.Calendar, today civil.Day) {
	p, next, found := r.policy, civil.Day(0), false
	soonest := func(d civil.Day, ok bool) {
		if ok && (!found || d < next) {
			next, found = d, true
		}
	}
	soonest(worth.NextDay())
	if p.ByStage() {
		soonest(c.value.NextDay(p.Value, today))
	}
	graded, drift := p.CreditOf(segment), p.DriftOf(segment)
	soonest(c.ledger.NextDay(*graded, drift, today))
	soonest(c.profile.NextDay(today))
	c.Wait, c.WaitTime = nil, 0
	switch day, worse := c.ledger.NextSilence(*graded, drift, r.judged(today)); {
	case worse && r.held():
		c.Wait, c.WaitTime = proto.Int32(int32(day)), r.judging.Time
	case worse:
		soonest(day+civil.Day(p.Credit.Scoring.LagDays), true)
	}
	if c.Due = 0; found {
		c.Due = int64(calendar.Start(next))
	}
}

// erase forgets all but the numbers.
func (c *customer) erase(t civil.Instant) {
	c.ScorerCustomer = &pb.ScorerCustomer{Version: c.Version, Control: c.Control, At: int64(t), Erased: true}
	c.value, c.ledger, c.running, c.whole, c.history.all = value.State{}, credit.Ledger{}, nil, false, true
	c.watch()
	c.profile, c.borders = register.Profile{}, bordersOfNone()
	c.registers.journal(false)
	c.registers.erase()
}
