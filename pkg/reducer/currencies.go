package reducer

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/register"
)

// inBase tells the returns of an order in the base currency.
func inBase(links []register.LinkedReturn, order fx.Rate) []register.LinkedReturn {
	for i := range links { // which linked has made for this
		links[i] = links[i].InBase(order)
	}
	return links
}

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
