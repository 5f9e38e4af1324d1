package processor

// Keeper has what batches keep of customers between them. What is lent is gone until the batch gives it back: one that
// fails takes it with it, and the state is asked again. It holds the customers used last, in two generations of half
// its bound each. The nil Keeper keeps nothing.
type Keeper struct {
	most, size int // bytes; of the young
	young, old map[string]Kept
	lent       map[string]any // what is lent with one Needs
	names      []string
}

// NewKeeper keeps up to most bytes.
func NewKeeper(most int) *Keeper {
	return &Keeper{most: most, young: map[string]Kept{}, lent: map[string]any{}}
}

// Put takes what a batch has kept and has been applied.
func (k *Keeper) Put(c Kept) {
	if k == nil {
		return
	}
	if k.size > k.most/2 {
		k.young, k.old, k.size = map[string]Kept{}, k.young, 0
	}
	k.size += entryOverhead + len(c.ID) + c.Size
	k.young[c.ID] = c
}

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
	c, ok := k.young[id]
	if ok {
		k.size -= entryOverhead + len(id) + c.Size
		delete(k.young, id)
		return c, true
	}
	c, ok = k.old[id]
	delete(k.old, id)
	return c, ok
}
