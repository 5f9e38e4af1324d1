package processor_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

// order is a record of the toy's log, as JSON.
type order struct {
	// Kind is init, add, all (needs all registers, once the customer is known), late (once they are changed), tick, logic,
	// bad (can't be reduced), garbled (can't be read).
	Kind   string        `json:"kind"`
	Cust   string        `json:"cust,omitempty"`
	N      int64         `json:"n,omitempty"`    // add: added to the customer; logic: the version
	Name   string        `json:"name,omitempty"` // add: a register that is set to n
	Due    civil.Instant `json:"due,omitempty"`  // add: the customer's due moment
	At     civil.Instant `json:"at,omitempty"`   // tick
	Filler int           `json:"filler,omitempty"`
	Fact   int64         `json:"fact,omitempty"` // where in facts the record comes from
	Owed   civil.Instant `json:"owed,omitempty"` // add: a Tick that is held back; a Tick passes it on
}

func (o order) message() processor.Message {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return processor.Message{Key: o.Cust, Value: b}
}

var errBad = errors.New("a bad record")

// toy is a stage that adds numbers: enough to see what the engine does.
type toy struct {
	logic int64
	wall  bool
	vain  bool // Ticks come through too low to fire anything
	runs  func(records int)
	asked func() // what a record needs
	keeps int    // bytes that it says to keep a customer takes; 0: it keeps none
}

// toyKept is what a toy that keeps makes of a customer. It is written to in place, as the product's are.
type toyKept struct {
	sum  int64
	regs map[string]string
	all  bool
}

func (s toy) Logic() int64                               { return s.logic }
func (s toy) Tick(at civil.Instant) processor.Message    { return order{Kind: "tick", At: at}.message() }
func (s toy) TakenIn(at civil.Instant) processor.Message { return s.Tick(at) }

func (s toy) Begin(part []byte) (processor.Batch, error) {
	b := &toyBatch{stage: s, sums: map[string]int64{}, regs: map[string]map[string]string{}, all: map[string]bool{}, due: map[string]civil.Instant{}}
	if part == nil {
		b.part = toyPart{Logic: 1}
		return b, nil
	}
	return b, json.Unmarshal(part, &b.part)
}

type toyPart struct {
	Started bool
	Now     civil.Instant
	Next    int64
	Fact    int64 // of the last record that named one
	Owed    civil.Instant
	Logic   int64
}

// toyOut is what a record has sent.
type toyOut struct {
	of int64
	processor.Message
}

type toyBatch struct {
	stage   toy
	part    toyPart
	sums    map[string]int64
	regs    map[string]map[string]string // "": known to be absent
	all     map[string]bool
	due     map[string]civil.Instant
	changed []string
	set     map[string][]processor.Register
	at      int64 // offset of the record that is reduced
	out     []toyOut
	bytes   int
}

func (b *toyBatch) Status() processor.Status {
	fact := b.part.Next - 1
	if b.part.Fact > 0 {
		fact = b.part.Fact
	}
	return processor.Status{Started: b.part.Started, Wall: b.stage.wall, Now: b.part.Now, Owed: b.part.Owed, Fact: fact, Logic: b.part.Logic}
}

func parse(r processor.Record) (o order) {
	if err := json.Unmarshal(r.Value, &o); err != nil {
		panic(err)
	}
	return o
}

func (b *toyBatch) Inspect(r processor.Record) (processor.Info, error) {
	switch o := parse(r); o.Kind {
	case "garbled":
		return processor.Info{}, errBad
	case "tick":
		to := max(b.part.Now, o.At)
		if b.stage.vain {
			to = 0
		}
		return processor.Info{Tick: true, DueTo: to, DueMost: 3}, nil
	case "logic":
		return processor.Info{Logic: o.N}, nil
	}
	return processor.Info{}, nil
}

func (b *toyBatch) Needs(r processor.Record, due []string) (n processor.Needs) {
	if b.stage.asked != nil {
		b.stage.asked()
	}
	o := parse(r)
	for _, id := range append([]string{o.Cust}, due...) {
		if _, ok := b.sums[id]; id != "" && !ok && !slices.Contains(n.Customers, id) {
			n.Customers = append(n.Customers, id)
		}
	}
	if o.Name != "" {
		if _, ok := b.regs[o.Cust][o.Name]; !ok && !b.all[o.Cust] {
			n.Registers = append(n.Registers, processor.Fields{Customer: o.Cust, Names: []string{o.Name}})
		}
	}
	_, known := b.sums[o.Cust]
	if (o.Kind == "all" && known || o.Kind == "late" && slices.Contains(b.changed, o.Cust)) && !b.all[o.Cust] {
		n.Registers = append(n.Registers, processor.Fields{Customer: o.Cust, All: true})
	}
	return n
}

