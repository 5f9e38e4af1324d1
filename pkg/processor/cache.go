package processor

import "maps"

// entryOverhead is what an entry of the cache costs beside its bytes, roughly.
const entryOverhead = 64

// cache keeps the state of customers between batches. It holds what the slot had under the owner's token: any
// disagreement drops it whole (rule 4), and so does growing over its bound. What is absent is kept as absent.
type cache struct {
	most, size int // bytes
	of         map[string]*cached
	kept       *Keeper // of whom of has nothing
}

type cached struct {
	known     bool // blob is what the slot has; nil: nothing
	blob      []byte
	registers map[string][]byte // nil value: known to be absent
	all       bool              // every register that there is, is here
	size      int
}

func newCache(most int) cache {
	return cache{most: most, of: map[string]*cached{}, kept: NewKeeper(most)}
}

func (c *cache) clear() { *c = newCache(c.most) }

func (c *cache) entry(id string) *cached {
	e := c.of[id]
	if e == nil {
		e = &cached{registers: map[string][]byte{}}
		c.of[id] = e
		c.grow(e, entryOverhead+len(id))
	}
	return e
}

func (c *cache) grow(e *cached, by int) {
	e.size += by
	c.size += by
}

// split is what the cache has of n, and what must be read.
func (c *cache) split(n Needs) (have Reply, missing Needs) {
	have.Blobs, have.Registers = map[string][]byte{}, map[string]map[string][]byte{}
	for _, id := range n.Customers {
		if e := c.of[id]; e != nil && e.known {
			have.Blobs[id] = e.blob
		} else {
			missing.Customers = append(missing.Customers, id)
		}
	}
	for _, f := range n.Registers {
		have.Registers[f.Customer] = map[string][]byte{}
		if m := c.fields(f, have.Registers[f.Customer]); m.All || len(m.Names) > 0 {
			missing.Registers = append(missing.Registers, m)
		}
	}
	return have, missing
}

// fields puts the registers that are here into have, and names the others.
func (c *cache) fields(f Fields, have map[string][]byte) (missing Fields) {
	e := c.of[f.Customer]
	if e == nil || f.All && !e.all {
		return f
	}
	missing.Customer = f.Customer
	names := f.Names
	if f.All {
		names = make([]string, 0, len(e.registers))
		for name := range e.registers {
			names = append(names, name)
		}
	}
	for _, name := range names {
		v, ok := e.registers[name]
		switch {
		case v != nil:
			have[name] = v
		case !ok && !e.all:
			missing.Names = append(missing.Names, name)
		}
	}
	return missing
}

// put keeps the answer to n.
func (c *cache) put(n Needs, r Reply) {
	if c.size > c.most {
		c.clear()
	}
	for _, id := range n.Customers {
		e := c.entry(id)
		c.setBlob(e, r.Blobs[id])
		e.all = e.all || e.blob == nil // who has no blob has no registers
	}
	for _, f := range n.Registers {
		e, got := c.entry(f.Customer), r.Registers[f.Customer]
		names := f.Names
		if f.All {
			e.all, names = true, make([]string, 0, len(got))
			for name := range got {
				names = append(names, name)
			}
		}
		for _, name := range names {
			c.setRegister(e, name, got[name])
		}
	}
}

// write keeps what an Apply has written.
func (c *cache) write(ws []CustomerWrite) {
	for _, w := range ws {
		e := c.entry(w.ID)
		c.setBlob(e, w.Blob)
		for _, r := range w.Set {
			v := r.Value
			if v == nil {
				v = []byte{}
			}
			c.setRegister(e, r.Name, v)
		}
		for _, name := range w.Del {
			c.setRegister(e, name, nil)
		}
	}
}

// keep takes what a batch has made of its customers, and forgets the bytes that it was made of.
func (c *cache) keep(ks []Kept) {
	for _, k := range ks {
		if e := c.of[k.ID]; e != nil {
			c.size -= e.size
			delete(c.of, k.ID)
		}
		c.kept.Put(k)
	}
}

func (c *cache) setBlob(e *cached, blob []byte) {
	c.grow(e, len(blob)-len(e.blob))
	e.known, e.blob = true, blob
}

func (c *cache) setRegister(e *cached, name string, v []byte) {
	was, ok := e.registers[name]
	if !ok {
		c.grow(e, entryOverhead+len(name))
	}
	c.grow(e, len(v)-len(was))
	e.registers[name] = v
}

// add puts what was read to what was here.
func (r *Reply) add(read Reply) {
	maps.Copy(r.Blobs, read.Blobs)
	for id, fields := range read.Registers {
		if r.Registers[id] == nil {
			r.Registers[id] = map[string][]byte{}
		}
		maps.Copy(r.Registers[id], fields)
	}
}
