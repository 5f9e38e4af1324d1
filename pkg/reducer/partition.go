package reducer

import (
	"errors"
	"fmt"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/portfolio"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// ErrNoInit says that a partition's log doesn't begin with PartitionInit.
var ErrNoInit = errors.New("record 0 is not PartitionInit: run tierctl init for this deployment")

// Options are the bounds of a stage. The zero value has the defaults.
type Options struct {
	Skew        civil.Instant // how far `at` may lie beyond the append time; default 5 s
	TickMost    int           // customers that one Tick may fire; default 100
	MomentsMost int           // due moments after which a Tick leaves the rest to the next; default 1,000
	RankedMost  int           // of several day ends that close at once, how many are told with histograms, if there are two of these; default 8
	BytesMost   int           // bytes to one topic after which a Tick of the second stage does; default 512 KiB

	// How a customer's days are stored. Another choice is another state: these are for tests alone.
	InlineMost int // entries that the blob has; default 32
	PageMost   int // entries of a page before it is split, an open item counting for three; default 24

	JournalFrom int // documents of a customer from which on a journal of them is kept; default 500
}

func (o Options) withDefaults() Options {
	if o.Skew == 0 {
		o.Skew = 5 * civil.Second
	}
	if o.TickMost == 0 {
		o.TickMost = 100
	}
	if o.MomentsMost == 0 {
		o.MomentsMost = 1000
	}
	if o.RankedMost == 0 {
		o.RankedMost = rankedDaysMost
	}
	if o.BytesMost == 0 {
		o.BytesMost = 512 << 10
	}
	if o.InlineMost == 0 {
		o.InlineMost = 32
	}
	if o.PageMost == 0 {
		o.PageMost = 24
	}
	return o
}

// policies remembers what has been compiled; a policy is a function of its text.
type policies struct {
	mu     sync.Mutex
	byText map[string]*policy.Policy
	zone   string
	known  civil.Calendar // of zone
}

// calendar is that of a time zone: reading it takes longer than most batches.
func (ps *policies) calendar(zone string) (civil.Calendar, error) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if zone == ps.zone {
		return ps.known, nil // the zero value is that of no zone
	}
	c, err := civil.NewCalendar(zone)
	if err == nil {
		ps.zone, ps.known = zone, c
	}
	return c, err
}

func (ps *policies) compile(file string, text []byte) (*policy.Policy, error) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p, ok := ps.byText[string(text)]; ok {
		return p, nil
	}
	p, err := policy.Parse(file, text)
	if err != nil {
		return nil, fmt.Errorf("the policy in the log can't be read by this program (upgrade it, or see `tierctl policy lint`): %w", err)
	}
	if ps.byText == nil {
		ps.byText = map[string]*policy.Policy{}
	}
	ps.byText[string(text)] = p
	return p, nil
}

// partition is the blob of a partition with its rules compiled.
type partition struct {
	*pb.PartState
	opts     Options
	policies *policies
	calendar civil.Calendar
	compiled []*policy.Policy    // of each rule
	cutoffs  []portfolio.Cutoffs // of each rule
}

func openPartition(blob []byte, opts Options, ps *policies) (*partition, error) {
	p := &partition{PartState: &pb.PartState{Fact: -1, Format: stateFormat}, opts: opts, policies: ps}
	if blob == nil {
		return p, nil
	}
	if err := proto.Unmarshal(blob, p.PartState); err != nil {
		return nil, fmt.Errorf("reading the partition's blob: %w", err)
	}
	if p.Format > stateFormat {
		return nil, fmt.Errorf("a newer program has written it, in format %d, and this one knows those up to %d", p.Format, stateFormat)
	}
	p.Format = stateFormat // all that is written from now on
	return p, p.compile()
}

// Readable says why this program can't read a partition's blob, of either stage; nil: it can, or there is none.
func Readable(blob []byte) error {
	_, err := openPartition(blob, Options{}.withDefaults(), &policies{})
	return err
}

func (p *partition) compile() (err error) {
	if p.calendar, err = p.policies.calendar(p.GetTimeZone()); err != nil {
		return err
	}
	p.compiled, p.cutoffs = p.compiled[:0], p.cutoffs[:0]
	for _, r := range p.Rules {
		c, err := p.policies.compile(r.PolicyFile, r.Policy)
		if err != nil {
			return err
		}
		p.compiled = append(p.compiled, c)
		p.cutoffs = append(p.cutoffs, portfolio.NewCutoffs(r.Published.GetDay(), listOf(r.Published)))
	}
	return nil
}

