package value

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/register"
)

// Share is what one order with its linked returns, one unlinked return, or one sign of engagement adds to its day.
type Share struct {
	Bucket
	At civil.Instant // of the order; 0 for anything else
}

// Shares appends the shares of a live order that was placed at an instant of day: that of the order, with its returns on its
// own day, or, where the policy has returns on theirs, one more for each return in the order of their days. These are what
// each takes off, so that all together are the same. Anomaly is as OfOrder has it.
func (c *Config) Shares(out []Share, doc register.OrderDoc, at civil.Instant, day civil.Day, returns []register.LinkedReturn) (_ []Share, anomaly int64) {
	if !c.OwnDay || len(returns) == 0 {
		s, anomaly := c.OfOrder(doc, at, day, returns)
		return append(out, s), anomaly
	}
	sorted := slices.Clone(returns)
	slices.SortStableFunc(sorted, func(a, b register.LinkedReturn) int { return cmp.Compare(a.Day, b.Day) })
	was, _ := c.OfOrder(doc, at, day, nil)
	out = append(out, was)
	for i, r := range sorted {
		is, beyond := c.OfOrder(doc, at, day, sorted[:i+1])
		out, was, anomaly = append(out, is.less(&was, r.Day)), is, beyond
	}
	return out, anomaly
}

// less is what a share of an order has come to differ by from what it was, on a day.
func (s *Share) less(was *Share, day civil.Day) Share {
	out := Share{Bucket: Bucket{Day: day, Returns: s.Returns - was.Returns, ReturnCount: s.ReturnCount - was.ReturnCount,
		Cost: s.Cost - was.Cost, Costed: s.Costed - was.Costed}}
	for _, c := range s.Categories {
		out.categorise(c, 1)
	}
	for _, c := range was.Categories {
		out.categorise(c, -1)
	}
	return out
}

// OfOrder is the share of a live order that was placed at an instant of day: its amount without tax, and without freight
// unless the policy counts it, never below 0. Linked returns count on the order's own day and take no more than the order
// brought; what is beyond, in minor units, is the anomaly. Every one of them counts as a return.
//
// The cost of goods is the order's, else that of its lines. It falls as the order does, but for returns that give what
// their goods had cost: these take that back, and no more than the order gave. What came back whole leaves no cost, also
// of an order that brought nothing.
//
// The share is in the base currency, each document rounded by itself. Whether all came back, or more, is seen in the documents'.
func (c *Config) OfOrder(doc register.OrderDoc, at civil.Instant, day civil.Day, returns []register.LinkedReturn) (s Share, anomaly int64) {
	whole, more := c.cameBack(&doc, returns)
	nothing := c.gross(&doc) == 0 && nothingCameBack(&doc, returns)
	order := doc.Rate
	doc = doc.InBase()
	gross := c.gross(&doc)
	s = Share{Bucket{Day: day, Gross: gross, Orders: 1}, at}
	free, taken := int64(0), int64(0) // returned without a cost of its own; costs taken back
	for _, r := range returns {
		r = r.InBase(order)
		s.Returns += r.Value
		s.ReturnCount++
		if r.HasCost {
			taken += r.Cost
		} else {
			free += r.Value
		}
	}
	if s.Returns > gross {
		if more { // than rounding
			anomaly = s.Returns - gross
		}
		free = min(free, gross) // the rest takes back nothing that was sold
		s.Returns = gross
	}
	stays := gross - free // what the cost that stays is of
	lines, costed, cost := amounts(doc.Categories)
	switch {
	case doc.HasCost:
		lines, costed, cost = gross, gross, doc.Cost
	case lines <= 0 && gross > 0: // they don't say what the order is of
		lines, costed, cost = gross, 0, 0
	case lines <= 0: // a gift, of which lines give what it cost
		lines, costed = 0, 0
	}
	uncosted := stays - figure.Portion(stays, costed, lines)
	s.Cost = stay(cost, stays, gross) - taken
	switch {
	case s.Returns > 0 && (whole || s.Returns == gross), nothing:
		uncosted, s.Cost = 0, 0
	case doc.HasCost || costed == lines:
		uncosted, s.Cost = 0, max(0, s.Cost)
	}
	s.Costed = gross - s.Returns - uncosted
	s.Categories = c.categories(doc, gross-s.Returns, uncosted)
	return s, anomaly
}

