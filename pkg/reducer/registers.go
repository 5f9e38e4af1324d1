package reducer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/register"
)

// Names of registers in Redis: the kind's letter and the business id. One name holds the entries of every source,
// since references between systems go by business id.
const (
	orderPrefix   = "o/"
	returnPrefix  = "r/"
	invoicePrefix = "i/"
	paymentPrefix = "p/"
	profilePrefix = "f/" // with no id: there is one

	engagementPrefix = "e/" // with a day
)

// registerName is the name of a register in its two parts.
type registerName struct{ prefix, id string }

// registers are the registers of a customer that a batch has read, unpacked, and what it changed of them.
type registers struct {
	all      bool // every register has been read
	known    map[string]bool
	dirty    []registerName // some more than once
	follow   bool           // a journal wants to know what changes
	since    []registerName // what has, since it was told; some more than once
	orders   map[string]*codec.OrderSlot
	returns  map[string]*codec.ReturnSlot
	invoices map[string]*codec.InvoiceSlot
	payments map[string]*codec.PaymentSlot
	profiles map[string]*register.ProfileFields
	engaged  map[string]*codec.EngagementSlot
}

func newRegisters() registers {
	return registers{
		known:  map[string]bool{},
		orders: map[string]*codec.OrderSlot{}, returns: map[string]*codec.ReturnSlot{},
		invoices: map[string]*codec.InvoiceSlot{}, payments: map[string]*codec.PaymentSlot{},
		profiles: map[string]*register.ProfileFields{}, engaged: map[string]*codec.EngagementSlot{},
	}
}

// missing names those of names that haven't been read.
func (r *registers) missing(names ...string) (out []string) {
	if r.all {
		return nil
	}
	for _, n := range names {
		if !r.known[n] && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// unread are those of names, which are all different, that haven't been read.
func (r *registers) unread(names []string) []string {
	if r.all {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return r.known[n] })
}

// load takes what was read; what the batch has changed already stays.
func (r *registers) load(f processor.Fields, got map[string][]byte, days *history) error {
	if r.all {
		return nil
	}
	names := f.Names
	if f.All {
		names = sortedKeys(got)
		r.all = true
	}
	for _, name := range names {
		if r.known[name] {
			continue
		}
		isPage := strings.HasPrefix(name, dayPrefix)
		if isPage && days.missing == nil { // the days are there
			continue
		}
		name = strings.Clone(name) // it is kept, and not the memory that it came in
		r.known[name] = true
		if isPage {
			if b, there := got[name]; there {
				days.takePage(name, b)
			}
			continue
		}
		if err := r.unpack(name, got[name]); err != nil {
			return fmt.Errorf("reading a register of a customer: %w", err)
		}
	}
	return nil
}

func (r *registers) unpack(name string, blob []byte) error {
	if blob == nil {
		return nil
	}
	kind, id := name[:2], name[2:]
	switch kind {
	case orderPrefix:
		return unpack(r.orders, id, blob, codec.ReadOrderSlot)
	case returnPrefix:
		return unpack(r.returns, id, blob, codec.ReadReturnSlot)
	case invoicePrefix:
		return unpack(r.invoices, id, blob, codec.ReadInvoiceSlot)
	case paymentPrefix:
		return unpack(r.payments, id, blob, codec.ReadPaymentSlot)
	case engagementPrefix:
		return unpack(r.engaged, id, blob, codec.ReadEngagementSlot)
	case profilePrefix:
		return unpack(r.profiles, id, blob, codec.ReadProfileSlot)
	}
	return fmt.Errorf("register of an unknown kind %q", kind)
}

func unpack[T any](into map[string]*T, id string, blob []byte, read func([]byte) (T, error)) error {
	slot, err := read(blob)
	into[id] = &slot
	return err
}

// slot gives the slot of an id, a new one where there is none.
func slot[T any](m map[string]*T, id string) *T {
	s, ok := m[id]
	if !ok {
		s = new(T)
		m[id] = s
	}
	return s
}

func (r *registers) touch(prefix, id string) {
	n := registerName{prefix, id}
	r.dirty = append(r.dirty, n)
	if r.follow {
		r.since = append(r.since, n)
	}
}

func compareNames(a, b registerName) int {
	if a.prefix != b.prefix {
		return cmp.Compare(a.prefix, b.prefix)
	}
	return cmp.Compare(a.id, b.id)
}

// journal has what changes remembered for a journal from now on, or not.
func (r *registers) journal(follow bool) { r.follow, r.since = follow, r.since[:0] }

// write gives the registers that changed, in the order of their names.
func (r *registers) write(to *slab) (set []processor.Register, del []string) {
	slices.SortFunc(r.dirty, compareNames)
	r.dirty = slices.Compact(r.dirty)
	set = to.lists.room(len(r.dirty))
	for _, n := range r.dirty {
		value := to.keep(r.pack(to.room(packedMost), n.prefix, n.id))
		if len(value) == 0 {
			del = append(del, to.name(n))
			continue
		}
		set = append(set, processor.Register{Name: to.name(n), Value: value})
	}
	r.dirty = r.dirty[:0]
	return set, del
}

// packedMost is what most registers fit into.
const packedMost = 112

func (r *registers) pack(b []byte, prefix, id string) []byte {
	switch prefix {
	case orderPrefix:
		return codec.AppendOrderSlot(b, r.orders[id])
	case returnPrefix:
		return codec.AppendReturnSlot(b, r.returns[id])
	case invoicePrefix:
		return codec.AppendInvoiceSlot(b, r.invoices[id])
	case engagementPrefix:
		return codec.AppendEngagementSlot(b, r.engaged[id])
	case profilePrefix:
		return codec.AppendProfileSlot(b, r.profiles[id])
	}
	return codec.AppendPaymentSlot(b, r.payments[id])
}

// erase marks every register for deletion; all of them have been read.
func (r *registers) erase() {
	for prefix, ids := range map[string][]string{
		orderPrefix: sortedKeys(r.orders), returnPrefix: sortedKeys(r.returns),
		invoicePrefix: sortedKeys(r.invoices), paymentPrefix: sortedKeys(r.payments),
		profilePrefix: sortedKeys(r.profiles), engagementPrefix: sortedKeys(r.engaged),
	} {
		for _, id := range ids {
			r.touch(prefix, id)
		}
	}
	clear(r.orders)
	clear(r.returns)
	clear(r.invoices)
	clear(r.payments)
	clear(r.profiles)
	clear(r.engaged)
	r.all = true
}

// bySource finds or makes the entry of a source, entries staying sorted by source.
func bySource[T any](entries *[]codec.Entry[T], source string) *T {
	i, found := slices.BinarySearchFunc(*entries, source, func(e codec.Entry[T], s string) int { return cmp.Compare(e.Source, s) })
	if !found {
		*entries = slices.Insert(*entries, i, codec.Entry[T]{Source: source})
	}
	return &(*entries)[i].Body
}

// meant is the entry that a reference from a source means; nil: there is none.
func meant[T any](entries []codec.Entry[T], source string) *codec.Entry[T] {
	if i := register.Meant(entries, source, func(e codec.Entry[T]) string { return e.Source }); i >= 0 {
		return &entries[i]
	}
	return nil
}

// linked are the returns that mean the order of a source.
func linked(s *codec.OrderSlot, source string) (out []register.LinkedReturn) {
	for _, r := range s.Returns {
		if own := meant(s.Entries, r.Source); own != nil && own.Source == source {
			out = append(out, r)
		}
	}
	return out
}
