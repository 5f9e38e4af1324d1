package model

// A mutation breaks one rule of the protocol on purpose, by a change of the product's own lines. The audits must see
// it, or the build is red.
type mutation struct {
	rule, name, what string
	edits            []edit
	shared           bool   // the definition itself is broken: the reference has it too, only end-to-end audits can tell
	run              string // what shows it; empty: any run
}

// edit replaces text that stands in a file exactly once. In the new text, mutated("name") asks whether the breakage
// is on, and mutatedCount() is what a clock or a random number would be.
type edit struct{ file, old, new string }

// Files that are broken.
const (
	owner      = "pkg/processor/owner.go"
	batch      = "pkg/processor/batch.go"
	load       = "pkg/processor/load.go"
	keep       = "pkg/processor/keep.go"
	tick       = "pkg/processor/tick.go"
	slot       = "pkg/processor/memory/slot.go"
	scorer     = "pkg/reducer/scorer.go"
	runs       = "pkg/reducer/run.go"
	moments    = "pkg/reducer/moments.go"
	partition  = "pkg/reducer/partition.go"
	portfolio  = "pkg/reducer/portfolio.go"
	customers  = "pkg/reducer/customer.go"
	tierchange = "pkg/reducer/tierchange.go"
	changes    = "pkg/reducer/change.go"
	watches    = "pkg/reducer/watches.go"
	sweep      = "pkg/reducer/sweep.go"
	silence    = "pkg/reducer/silence.go"
)

