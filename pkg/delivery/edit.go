package delivery

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// deadID is the pseudo customer that has the dead deliveries. No customer can have that id: ids are printable.
const deadID = "\x00dead"

// logic is the version of what is stored.
const logic = 1

// edit is one change of a slot, as it grows: the customers that it touches, already changed, and their registers.
type edit struct {
	customers map[string]*pb.DeliveryCustomer
	set       map[string]map[int64][]byte // records to keep, by customer and seq
	gone      map[string]map[int64]bool   // seqs whose record may no longer be needed
	index     *pb.DeadIndex               // nil: as it was
	deadSet   []processor.Register
	deadDel   []string
	told      []func() // what the observer is told once it is applied
}

func newEdit() *edit {
	return &edit{customers: map[string]*pb.DeliveryCustomer{}, set: map[string]map[int64][]byte{}, gone: map[string]map[int64]bool{}}
}

func (e *edit) empty() bool { return len(e.customers) == 0 && e.index == nil }

// keep stores the record of a seq, if a queue has it in the end.
func (e *edit) keep(customer string, seq int64, value []byte) {
	if e.set[customer] == nil {
		e.set[customer] = map[int64][]byte{}
	}
	e.set[customer][seq] = value
}

// left says that a seq has left a queue.
func (e *edit) left(customer string, seq int64) {
	if e.gone[customer] == nil {
		e.gone[customer] = map[int64]bool{}
	}
	e.gone[customer][seq] = true
}

func (e *edit) tell(f func()) { e.told = append(e.told, f) }

// die puts a delivery among the dead, whose oldest make room where there are too many.
func (e *edit) die(index *pb.DeadIndex, d *pb.DeadDelivery, most int, dropped func(endpoint string)) error {
	value, err := proto.Marshal(d)
	if err != nil {
		return fmt.Errorf("keeping a dead delivery: %w", err)
	}
	index.Number++
	name := strconv.FormatInt(index.Number, 10)
	e.index = index
	index.Entries = append(index.Entries, &pb.DeadEntry{Register: name, Endpoint: d.Endpoint})
	e.deadSet = append(e.deadSet, processor.Register{Name: name, Value: value})
	if oldest, n := oldestOf(index, d.Endpoint); n > most {
		e.deadDel = append(e.deadDel, index.Entries[oldest].Register)
		index.Entries = slices.Delete(index.Entries, oldest, oldest+1)
		dropped(d.Endpoint)
	}
	return nil
}

// oldestOf is the place of the oldest dead delivery of an endpoint, and how many there are.
func oldestOf(index *pb.DeadIndex, endpoint string) (oldest, n int) {
	for i, e := range index.Entries {
		if e.Endpoint == endpoint {
			if n++; n == 1 {
				oldest = i
			}
		}
	}
	return oldest, n
}

// write is the edit as one Apply.
func (e *edit) write(expect, next processor.Token) (processor.Write, error) {
	w := processor.Write{Expect: expect, Next: next}
	for _, id := range slices.Sorted(maps.Keys(e.customers)) {
		c := e.customers[id]
		blob, err := proto.Marshal(c)
		if err != nil {
			return w, fmt.Errorf("keeping what is pending: %w", err)
		}
		cw := processor.CustomerWrite{ID: id, Blob: blob, Due: dueOf(c)}
		for _, seq := range slices.Sorted(maps.Keys(e.set[id])) {
			if wanted(c, seq) {
				cw.Set = append(cw.Set, processor.Register{Name: register(seq), Value: e.set[id][seq]})
			}
		}
		for _, seq := range slices.Sorted(maps.Keys(e.gone[id])) {
			if !wanted(c, seq) {
				cw.Del = append(cw.Del, register(seq))
			}
		}
		w.Customers = append(w.Customers, cw)
	}
	if e.index != nil {
		blob, err := proto.Marshal(e.index)
		if err != nil {
			return w, fmt.Errorf("keeping dead deliveries: %w", err)
		}
		w.Customers = append(w.Customers, processor.CustomerWrite{ID: deadID, Blob: blob, Due: processor.NoDue, Set: e.deadSet, Del: e.deadDel})
	}
	return w, nil
}

func register(seq int64) string { return strconv.FormatInt(seq, 10) }

// fieldsOf asks for the records of a customer's seqs.
func fieldsOf(id string, seqs []int64) processor.Fields {
	f := processor.Fields{Customer: id}
	for _, seq := range seqs {
		f.Names = append(f.Names, register(seq))
	}
	return f
}
