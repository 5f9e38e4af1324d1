package reducer

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/register"
	"github.com/tierstream/tierstream/pkg/value"
)

// recognised says whether the order of a source counts as sold. Which order a delivery or an invoice means changes only with the
// first word on another system's order: then all registers are read in any case (moves).
func recognised(s *codec.OrderSlot, source string, doc register.OrderDoc, env environment) bool {
	means := func(told string) bool {
		own := meant(s.Entries, told)
		return own != nil && own.Source == source
	}
	switch env.policy.Value.Recognise {
	case value.Fulfilled:
		return slices.ContainsFunc(s.Delivered, means)
	case value.Invoiced:
		return !doc.InvoiceExpected || slices.ContainsFunc(s.Invoiced, func(n codec.InvoiceName) bool { return means(n.Source) })
	case value.Placed:
	}
	return true
}

// invoicedOrders are those that a standing invoice names, sorted; nothing where the policy doesn't ask.
func invoicedOrders(s *codec.InvoiceSlot, source string, env environment) (ids []string) {
	if env.policy.Value.Recognise != value.Invoiced {
		return nil
	}
	for i := range s.Entries {
		if s.Entries[i].Source != source {
			continue
		}
		if doc, _, ok := s.Entries[i].Body.Live(); ok {
			for _, o := range doc.Orders {
				ids = append(ids, o.OrderID)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// invoiced notes with each order which invoice names it now, and not before, or the other way round. An invoice may come before
// its order.
func (c *customer) invoiced(name codec.InvoiceName, was, is []string, env environment) error {
	for _, id := range was {
		if _, still := slices.BinarySearch(is, id); !still {
			if err := c.nameInvoice(id, name, false, env); err != nil {
				return err
			}
		}
	}
	for _, id := range is {
		if _, before := slices.BinarySearch(was, id); !before {
			if err := c.nameInvoice(id, name, true, env); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *customer) nameInvoice(order string, name codec.InvoiceName, stands bool, env environment) error {
	s := slot(c.registers.orders, order)
	before := c.orderShares(nil, s, env)
	i, known := slices.BinarySearchFunc(s.Invoiced, name, func(a, b codec.InvoiceName) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID))
	})
	switch {
	case stands && !known:
		s.Invoiced = slices.Insert(slices.Clone(s.Invoiced), i, name)
	case !stands && known:
		s.Invoiced = slices.Delete(slices.Clone(s.Invoiced), i, i+1)
	}
	c.registers.touch(orderPrefix, order)
	return c.reshare(before, c.orderShares(nil, s, env), env)
}