// mutations are at least one for every rule of the protocol from 1 to 12 and from 14 to 24, and for 13 what the
// reducers do of it. The engine's own tests have the bounds of rule 16 too.
var mutations = []mutation{
	{rule: "1", name: "wallclock", what: "a reducer reads a clock", edits: []edit{{changes,
		`	c.Climb, c.Stay = Advice(r.policy,`,
		`	change.DecidedAt += civil.Instant(mutatedCount("wallclock"))
	c.Climb, c.Stay = Advice(r.policy,`}}},
	{rule: "1", name: "batchversion", what: "versions are counted per batch", edits: []edit{{moments,
		`	c.Version++
`, `	if !mutated("batchversion") || !c.changed {
		c.Version++
	}
`}}},
	{rule: "2", name: "splitread", what: "blobs count without their token", edits: []edit{{owner,
		`	return r, o.same(r)
`, `	if mutated("splitread") && len(q.Customers) > 0 {
		return r, nil
	}
	return r, o.same(r)
`}}},
	{rule: "2", name: "lastblind", what: "last counts without its token", edits: []edit{{owner,
		`	r, err := o.read(ctx, Query{Last: true})
`, `	r, err := o.read(ctx, Query{Last: true})
	if mutated("lastblind") {
		r, err = o.cfg.State.Read(ctx, Query{Last: true})
	}
`}}},
	{rule: "2", name: "sweepblind", what: "whom new cut-offs may move counts without its token", edits: []edit{{load,
		`		reply, err := o.read(ctx, Query{Due: true, DueFrom: info.AlsoFrom, DueTo: info.AlsoTo, DueMost: info.AlsoMost})
`, `		also := Query{Due: true, DueFrom: info.AlsoFrom, DueTo: info.AlsoTo, DueMost: info.AlsoMost}
		reply, err := o.read(ctx, also)
		if mutated("sweepblind") {
			reply, err = o.cfg.State.Read(ctx, also)
		}
`}}},
	{rule: "19", name: "sweepnow", what: "new cut-offs move the silent when a Tick gets to them", shared: true, edits: []edit{{sweep,
		`	at := b.part.since(m, i)
`, `	at := b.part.since(m, i)
	if mutated("sweepnow") {
		at = max(at, civil.Instant(b.part.Now))
	}
`}}},
	{rule: "22", name: "sweeponce", what: "those whom a Tick doesn't get to are never looked at by new cut-offs", shared: true, edits: []edit{{tierchange,
		`			b.part.Owed = int64(t)
			return nil
`, `			b.part.Owed = int64(t)
			if mutated("sweeponce") {
				b.part.Swept = max(b.part.Swept, b.part.sweep(t))
			}
			return nil
`}}},
	{rule: "3", name: "nocompare", what: "Apply does not compare", edits: []edit{{slot,
		`	if s.token != w.Expect {`, `	if s.token != w.Expect && !mutated("nocompare") {`}}},
	{rule: "4", name: "keepcache", what: "the cache survives a disagreement", edits: []edit{{owner,
		`	o.cache.clear()
`, `	if !mutated("keepcache") {
		o.cache.clear()
	}
`}}},
	{rule: "4", name: "keeppart", what: "the partition's blob survives a disagreement", edits: []edit{{owner,
		`	o.known, o.hasPart, o.part = false, false, nil
`, `	o.known, o.hasPart, o.part = false, o.hasPart && mutated("keeppart"), o.part
`}}},
	{rule: "4", name: "keeplent", what: "what was lent to a batch that failed is used again", edits: []edit{
		{keep, `			delete(m, id)
`, `			if !mutated("keeplent") {
				delete(m, id)
			}
`},
	}},
	{rule: "5", name: "jump", what: "a larger cursor is adopted without sending last", edits: []edit{{owner,
		`	if o.token != r.Token {
`, `	if mutated("jump") {
		o.emitted = max(o.emitted, r.Token.Offset)
	}
	if o.token != r.Token {
`}}},
	{rule: "6", name: "pipelined", what: "Apply over an unacknowledged emission", edits: []edit{{owner,
		`	if o.emitted < o.token.Offset {
`, `	if o.emitted < o.token.Offset && !mutated("pipelined") {
`}}},
	{rule: "7", name: "commitfirst", what: "commit before acknowledgement", edits: []edit{{batch,
		`	if next > o.emitted {
`, `	if was := o.emitted; mutated("commitfirst") && next > was {
		o.emitted = next
		_ = o.commit(ctx)
		o.emitted = was
	}
	if next > o.emitted {
`}}},
	{rule: "8", name: "splitemit", what: "an emission in two requests, the second whatever became of the first", edits: []edit{{owner,
		`		if err := o.cfg.Log.Produce(ctx, e); err != nil {
`, `		if n := len(e.Messages) / 2; mutated("splitemit") && n > 0 {
			first := o.cfg.Log.Produce(ctx, Emission{e.Topic, e.Messages[:n]})
			if second := o.cfg.Log.Produce(ctx, Emission{e.Topic, e.Messages[n:]}); first != nil || second != nil {
				return errAgain
			}
			continue
		}
		if err := o.cfg.Log.Produce(ctx, e); err != nil {
`}}},
	{rule: "8", name: "onetopic", what: "E moves although the second topic was not acknowledged", edits: []edit{{owner,
		`			return fmt.Errorf("sending %d messages to %s: %w", len(e.Messages), e.Topic, err)
`, `			if mutated("onetopic") && e.Topic != out[0].Topic {
				continue
			}
			return fmt.Errorf("sending %d messages to %s: %w", len(e.Messages), e.Topic, err)
`}}},
	{rule: "9", name: "seekcommit", what: "starts at the commit where the cursor is smaller", edits: []edit{
		{batch, `	f, err := o.cfg.Log.Fetch(ctx, o.token.Offset, fetchBatches*o.cfg.Limits.Records, o.wait())
`, `	from, most := o.token.Offset, fetchBatches*o.cfg.Limits.Records
	if mutated("seekcommit") {
		from = max(from, o.committed)
	}
	if mutated("anyrecords") {
		most = 1000
	}
	f, err := o.cfg.Log.Fetch(ctx, from, most, o.wait())
`},
		{batch, `	case len(f.Records) > 0 && f.Records[0].Offset != at:`, `	case len(f.Records) > 0 && f.Records[0].Offset != at && !mutated("seekcommit") && !mutated("autoreset"):`},
	}},
	{rule: "10", name: "autoreset", what: "jumps to the log's start; a missing token is a new partition", run: "trim", edits: []edit{
		{batch, `	if err := o.reaches(f); err != nil {
`, `	if mutated("autoreset") && o.token.Offset < f.Start {
		if f, err = o.cfg.Log.Fetch(ctx, f.Start, o.cfg.Limits.Records, 0); err != nil {
			return nil, err
		}
	}
	if err := o.reaches(f); err != nil {
`},
		{batch, `	case at < f.Start:
`, `	case at < f.Start && !mutated("autoreset"):
`},
		{owner, `	if r.Missing && o.committed > 0 {
`, `	if r.Missing && o.committed > 0 && !mutated("autoreset") {
`},
	}},
	{rule: "11", name: "twice", what: "the second stage takes a record again", edits: []edit{
		{tierchange, `func (b *tierBatch) seen(s *scored) bool { return b.part.Started && s.Number <= b.part.Number }
`, `func (b *tierBatch) seen(s *scored) bool {
	return b.part.Started && s.Number <= b.part.Number && (!mutated("twice") || s.Other.GetInit() != nil)
}
`},
		{tierchange, `	case s.Number != b.part.Number+1:
`, `	case s.Number != b.part.Number+1 && (!mutated("twice") || s.Number > b.part.Number):
`},
		{tierchange, `	b.part.Number, b.part.Fact = s.Number, max(b.part.Fact, s.Fact)
	return`, `	b.part.Number, b.part.Fact = max(b.part.Number, s.Number), max(b.part.Fact, s.Fact)
	return`},
	}},
	{rule: "12", name: "noclamp", what: "at is not clamped to the append time", shared: true, edits: []edit{{partition,
		`		return max(now, min(civil.Instant(f.At), appended+p.opts.Skew))
`, `		if mutated("noclamp") {
			return max(now, civil.Instant(f.At))
		}
		return max(now, min(civil.Instant(f.At), appended+p.opts.Skew))
`}}},
	{rule: "12", name: "clampagain", what: "the second stage clamps by the append time of scores", edits: []edit{{tierchange,
		`	return b.apply(s, due)
`, `	if mutated("clampagain") && r.Appended > 0 {
		s.At = min(s.At, int64(r.Appended))
	}
	return b.apply(s, due)
`}}},
	{rule: "12", name: "stampnow", what: "a late due moment is stamped with now", shared: true, edits: []edit{{moments,
		`		if err := b.level(c, d, d, b.part.before(d), &pb.Trigger{Kind: pb.Trigger_TIME}); err != nil {
`, `		at := d
		if mutated("stampnow") {
			at = t
		}
		if err := b.level(c, at, d, b.part.before(d), &pb.Trigger{Kind: pb.Trigger_TIME}); err != nil {
`}}},
	{rule: "13", name: "eraseversion", what: "erasing forgets the sequence of the customer's changes", shared: true, edits: []edit{{watches,
		`	m.TierCustomer = &pb.TierCustomer{Seq: m.Seq, Version: m.Version, At: int64(at), Erased: true}
`, `	m.TierCustomer = &pb.TierCustomer{Seq: m.Seq, Version: m.Version, At: int64(at), Erased: true}
	if mutated("eraseversion") {
		m.Seq = 0
	}
`}}},
	{rule: "14", name: "collapse", what: "one level per customer and batch", edits: []edit{{scorer,
		`	scores := b.scores.inOrder()
`, `	scores := b.scores.inOrder()
	if mutated("collapse") {
		scores = mutatedCollapse(scores)
	}
`}}},
	{rule: "1", name: "runorder", what: "what a batch sends is in the order in which its records were taken", edits: []edit{{runs,
		`	if slices.IsSorted(o.of) {
`, `	if slices.IsSorted(o.of) || mutated("runorder") {
`}}},
	{rule: "1", name: "runtime", what: "a record of a run has the time of the last", edits: []edit{{scorer,
		`		return b.event(p.about.in(b.customers), f, p.t)
`, `		if mutated("runtime") {
			p.t = civil.Instant(b.part.Now)
		}
		return b.event(p.about.in(b.customers), f, p.t)
`}}},
	{rule: "1", name: "runday", what: "a run goes on over the end of a day", edits: []edit{{scorer,
		`		if i > 0 && b.part.calendar.DayOf(t) != b.part.calendar.DayOf(civil.Instant(b.part.Now)) {
`, `		if i > 0 && b.part.calendar.DayOf(t) != b.part.calendar.DayOf(civil.Instant(b.part.Now)) && !mutated("runday") {
`}}},
	{rule: "11", name: "rungap", what: "a run goes on over a gap of the numbers", edits: []edit{{tierchange,
		`s.Number != b.part.Number+1 {
			break
`, `(s.Number != b.part.Number+1 && !mutated("rungap")) {
			break
`}}},
	{rule: "15", name: "noepoch", what: "the epoch is not compared", run: "fix", edits: []edit{
		{owner, `	if r.Token != o.token || r.Missing != o.missing {
`, `	if mutated("noepoch") {
		r.Token.Epoch = o.token.Epoch
	}
	if r.Token != o.token || r.Missing != o.missing {
`},
		{slot, `	defer s.mu.Unlock()
	if s.token`, `	defer s.mu.Unlock()
	if mutated("noepoch") {
		w.Expect.Epoch = s.token.Epoch
	}
	if s.token`},
	}},
	{rule: "15", name: "anylogic", what: "a program goes on under a newer logic", edits: []edit{
		{batch, `		case info.Logic > o.cfg.Stage.Logic():
`, `		case info.Logic > o.cfg.Stage.Logic() && !mutated("anylogic"):
`},
		{owner, `	if r.Token.Logic > o.cfg.Stage.Logic() {
`, `	if r.Token.Logic > o.cfg.Stage.Logic() && !mutated("anylogic") {
`},
	}},
	{rule: "16", name: "tickanywhere", what: "a Tick in mid-batch, several in one", edits: []edit{{batch,
		`		case info.Tick && i > 0:
`, `		case info.Tick && i > 0 && !mutated("tickanywhere"):
`}}},
	{rule: "16", name: "anybytes", what: "a batch is not cut by its bytes", run: "backlog", edits: []edit{{batch,
		` || s.Bytes >= o.cfg.Limits.Bytes
`, ` || s.Bytes >= o.cfg.Limits.Bytes && !mutated("anybytes")
`}}},
	{rule: "16", name: "anycustomers", what: "a batch is not cut by its customers", edits: []edit{{batch,
		`	return s.Customers >= o.cfg.Limits.Customers`, `	return s.Customers >= o.cfg.Limits.Customers && !mutated("anycustomers")`}}},
	{rule: "16", name: "anyrecords", what: "a batch is not cut by its records", run: "backlog", edits: []edit{
		{batch, ` || i == o.cfg.Limits.Records {
`, ` || i == o.cfg.Limits.Records && !mutated("anyrecords") {
`},
	}},
	{rule: "17", name: "maporder", what: "due customers in the order of a map", edits: []edit{{moments,
		`	before := b.counts.get("moments")
`, `	if n := len(due); n > 1 && mutatedCount("maporder")%2 == 1 {
		due = append([]string{due[1], due[0]}, due[2:]...)
	}
	before := b.counts.get("moments")
`}}},
	{rule: "17", name: "unsorted", what: "a float whose sum depends on what the processor did before", edits: []edit{{portfolio,
		`	p.Totals = add(add(p.Totals, was, -1), is, 1)
`, `	p.Totals = add(add(p.Totals, was, -1), is, 1)
	p.Totals.NetMinor += mutatedCount("unsorted") % 2
`}}},
	{rule: "18", name: "oldcontrol", what: "an older control record counts", edits: []edit{{partition,
		`	if sequence <= *last {
`, `	if sequence <= *last && !mutated("oldcontrol") {
`}}},
	{rule: "18", name: "onesequence", what: "one sequence for several writers", shared: true, edits: []edit{{partition,
		`		if taken = newer(&p.CutoffSequence, b.Cutoffs.Sequence); taken {
`, `		sequence := &p.CutoffSequence
		if mutated("onesequence") {
			sequence = &p.PolicySequence
		}
		if taken = newer(sequence, b.Cutoffs.Sequence); taken {
`}}},
	{rule: "19", name: "latestrule", what: "a late due moment under today's policy", shared: true, edits: []edit{{partition,
		`	for i := len(p.Rules) - 1; i > 0; i-- {
`, `	if mutated("latestrule") {
		return p.current()
	}
	for i := len(p.Rules) - 1; i > 0; i-- {
`}}},
	{rule: "19", name: "forgetrules", what: "former rules are forgotten while a due moment may need them", shared: true, run: "busy", edits: []edit{{moments,
		`		b.part.Owed = int64(t)
`, `		b.part.Owed = int64(t)
		if mutated("forgetrules") {
			b.part.prune(t)
		}
`}}},
	{rule: "19", name: "latestjudging", what: "a late due moment is judged as far as silence is now", shared: true, edits: []edit{{partition,
		`	r.judging = p.judgingBefore(d)
`, `	r.judging = p.judgingBefore(d)
	if mutated("latestjudging") {
		r.judging = p.lastJudging()
	}
`}}},
	{rule: "20", name: "overtake", what: "an override is passed on before the customer's own due moments", shared: true, edits: []edit{{scorer,
		`	if err := b.fire(c, t); err != nil {
		return err
	}
	if !newer(&c.Control, sequence) {
`, `	if err := b.fire(c, t); err != nil && !mutated("overtake") {
		return err
	}
	if !newer(&c.Control, sequence) {
`}, {moments, `	for d := civil.Instant(c.Due); ; d = civil.Instant(c.Due) {
`, `	if mutated("overtake") && b.mutatedNamed() {
		return nil
	}
	for d := civil.Instant(c.Due); ; d = civil.Instant(c.Due) {
`}}},
	{rule: "21", name: "storm", what: "Ticks without waiting for the last", edits: []edit{
		{tick, `	if !o.tick.sent {
`, `	if !o.tick.sent || mutated("storm") {
`},
		{tick, `	return o.tick.sent && since >= 0 && since < o.cfg.Limits.Rest
`, `	return o.tick.sent && since >= 0 && since < o.cfg.Limits.Rest && !mutated("storm") && !mutated("norest")
`},
	}},
	{rule: "21", name: "norest", what: "no rest after a Tick in vain", run: "fastClock"},
	{rule: "21", name: "ownclock", what: "only the owner's clock says what has passed", run: "events", edits: []edit{{tick,
		`	if next <= o.status.Now {
`, `	if next <= o.status.Now && !mutated("ownclock") {
`}}},
	{rule: "21", name: "clockedevents", what: "the owner's clock counts under the event clock", run: "events", edits: []edit{
		{tick, `	if !o.status.Wall || o.resting(clock) {
`, `	if !o.status.Wall && !mutated("clockedevents") || o.resting(clock) {
`},
		{tick, `	if !o.status.Wall {
		at = o.status.Now
`, `	if !o.status.Wall && !mutated("clockedevents") {
		at = o.status.Now
`},
	}},
	{rule: "21", name: "noowed", what: "a Tick held back is forgotten once records have fired the rest", run: "heldBack", edits: []edit{{tick,
		`	if o.status.Owed != 0 {
`, `	if o.status.Owed != 0 && !mutated("noowed") {
`}}},
	{rule: "21", name: "onlyfirst", what: "the second stage does not tick", edits: []edit{{tick,
		`	clock := o.cfg.Clock()
`, `	if mutated("onlyfirst") && !o.cfg.First {
		return nil
	}
	clock := o.cfg.Clock()
`}}},
	{rule: "22", name: "unlowered", what: "a Tick is passed on unchanged although something is left", shared: true, edits: []edit{{moments,
		`		b.send("", tick, left-1)
`, `		if mutated("unlowered") {
			left = t + 1
		}
		if !mutated("holdback") {
			b.send("", tick, left-1)
		}
`}}},
	{rule: "22", name: "waitersleft", what: "a Tick is passed on although some who wait are left", shared: true, edits: []edit{{silence,
		`	if j := p.unjudged(); j != nil { // whoever waits for it comes behind those that are due
`, `	if j := p.unjudged(); j != nil && !mutated("waitersleft") { // whoever waits for it comes behind those that are due
`}}},
	{rule: "22", name: "holdback", what: "a Tick is not passed on while something is left", shared: true, run: "overload"},
	{rule: "23", name: "coldstart", what: "a new owner of a quiet partition does not look", edits: []edit{{tick,
		`	if err := o.loadPart(ctx); err != nil || !o.status.Started {
`, `	if mutated("coldstart") && !o.hasPart {
		return nil
	}
	if err := o.loadPart(ctx); err != nil || !o.status.Started {
`}}},
	{rule: "23", name: "goon", what: "a round goes on where something disagreed", edits: []edit{{load,
		`		if err != nil {
			return err
		}
		answer.add(r)
`, `		if err != nil && !(mutated("goon") && err == errAgain) {
			return err
		}
		answer.add(r)
`}}},
	{rule: "24", name: "daynow", what: "a day's aggregate is taken when the Tick comes through", shared: true, edits: []edit{{portfolio,
		`		out = append(out, &pb.PortfolioDay{Partition: p.Partition, AsOf: d.AsOf, Totals: d.Totals, Paid: d.Paid})
`, `		if mutated("daynow") {
			d.Totals = p.Totals
		}
		out = append(out, &pb.PortfolioDay{Partition: p.Partition, AsOf: d.AsOf, Totals: d.Totals, Paid: d.Paid})
`}}},
	{rule: "24", name: "daylate", what: "what comes after a day counts in it", shared: true, edits: []edit{{portfolio,
		`		if int64(due) <= d.AsOf {
`, `		if int64(due) <= d.AsOf || mutated("daylate") {
`}}},
	{rule: "24", name: "dayearly", what: "a day closes while something stamped before its end is left", shared: true, edits: []edit{{moments,
		`	if left <= t {
`, `	if left <= t && mutated("dayearly") {
		for _, d := range b.part.close() {
			b.portfolio.add(b.at, processor.Message{Key: portfolioKey(d), Value: encode(d)})
		}
	}
	if left <= t {
`}}},
}

// additions are what mutations need beside their edits, by folder.
var additions = map[string]string{
	"pkg/reducer": `
// mutatedCollapse keeps the last level of each customer in the batch.
func mutatedCollapse(scores []processor.Message) (left []processor.Message) {
	for i, m := range scores {
		s := &pb.Score{}
		_ = proto.Unmarshal(m.Value[codec.NumberRoom:], s)
		last := true
		for _, later := range scores[i+1:] {
			x := &pb.Score{}
			_ = proto.Unmarshal(later.Value[codec.NumberRoom:], x)
			if s.GetLevel() != nil && x.GetLevel().GetCustomerId() == s.GetLevel().GetCustomerId() {
				last = false
			}
		}
		if last {
			left = append(left, m)
		}
	}
	return left
}

// mutatedNamed says that the record being reduced is only passed on.
func (b *scorerBatch) mutatedNamed() bool {
	i, found := find(b.read.parsed, b.at)
	if !found {
		return false
	}
	f := b.read.parsed[i].fact
	return f.GetOverride() != nil || f.GetErasure() != nil
}
`,
}

var additionImports = map[string]string{
	"pkg/reducer": `
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
`,
}
