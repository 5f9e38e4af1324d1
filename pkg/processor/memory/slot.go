// Package memory has the processor's state in memory: for simulate and export, which need no server, and for tests.
package memory

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

// Slot is the state of one partition. It is safe for concurrent use.
type Slot struct {
	mu        sync.Mutex
	missing   bool
	token     processor.Token
	part      []byte
	last      []processor.Emission
	blobs     map[string][]byte
	registers map[string]map[string][]byte
	due       dueSet
}

// NewSlot is an empty slot.
func NewSlot() *Slot {
	return &Slot{missing: true, blobs: map[string][]byte{}, registers: map[string]map[string][]byte{}, due: newDueSet()}
}

// Read answers with the state and its token.
func (s *Slot) Read(_ context.Context, q processor.Query) (processor.Reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.head()
	if q.Part {
		r.Part = s.part
	}
	if q.Last {
		r.Last = s.last
	}
	if q.Due {
		r.Due = s.due.between(q.DueFrom, q.DueTo, q.DueMost)
	}
	r.Blobs = make(map[string][]byte, len(q.Customers))
	for _, id := range q.Customers {
		r.Blobs[id] = s.blobs[id]
	}
	r.Registers = make(map[string]map[string][]byte, len(q.Registers))
	for _, f := range q.Registers {
		r.Registers[f.Customer] = s.fields(f, r.Registers[f.Customer])
	}
	return r, nil
}

func (s *Slot) head() processor.Reply {
	return processor.Reply{Missing: s.missing, Token: s.token, NextDue: s.due.next()}
}

func (s *Slot) fields(f processor.Fields, into map[string][]byte) map[string][]byte {
	all := s.registers[f.Customer]
	if into == nil {
		into = map[string][]byte{}
	}
	if f.All {
		maps.Copy(into, all)
		return into
	}
	for _, n := range f.Names {
		if v, ok := all[n]; ok {
			into[n] = v
		}
	}
	return into
}

// Apply changes everything that w names if the token is the expected one, else nothing.
func (s *Slot) Apply(_ context.Context, w processor.Write) (processor.Reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token != w.Expect {
		r := s.head()
		r.Conflict = true
		return r, nil
	}
	s.token, s.missing, s.part, s.last = w.Next, false, w.Part, w.Last
	for _, c := range w.Customers {
		s.write(c)
	}
	return s.head(), nil
}

func (s *Slot) write(c processor.CustomerWrite) {
	s.blobs[c.ID] = c.Blob
	s.due.set(c.ID, c.Due)
	if c.Wait != 0 {
		s.due.set(processor.WaitMember(c.ID), c.Wait)
	}
	if len(c.Set) > 0 && s.registers[c.ID] == nil {
		s.registers[c.ID] = map[string][]byte{}
	}
	for _, r := range c.Set {
		s.registers[c.ID][r.Name] = r.Value
	}
	for _, name := range c.Del {
		delete(s.registers[c.ID], name)
	}
}

// Clone is a copy that shares nothing that either may change: what a snapshot or a failover is made of.
func (s *Slot) Clone() *Slot {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &Slot{
		missing: s.missing, token: s.token, part: s.part, last: s.last, blobs: maps.Clone(s.blobs),
		registers: make(map[string]map[string][]byte, len(s.registers)), due: s.due.clone(),
	}
	for id, r := range s.registers {
		c.registers[id] = maps.Clone(r)
	}
	return c
}

// Part is the partition's blob; nil: nothing has been applied.
func (s *Slot) Part() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.part
}

// Blob is a customer's blob; nil: there is none.
func (s *Slot) Blob(id string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.blobs[id]
}

// Registers are a customer's registers of those names; those that there aren't are left out.
func (s *Slot) Registers(id string, names []string) map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fields(processor.Fields{Customer: id, Names: names}, nil)
}

// Due is a customer's due moment, or processor.NoDue.
func (s *Slot) Due(id string) civil.Instant { return s.place(id) }

// Wait is a customer's second place in the due set, or processor.NoDue.
func (s *Slot) Wait(id string) civil.Instant { return s.place(processor.WaitMember(id)) }

func (s *Slot) place(member string) civil.Instant {
	s.mu.Lock()
	defer s.mu.Unlock()
	if due, ok := s.due.of[member]; ok {
		return due
	}
	return processor.NoDue
}

// ForEach visits every customer in the order of their ids.
func (s *Slot) ForEach(visit func(id string, blob []byte) error) error {
	s.mu.Lock()
	blobs := maps.Clone(s.blobs)
	s.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(blobs)) {
		if err := visit(id, blobs[id]); err != nil {
			return err
		}
	}
	return nil
}
