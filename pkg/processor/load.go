package processor

import (
	"context"
	"slices"
)

// needsMost bounds how often a record may ask for more before it is reduced.
const needsMost = 100

// loadPart reads the partition's blob, unless it is known.
func (o *Owner) loadPart(ctx context.Context) error {
	if o.hasPart {
		return nil
	}
	r, err := o.read(ctx, Query{Part: true})
	if err != nil {
		return err
	}
	b, err := o.cfg.Stage.Begin(r.Part)
	if err != nil {
		return o.halt("upgrade the program, or rebuild the partition", "its state can't be read: %v", err)
	}
	o.part, o.status, o.hasPart = r.Part, b.Status(), true
	return nil
}

// prefetch reads at once what the records of a run name. Where that is anything, it reads with it what the records behind the run name,
// so that a batch of many runs is one read: of no more customers than a batch may write, since each may be of somebody who isn't
// known yet, and who comes after the batch's end would be read in vain.
func (o *Owner) prefetch(ctx context.Context, b Batch, next []Record, infos []Info, order []int) error {
	var all collector
	for _, i := range order {
		if err := o.ask(b, next[i], infos[i], &all); err != nil {
			return err
		}
	}
	if all.needs.Empty() {
		return nil
	}
	for i := max(len(order), int(o.asked-next[0].Offset)); i < len(next) && len(all.needs.Customers) < o.cfg.Limits.Customers; i++ {
		if err := o.ask(b, next[i], infos[i], &all); err != nil {
			return err
		}
		o.asked = next[i].Offset + 1
	}
	return o.load(ctx, b, all.needs)
}

// ask collects what a record needs and nobody has kept.
func (o *Owner) ask(b Batch, r Record, info Info, all *collector) error {
	if info.Tick {
		return nil
	}
	n := b.Needs(r, nil)
	lent, err := o.lend(b, n)
	if lent {
		n = b.Needs(r, nil)
	}
	all.add(n)
	return err
}

// collector puts the needs of many records together. The zero value has none.
type collector struct {
	needs     Needs
	customers map[string]bool
	fields    map[string]int    // where in needs.Registers a customer is
	names     []map[string]bool // of each of these, the names that it has; nil: one record alone asks
}

func (c *collector) add(n Needs) {
	if c.customers == nil && !n.Empty() {
		c.customers, c.fields = map[string]bool{}, map[string]int{}
	}
	for _, id := range n.Customers {
		if !c.customers[id] {
			c.customers[id] = true
			c.needs.Customers = append(c.needs.Customers, id)
		}
	}
	for _, f := range n.Registers {
		at, ok := c.fields[f.Customer]
		if !ok {
			c.fields[f.Customer] = len(c.needs.Registers)
			c.needs.Registers = append(c.needs.Registers, Fields{f.Customer, slices.Clone(f.Names), f.All})
			c.names = append(c.names, nil)
			continue
		}
		all, named := &c.needs.Registers[at], c.names[at]
		if named == nil {
			named = make(map[string]bool, len(all.Names)+len(f.Names))
			for _, name := range all.Names {
				named[name] = true
			}
			c.names[at] = named
		}
		for _, name := range f.Names {
			if !named[name] {
				named[name], all.Names = true, append(all.Names, name)
			}
		}
		if all.All = all.All || f.All; all.All {
			all.Names = nil
		}
	}
}

// reduce applies one record, after what it needs has been read.
func (o *Owner) reduce(ctx context.Context, b Batch, r Record, info Info) error {
	var due []string
	if info.Tick {
		reply, err := o.read(ctx, Query{Due: true, DueTo: info.DueTo, DueMost: info.DueMost})
		if err != nil {
			return err
		}
		due = reply.Due
	}
	if info.AlsoMost > 0 {
		reply, err := o.read(ctx, Query{Due: true, DueFrom: info.AlsoFrom, DueTo: info.AlsoTo, DueMost: info.AlsoMost})
		if err != nil {
			return err
		}
		due = append(due, reply.Due...)
	}
	rounds := 0
	for n := b.Needs(r, due); !n.Empty(); n = b.Needs(r, due) {
		if rounds++; rounds > needsMost {
			return o.halt("report it: it is a mistake in the program", "offset %d never has all that it needs", r.Offset)
		}
		lent, err := o.lend(b, n)
		if err != nil {
			return err
		}
		if lent {
			continue // it needs less now
		}
		if err := o.load(ctx, b, n); err != nil {
			return err
		}
	}
	if err := b.Reduce(r, due); err != nil {
		return o.halt("nothing was skipped: see the runbook of halted partitions", "offset %d: %v", r.Offset, err)
	}
	return nil
}

// lend hands over the customers that an earlier batch has kept, and says whether there were any. They leave the cache:
// a batch that fails takes them with it, and they are read again.
func (o *Owner) lend(b Batch, n Needs) (bool, error) {
	lent, err := o.cache.kept.Lend(b, n)
	if err != nil {
		return true, o.halt("report it: it is a mistake in the program", "what was kept can't be used: %v", err)
	}
	return lent, nil
}

// load gives a batch what it needs, from the cache where it has it. Every read counts only under the owner's token,
// so that several reads are of one state (rule 2).
func (o *Owner) load(ctx context.Context, b Batch, n Needs) error {
	if n.Empty() {
		return nil
	}
	answer, missing := o.cache.split(n)
	if !missing.Empty() {
		r, err := o.read(ctx, Query{Customers: missing.Customers, Registers: missing.Registers})
		if err != nil {
			return err
		}
		answer.add(r)
		o.cache.put(missing, r)
	}
	if err := b.Load(n, answer); err != nil {
		return o.halt("restore the backup of Redis, or rebuild the partition", "its state can't be read: %v", err)
	}
	return nil
}