// start takes record 0.
func (p *partition) start(init *pb.PartitionInit) error {
	p.PartState = &pb.PartState{
		Started: true, Wall: init.Clock == pb.PartitionInit_WALL, Deployment: init.Deployment, Partition: init.Partition,
		TimeZone: init.TimeZone, Currency: init.Currency, Format: stateFormat,
		Rules:  []*pb.Rule{{Number: 1, Policy: init.Policy, PolicyFile: init.PolicyFile, Logic: 1}},
		Totals: &pb.PortfolioTotals{},
	}
	return p.compile()
}

// rule is one of the partition's rules with its compiled policy and its cut-offs.
type rule struct {
	*pb.Rule
	policy  *policy.Policy
	cutoffs *portfolio.Cutoffs
	judging *pb.Judging // how far silence is judged, in the scorer; nil: by the policy's lag
}

func (p *partition) at(i int) rule {
	return rule{Rule: p.Rules[i], policy: p.compiled[i], cutoffs: &p.cutoffs[i]}
}

// current is what is in force now.
func (p *partition) current() rule {
	r := p.at(len(p.Rules) - 1)
	r.judging = p.lastJudging()
	return r
}

// before is what was in force just before moment d: due moments at a time come before records at that time.
func (p *partition) before(d civil.Instant) rule {
	first := 0
	for i := len(p.Rules) - 1; i > 0; i-- {
		if civil.Instant(p.Rules[i].From) < d {
			first = i
			break
		}
	}
	r := p.at(first)
	r.judging = p.judgingBefore(d)
	return r
}

// numbered is the rule that a level names.
func (p *partition) numbered(n int64) (rule, error) {
	for i, r := range p.Rules {
		if r.Number == n {
			return p.at(i), nil
		}
	}
	return rule{}, fmt.Errorf("a level names rule %d, which the partition no longer has", n)
}

// change puts a new rule in force from moment t.
func (p *partition) change(t civil.Instant, edit func(*pb.Rule)) error {
	r := proto.CloneOf(p.Rules[len(p.Rules)-1])
	r.Number, r.From, r.Moved = r.Number+1, int64(t), false
	edit(r)
	p.Rules = append(p.Rules, r)
	return p.compile()
}

// prune forgets the rules that no due moment after t can need.
func (p *partition) prune(t civil.Instant) {
	for len(p.Rules) > 1 && civil.Instant(p.Rules[1].From) <= t {
		p.Rules, p.compiled, p.cutoffs = p.Rules[1:], p.compiled[1:], p.cutoffs[1:]
	}
}

// settle is the time of a facts record. Under the wall clock `at` is held to the append time plus a skew, since now
// never goes back and a future time can't be undone. Under the event clock events bring their own time, Ticks and
// releases of feeds theirs, and whatever else is written by hand comes at now.
func (p *partition) settle(f *pb.Fact, appended civil.Instant) civil.Instant {
	now := civil.Instant(p.Now)
	if p.Wall || f.GetClockLive() != nil {
		return max(now, min(civil.Instant(f.At), appended+p.opts.Skew))
	}
	if e, _ := eventOf(f); e != nil {
		return max(now, civil.FromTime(e.GetOccurredAt().AsTime()))
	}
	if f.GetTick() != nil || f.GetFeedsReleased() != nil {
		return max(now, civil.Instant(f.At))
	}
	return now
}

// control takes a partition-wide control record if its sequence is newer, and says so.
func (p *partition) control(f *pb.Fact, t civil.Instant) (taken bool, err error) {
	switch b := f.Body.(type) {
	case *pb.Fact_Policy:
		if taken = newer(&p.PolicySequence, b.Policy.Sequence); taken {
			err = p.activate(b.Policy, t)
		}
	case *pb.Fact_Cutoffs:
		if taken = newer(&p.CutoffSequence, b.Cutoffs.Sequence); taken {
			err = p.change(t, func(r *pb.Rule) {
				r.Cutoffs, r.Published, r.Moved = b.Cutoffs.Sequence, b.Cutoffs, true
			})
		}
	case *pb.Fact_Logic:
		if taken = newer(&p.LogicSequence, b.Logic.Sequence); taken {
			err = p.change(t, func(r *pb.Rule) { r.Logic = b.Logic.Version })
		}
	case *pb.Fact_ClockLive:
		if taken = newer(&p.ClockSequence, b.ClockLive.Sequence); taken {
			p.Wall, p.LiveSince = true, int64(t)
		}
	}
	return taken, err
}

func (p *partition) activate(a *pb.PolicyActivated, t civil.Instant) error {
	return p.change(t, func(r *pb.Rule) { r.Policy, r.PolicyFile = a.Policy, a.PolicyFile })
}

// newer advances a control sequence: what is not newer is ignored, since a record can land after its error.
func newer(last *int64, sequence int64) bool {
	if sequence <= *last {
		return false
	}
	*last = sequence
	return true
}
