package reducer

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/processor"
)

// Records that are each of one customer alone don't look at one another's customers, so those of a customer are reduced one after
// the other (docs/adr/0021-runs.md). What they come to is that of the log's order: each has the time that it has there, and what
// they send is put into it before it is numbered.

// party is whom records of a batch are about.
type party[C any] struct {
	id     string
	loaded *C
	turn   turn
}

// in is the customer, nil: nobody, or not loaded yet.
func (p *party[C]) in(loaded map[string]*C) *C {
	if p == nil {
		return nil
	}
	if p.loaded == nil {
		p.loaded = loaded[p.id]
	}
	return p.loaded
}

// parties are whom the records of a batch are about, so that an id is looked up once a record. The zero value has none.
type parties[C any] struct {
	byID map[string]*party[C]
	room lists[party[C]]
}

// of is whom an id names.
func of[C any, T string | []byte](ps *parties[C], id T) *party[C] {
	p := ps.byID[string(id)]
	if p == nil {
		p = &ps.room.room(1)[:1][0]
		p.id = string(id)
		if ps.byID == nil {
			ps.byID = map[string]*party[C]{}
		}
		ps.byID[p.id] = p
	}
	return p
}

func (ps *parties[C]) clear() {
	clear(ps.byID)
	ps.room = lists[party[C]]{}
}

// turn is where a customer's records are in a run.
type turn struct{ run, group int32 }

// run is an order of records that come next. The zero value has had no run.
type run struct {
	number int32
	groups []int32 // of each record
	ends   []int32 // of each group: how many records it has, then where it ends
	order  []int
}

// begin forgets the last run.
func (r *run) begin() { r.number, r.groups, r.ends = r.number+1, r.groups[:0], r.ends[:0] }

// add takes the next record, which is of a customer; false: there is no room for another of them. most is the room that there is for
// those whom the batch hasn't changed before.
func (r *run) add(t *turn, changed bool, most *int) bool {
	if t.run != r.number {
		if !changed {
			if *most == 0 {
				return false
			}
			*most--
		}
		*t = turn{r.number, int32(len(r.ends))}
		r.ends = append(r.ends, 0)
	}
	r.ends[t.group]++
	r.groups = append(r.groups, t.group)
	return true
}

// byCustomer is the order in which whose first record comes first is first, with all of theirs in the log's order. Where none was added
// it is the next record, by itself. It is good until the next run.
func (r *run) byCustomer() []int {
	if len(r.groups) == 0 {
		r.order = append(r.order[:0], 0)
		return r.order
	}
	from := int32(0)
	for g, n := range r.ends {
		r.ends[g], from = from, from+n
	}
	r.order = slices.Grow(r.order[:0], len(r.groups))[:len(r.groups)]
	for i, g := range r.groups {
		r.order[r.ends[g]] = i
		r.ends[g]++
	}
	return r.order
}

// outbox is what a batch sends to one topic.
type outbox struct {
	messages []processor.Message
	of       []int64 // offset of the record that each comes from
	bytes    int
}

func (o *outbox) add(of int64, m processor.Message) {
	o.messages, o.of = append(o.messages, m), append(o.of, of)
	o.bytes += sizeOf(m)
}

// inOrder is what was added in the order of the records.
func (o *outbox) inOrder() []processor.Message {
	if slices.IsSorted(o.of) {
		return o.messages
	}
	first, keys := slices.Min(o.of), make([]uint64, len(o.of))
	for i, of := range o.of {
		keys[i] = uint64(of-first)<<32 | uint64(i) // of a record those that were added first
	}
	slices.Sort(keys)
	sorted := make([]processor.Message, len(keys))
	for i, k := range keys {
		sorted[i] = o.messages[uint32(k)]
	}
	return sorted
}