func (b *toyBatch) Load(n processor.Needs, r processor.Reply) error {
	for _, id := range n.Customers {
		if k, ok := r.Kept[id].(*toyKept); ok {
			b.sums[id], b.regs[id], b.all[id] = k.sum, k.regs, k.all
			continue
		}
		b.sums[id] = 0
		if blob := r.Blobs[id]; blob != nil {
			sum, err := strconv.ParseInt(string(blob), 10, 64)
			if err != nil {
				return err
			}
			b.sums[id] = sum
		}
	}
	for _, f := range n.Registers {
		if b.regs[f.Customer] == nil {
			b.regs[f.Customer] = map[string]string{}
		}
		names := f.Names
		if f.All {
			b.all[f.Customer] = true
			names = slices.Collect(maps.Keys(r.Registers[f.Customer]))
		}
		for _, name := range names {
			b.regs[f.Customer][name] = string(r.Registers[f.Customer][name])
		}
	}
	return nil
}

// Run takes the records of a customer together.
func (b *toyBatch) Run(next []processor.Record, most int) []int {
	var customers []string
	of := map[string][]int{}
	for i, r := range next {
		o := parse(r)
		if o.Cust == "" || !slices.Contains([]string{"add", "all", "bad"}, o.Kind) {
			break
		}
		if of[o.Cust] == nil {
			if !slices.Contains(b.changed, o.Cust) {
				if most == 0 {
					break
				}
				most--
			}
			customers = append(customers, o.Cust)
		}
		of[o.Cust] = append(of[o.Cust], i)
	}
	if len(customers) == 0 {
		return []int{0}
	}
	var order []int
	for _, id := range customers {
		order = append(order, of[id]...)
	}
	if b.stage.runs != nil {
		b.stage.runs(len(order))
	}
	return order
}

func (b *toyBatch) Reduce(r processor.Record, due []string) error {
	o := parse(r)
	b.at, b.part.Next = r.Offset, max(b.part.Next, r.Offset+1)
	b.part.Fact = max(b.part.Fact, o.Fact)
	switch o.Kind {
	case "init":
		b.part.Started = true
	case "bad":
		return errBad
	case "logic":
		b.part.Logic = o.N
	case "tick":
		b.part.Owed = 0
		if !b.stage.vain {
			b.part.Now = max(b.part.Now, o.At)
		}
		for _, id := range due {
			b.due[id] = processor.NoDue
			b.write(id, fmt.Sprint("due ", id))
		}
	case "all", "late":
		regs := maps.Clone(b.regs[o.Cust])
		maps.DeleteFunc(regs, func(_, value string) bool { return value == "" })
		b.say(fmt.Sprint("all of ", o.Cust, ": ", regs))
	case "add":
		b.part.Owed = max(b.part.Owed, o.Owed)
		b.sums[o.Cust] += o.N
		if o.Due != 0 {
			b.due[o.Cust] = o.Due
		}
		said := fmt.Sprintf("%s=%d%*s", o.Cust, b.sums[o.Cust], o.Filler, "")
		if o.Name != "" {
			said += fmt.Sprint(" ", o.Name, " was ", b.regs[o.Cust][o.Name])
			b.regs[o.Cust][o.Name] = fmt.Sprint(o.N) // a batch that fails leaves its mark in what was lent to it
			if b.set == nil {
				b.set = map[string][]processor.Register{}
			}
			b.set[o.Cust] = append(b.set[o.Cust], processor.Register{Name: o.Name, Value: fmt.Append(nil, o.N)})
		}
		b.write(o.Cust, said)
	}
	return nil
}

func (b *toyBatch) write(id, said string) {
	if !slices.Contains(b.changed, id) {
		b.changed = append(b.changed, id)
	}
	b.say(said)
}

func (b *toyBatch) say(said string) {
	b.out = append(b.out, toyOut{b.at, processor.Message{Value: []byte(said)}})
	b.bytes += len(said)
}

func (b *toyBatch) Size() processor.Size {
	return processor.Size{Customers: len(b.changed), Bytes: b.bytes}
}

func (b *toyBatch) Finish() (res processor.Result, err error) {
	res.Part, err = json.Marshal(b.part)
	slices.Sort(b.changed)
	for _, id := range b.changed {
		due, ok := b.due[id]
		if !ok {
			due = processor.NoDue
		}
		res.Customers = append(res.Customers, processor.CustomerWrite{ID: id, Blob: fmt.Append(nil, b.sums[id]), Due: due, Set: b.set[id]})
	}
	for id, sum := range b.sums {
		if b.stage.keeps > 0 {
			res.Kept = append(res.Kept, processor.Kept{ID: id, Value: &toyKept{sum, b.regs[id], b.all[id]}, Size: b.stage.keeps})
		}
	}
	if len(b.out) > 0 {
		slices.SortStableFunc(b.out, func(x, y toyOut) int { return cmp.Compare(x.of, y.of) })
		e := processor.Emission{Topic: "out"}
		for _, o := range b.out {
			e.Messages = append(e.Messages, o.Message)
		}
		res.Emissions = []processor.Emission{e}
	}
	return res, err
}
