package reducer

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/register"
)

// foreign says that an order or an invoice of an id is of another currency than the base currency.
func (c *customer) foreign(id string) bool {
	if s := c.registers.orders[id]; s != nil && slices.ContainsFunc(s.Entries, func(e codec.Entry[register.Order]) bool { return e.Body.Foreign() }) {
		return true
	}
	s := c.registers.invoices[id]
	return s != nil && slices.ContainsFunc(s.Entries, func(e codec.Entry[register.Invoice]) bool {
		return e.Body.Issued != nil && e.Body.Issued.Doc.Rate.Foreign()
	})
}
