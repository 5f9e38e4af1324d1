package processor

// Keeper has what batches keep of customers between them. What is lent is gone until the batch gives it back: one that
// fails takes it with it, and the state is asked again. The nil Keeper keeps nothing.
//
// A batch of a backlog may use more customers than there is room for, and the next one the same again: if those used last stayed,
// nobody would be there any more when their turn comes. So whoever is there stays, and others go in only where there is room: that
// of customers whom nobody has used for a while.
type Keeper struct {
	most, size int             // bytes
	passed     int             // bytes that have come since old was young
	young, old map[string]Kept // used since then, and not
	came, aged []string        // who has come into the young, and into what is old now, in their order; some are gone
	lent       map[string]any  // what is lent with one Needs
	names      []string
}

// keeperTurn is how many times as many bytes as a Keeper may have come before those whom nobody has used meanwhile may go.
const keeperTurn = 2

// NewKeeper keeps up to most bytes.
func NewKeeper(most int) *Keeper {
	return &Keeper{most: most, young: map[string]Kept{}, old: map[string]Kept{}, lent: map[string]any{}}
}

// Put takes what a batch has kept and has been applied.
func (k *Keeper) Put(c Kept) {
	if k == nil {
		return
	}
	n := c.room()
	if k.passed += n; k.passed > keeperTurn*k.most {
		for _, x := range k.old {
			k.size -= x.room()
		}
		k.young, k.old, k.passed = map[string]Kept{}, k.young, 0
		k.came, k.aged = k.aged[:0], k.came
	}
	for ; k.size+n > k.most && len(k.aged) > 0; k.aged = k.aged[1:] {
		if x, ok := k.old[k.aged[0]]; ok {
			k.size -= x.room()
			delete(k.old, x.ID)
		}
	}
	if k.size+n <= k.most {
		k.size += n
		k.young[c.ID], k.came = c, append(k.came, c.ID)
	}
}

// room is how many bytes it takes, roughly.
func (c *Kept) room() int { return entryOverhead + len(c.ID) + c.Size }

// Lend gives a batch those of the customers that it needs that are here, and says whether there were any: then it
// needs less.
func (k *Keeper) Lend(b Batch, n Needs) (bool, error) {
	if k == nil || len(k.young)+len(k.old) == 0 {
		return false, nil
	}
	lent := Needs{Customers: k.names[:0]}
	for _, id := range n.Customers {
		c, ok := k.take(id)
		if !ok {
			continue
		}
		k.lent[id], lent.Customers = c.Value, append(lent.Customers, id)
	}
	if k.names = lent.Customers; len(k.names) == 0 {
		return false, nil
	}
	defer clear(k.lent)
	return true, b.Load(lent, Reply{Kept: k.lent})
}

func (k *Keeper) take(id string) (Kept, bool) {
	for _, m := range [...]map[string]Kept{k.young, k.old} {
		if c, ok := m[id]; ok {
			k.size -= c.room()
			delete(m, id)
			return c, true
		}
	}
	return Kept{}, false
}