// gross is what an order sells, in the currency that its amounts are in.
func (c *Config) gross(doc *register.OrderDoc) int64 {
	if c.Freight {
		return max(0, doc.Amount-doc.Tax)
	}
	return max(0, doc.Amount-doc.Tax-doc.Freight)
}

// cameBack says by the documents whether an order came back whole, and whether more came back than it was. Where they are of
// the base currency, or of several, the amounts in the base currency say it.
func (c *Config) cameBack(doc *register.OrderDoc, returns []register.LinkedReturn) (whole, beyond bool) {
	if !doc.Rate.Foreign() {
		return false, true
	}
	sum, gross := int64(0), c.gross(doc)
	for i := range returns {
		if returns[i].Rate.Code != doc.Rate.Code {
			return false, true
		}
		sum += returns[i].Value
	}
	return sum >= gross, sum > gross
}

// nothingCameBack says whether all of an order that brought nothing came back. Its net can't say, so what was payable does: a
// gift, for which nothing was, is back with any return.
func nothingCameBack(doc *register.OrderDoc, returns []register.LinkedReturn) bool {
	sum := int64(0)
	for i := range returns {
		if returns[i].Rate.Code != doc.Rate.Code {
			return false
		}
		sum += returns[i].Amount
	}
	return len(returns) > 0 && sum >= doc.Amount
}

// stay is what is left of a cost where so much of gross stays. What was sold for nothing keeps its cost, until all
// of it comes back.
func stay(cost, stays, gross int64) int64 {
	if gross == 0 {
		return cost
	}
	return figure.Portion(cost, stays, gross)
}

func amounts(list []register.Category) (all, costed, cost int64) {
	for _, c := range list {
		all += c.Amount
		costed += c.Costed
		cost += c.Cost
	}
	return all, costed, cost
}

// categories divide an order's net, and the part of it that has no cost, as its lines do. The parts add up. Those that the
// policy doesn't name are left out.
func (c *Config) categories(doc register.OrderDoc, net, uncosted int64) []Category {
	lines, costed, _ := amounts(doc.Categories)
	if len(c.Categories) == 0 || lines <= 0 {
		return nil
	}
	var out []Category
	var sum, open, gone, goneOpen int64
	for _, x := range doc.Categories {
		sum, open = sum+x.Amount, open+x.Amount-x.Costed
		part := Category{Code: c.code(x.Name), Net: figure.Portion(net, sum, lines)}
		part.Uncosted = figure.Portion(uncosted, open, lines-costed)
		part.Net, gone = part.Net-gone, part.Net
		part.Uncosted, goneOpen = part.Uncosted-goneOpen, part.Uncosted
		if part.Code != 0 && part != (Category{Code: part.Code}) {
			out = append(out, part)
		}
	}
	slices.SortFunc(out, func(a, b Category) int { return cmp.Compare(a.Code, b.Code) })
	return out
}

// OfReturn is the share of a return that names no order: on its own day.
func OfReturn(r register.Return, day civil.Day) Share {
	s := Share{Bucket: Bucket{Day: day, Returns: r.Value(), ReturnCount: 1}}
	if r.HasCost {
		s.Cost, s.Costed = -r.Cost, -r.Value()
	} else {
		s.Back = r.Value()
	}
	return s
}

// OfService is the share of one sign of engagement.
func OfService(x Service, day civil.Day) Share { return Share{Bucket: Bucket{Day: day, Service: &x}} }
