package memory

import (
	"maps"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

// dueSet is customers by due moment. Many customers share few moments (midnights), so they are kept by moment.
type dueSet struct {
	of      map[string]civil.Instant
	at      map[civil.Instant]map[string]struct{}
	moments []civil.Instant // ascending
}

func newDueSet() dueSet {
	return dueSet{of: map[string]civil.Instant{}, at: map[civil.Instant]map[string]struct{}{}}
}

func (d *dueSet) set(id string, due civil.Instant) {
	was, ok := d.of[id]
	if ok && was == due {
		return
	}
	if ok {
		d.remove(id, was)
	}
	if due == processor.NoDue {
		return
	}
	d.of[id] = due
	if d.at[due] == nil {
		d.at[due] = map[string]struct{}{}
		i, _ := slices.BinarySearch(d.moments, due)
		d.moments = slices.Insert(d.moments, i, due)
	}
	d.at[due][id] = struct{}{}
}

func (d *dueSet) remove(id string, was civil.Instant) {
	delete(d.of, id)
	delete(d.at[was], id)
	if len(d.at[was]) == 0 {
		delete(d.at, was)
		i, _ := slices.BinarySearch(d.moments, was)
		d.moments = slices.Delete(d.moments, i, i+1)
	}
}

func (d *dueSet) next() civil.Instant {
	if len(d.moments) == 0 {
		return processor.NoDue
	}
	return d.moments[0]
}

// between gives at most most customers due from from (0: whenever) up to to, by moment and id.
func (d *dueSet) between(from, to civil.Instant, most int) (ids []string) {
	first := 0
	if from != 0 {
		first, _ = slices.BinarySearch(d.moments, from)
	}
	for _, m := range d.moments[first:] {
		if m > to || len(ids) >= most {
			break
		}
		ids = append(ids, slices.Sorted(maps.Keys(d.at[m]))...)
	}
	ids = ids[:min(len(ids), most)]
	for i, member := range ids {
		ids[i] = processor.DueCustomer(member)
	}
	return ids
}

func (d *dueSet) clone() dueSet {
	c := dueSet{of: maps.Clone(d.of), at: make(map[civil.Instant]map[string]struct{}, len(d.at)), moments: slices.Clone(d.moments)}
	for m, ids := range d.at {
		c.at[m] = maps.Clone(ids)
	}
	return c
}
