package reducer

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/register"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// versionOf orders the events of a register.
func versionOf(e named) register.Version {
	return register.Version{Revision: e.GetRevision(), OccurredAt: civil.FromTime(e.GetOccurredAt().AsTime()), EventID: e.GetEventId()}
}

// editOrder changes the register of an order; it says whether anything changed.
func editOrder(o *register.Order, e *pb.OrderEvent, rate fx.Rate) bool {
	switch k := e.Kind.(type) {
	case *pb.OrderEvent_Placed:
		return o.Place(versionOf(e), codec.OrderDoc(k.Placed, rate))
	case *pb.OrderEvent_Amended:
		return o.Amend(versionOf(e), codec.OrderPatch(k.Amended, rate))
	case *pb.OrderEvent_Cancelled:
		return o.Cancel(versionOf(e))
	}
	return false
}

// applyOrder takes what is said of an order.
func (c *customer) applyOrder(e *pb.OrderEvent, env environment) (bool, error) {
	if e.GetFulfilled() != nil {
		return c.applyDelivery(e, env)
	}
	plan, after, changed := c.planOrder(e, env)
	if !changed {
		return false, nil
	}
	var was, is [2]value.Share // rarely more
	s := slot(c.registers.orders, e.OrderId)
	before := c.orderShares(was[:0], s, env)
	*bySource(&s.Entries, e.Source) = after
	c.registers.touch(orderPrefix, e.OrderId)
	if err := c.reshare(before, c.orderShares(is[:0], s, env), env); err != nil {
		return true, err
	}
	return true, c.settle(&plan, env)
}

// planOrder says how an event on an order changes the ledger and its register, without changing anything.
func (c *customer) planOrder(e *pb.OrderEvent, env environment) (p settlement, after register.Order, changed bool) {
	s := c.registers.orders[e.OrderId]
	before := entryOf(s, e.Source)
	after = before
	if !editOrder(&after, e, env.rate) {
		return p, after, false
	}
	was, is := creditOrder(&before, e.Source, e.OrderId, env.calendar), creditOrder(&after, e.Source, e.OrderId, env.calendar)
	p.needed = c.moves(&was, &is, s)
	if first := s == nil || len(s.Entries) == 0 && len(s.Returns) == 0; first && is.Standing == credit.Live {
		p.first, p.order = firstOrder, is
	}
	if s != nil && len(s.Entries) == 1 && len(s.Returns) == 0 && was.Standing == credit.Live {
		switch is.Standing {
		case credit.Gone:
			p.first, p.order = lastOrder, was
		case credit.Live:
			p.first, p.was, p.order = otherOrder, was, is
		case credit.Awaited:
		}
	}
	p.lostEnd = c.losesEnd(before, after, env.calendar)
	return p, after, true
}

// moves says whether what an order was and is may make a difference to the ledger, with all that may refer to it.
func (c *customer) moves(was, is *credit.Order, s *codec.OrderSlot) bool {
	others, known := 0, false
	if s != nil {
		known = slices.ContainsFunc(s.Entries, func(e codec.Entry[register.Order]) bool { return e.Source == is.Source })
		others = len(s.Entries) - btoi(known)
	}
	switch {
	case others > 0 && !known: // what means this one has meant another
		return true
	case *was == *is:
		return false
	case was.Standing == credit.Awaited && others == 0: // only waiting money can have named it
		return is.Standing == credit.Live && is.OnCredit() || c.ledger.Awaits(credit.Ref{ID: is.ID})
	}
	cash := was.Standing == credit.Live && !was.OnCredit() && is.Standing == credit.Live && !is.OnCredit()
	return !cash || was.Rate.Code != is.Rate.Code // a cash order takes the same money, whatever it is of
}

// losesEnd says whether what an order was may have been the first or the last of all, and is no more.
func (c *customer) losesEnd(before, after register.Order, calendar civil.Calendar) bool {
	_, was, ok := before.Live()
	if !ok || !c.value.Borders(was, calendar.DayOf(was)) {
		return false
	}
	_, is, ok := after.Live()
	return !ok || is < was && was == c.value.LastOrderAt || calendar.DayOf(is) > c.value.FirstDay && calendar.DayOf(was) == c.value.FirstDay
}

// entryOf is a copy of a source's entry that can be edited: the registers' methods never write into what they share.
func entryOf(s *codec.OrderSlot, source string) register.Order {
	if s != nil {
		for _, e := range s.Entries {
			if e.Source == source {
				return e.Body
			}
		}
	}
	return register.Order{}
}

// creditOrder is an order as the ledger sees it.
func creditOrder(o *register.Order, source, id string, calendar civil.Calendar) credit.Order {
	doc, at, ok := o.Live()
	switch {
	case !ok && o.Cancelled != nil:
		return credit.Order{Source: source, ID: id, Standing: credit.Gone}
	case !ok:
		return credit.Order{Source: source, ID: id, Standing: credit.Awaited}
	}
	day := calendar.DayOf(at)
	due, terms := doc.Terms.DueDay(day)
	if !terms {
		due = day
	}
	out := credit.Order{
		Source: source, ID: id, Day: day, Amount: doc.Amount, Credit: terms, Due: due, InvoiceExpected: doc.InvoiceExpected,
		Rate: doc.Rate,
	}
	if terms && len(o.Old)+len(o.Amendments) > 0 {
		if old := o.OldDue(calendar); old.Known && old.Day != due {
			out.OldDue, out.HasOld = old.Day, true
		}
	}
	return out
}

// orderShares appends what the orders of one business id add to value.
func (c *customer) orderShares(out []value.Share, s *codec.OrderSlot, env environment) []value.Share {
	for _, e := range s.Entries {
		doc, at, ok := e.Body.Live()
		if !ok || !recognised(s, e.Source, doc, env) {
			continue
		}
		anomaly := int64(0)
		out, anomaly = env.policy.Value.Shares(out, doc, at, env.calendar.DayOf(at), linked(s, e.Source))
		env.counts.add("anomalies", int64(btoi(anomaly > 0)))
	}
	return out
}

// applyDelivery takes note that goods of an order have gone out, where the policy counts orders from then on. The first word
// is enough, and may come before the order.
func (c *customer) applyDelivery(e *pb.OrderEvent, env environment) (bool, error) {
	if env.policy.Value.Recognise != value.Fulfilled {
		return false, nil
	}
	s := slot(c.registers.orders, e.OrderId)
	i, known := slices.BinarySearch(s.Delivered, e.Source)
	if known {
		return false, nil
	}
	before := c.orderShares(nil, s, env)
	s.Delivered = slices.Insert(slices.Clone(s.Delivered), i, e.Source)
	c.registers.touch(orderPrefix, e.OrderId)
	return true, c.reshare(before, c.orderShares(nil, s, env), env)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// reshare replaces shares; where the first or the last order may be gone they are found again.
func (c *customer) reshare(before, after []value.Share, env environment) error {
	c.borders.under(&env.policy.Value)
	first, last := false, false // of those that were there
	for i := range before {
		last = last || before[i].At > 0 && before[i].At == c.value.LastOrderAt
		first = first || before[i].At > 0 && before[i].Day == c.value.FirstDay
		c.value.Remove(before[i])
		c.borders.remove(&before[i])
	}
	for i := range after {
		c.value.Add(after[i])
		c.borders.add(&after[i])
	}
	for i := range after { // which may have become the new ones
		last = last && after[i].At != c.value.LastOrderAt
		first = first && (after[i].At <= 0 || after[i].Day != c.value.FirstDay)
	}
	if !first && !last {
		return nil
	}
	if !c.registers.all {
		return errNotRead
	}
	if !c.borders.known() {
		c.borders.find(c.ordered(env))
	}
	c.borders.ends(&c.value, env.calendar)
	return nil
}

// ordered yields what all orders add to value.
func (c *customer) ordered(env environment) func(func(*value.Share) bool) {
	env.counts = &counts{}
	return func(yield func(*value.Share) bool) {
		for _, s := range c.registers.orders {
			for _, share := range c.orderShares(nil, s, env) {
				if !yield(&share) {
					return
				}
			}
		}
	}
}

// applyReturn takes a return: linked ones belong to their order, the others to their own day.
func (c *customer) applyReturn(e *pb.OrderEvent, env environment) (bool, error) {
	r := returnOf(e, env.rate)
	id := e.GetReturned().ReturnId
	s := slot(c.registers.returns, id)
	entry := bySource(&s.Entries, e.Source)
	was := *entry
	plan := c.planReturn(e, env)
	if !entry.Take(r) {
		return false, nil
	}
	c.registers.touch(returnPrefix, id)
	if was.Version != (register.Version{}) {
		if err := c.unreturn(was, e.Source, id, env); err != nil {
			return true, err
		}
	}
	if err := c.addReturn(r, e.Source, id, env); err != nil {
		return true, err
	}
	return true, c.settle(&plan, env)
}

func (c *customer) addReturn(r register.Return, source, id string, env environment) error {
	day := env.calendar.DayOf(r.Version.OccurredAt)
	if r.OrderID == "" {
		c.value.Add(value.OfReturn(r.InBase(), day))
		return nil
	}
	return c.relink(r.OrderID, env, func(links []register.LinkedReturn) []register.LinkedReturn {
		return register.Link(links, register.LinkedReturn{Source: source, ID: id, Value: r.Value(), Amount: r.Amount, Day: day, Cost: r.Cost, HasCost: r.HasCost, Rate: r.Rate})
	})
}

func (c *customer) unreturn(was register.Return, source, id string, env environment) error {
	if was.OrderID == "" {
		c.value.Remove(value.OfReturn(was.InBase(), env.calendar.DayOf(was.Version.OccurredAt)))
		return nil
	}
	return c.relink(was.OrderID, env, func(links []register.LinkedReturn) []register.LinkedReturn {
		return register.Unlink(links, source, id)
	})
}

func (c *customer) relink(order string, env environment, edit func([]register.LinkedReturn) []register.LinkedReturn) error {
	s := slot(c.registers.orders, order)
	before := c.orderShares(nil, s, env)
	s.Returns = edit(s.Returns)
	c.registers.touch(orderPrefix, order)
	return c.reshare(before, c.orderShares(nil, s, env), env)
}

// planReturn: a return lowers what is owed where an order on credit or an invoice is named, now or before.
func (c *customer) planReturn(e *pb.OrderEvent, env environment) settlement {
	orders, known := []string{e.OrderId}, false
	p := settlement{needed: e.GetReturned().InvoiceId != ""}
	if s := c.registers.returns[e.GetReturned().ReturnId]; s != nil {
		for _, entry := range s.Entries {
			if entry.Source == e.Source {
				known = known || entry.Body.Version != (register.Version{})
				orders = append(orders, entry.Body.OrderID)
				p.needed = p.needed || entry.Body.InvoiceID != ""
			}
		}
	}
	for _, id := range orders {
		if s := c.registers.orders[id]; id != "" && s != nil {
			p.needed = p.needed || onCredit(s)
		}
	}
	if o, n := c.orderOf(e.OrderId, env.calendar); p.needed && !known && n == 1 && o.Standing == credit.Live {
		p.first, p.order, p.back = firstReturn, o, creditReturn(returnOf(e, env.rate), e.Source, e.GetReturned().ReturnId, env.calendar)
	}
	return p
}

func returnOf(e *pb.OrderEvent, rate fx.Rate) register.Return {
	r := e.GetReturned()
	return register.Return{Version: versionOf(e), OrderID: e.OrderId, InvoiceID: r.InvoiceId,
		Amount: r.AmountMinor, Tax: r.TaxMinor, Cost: r.GetCostMinor(), HasCost: r.CostMinor != nil, Rate: rate}
}

func onCredit(s *codec.OrderSlot) bool {
	for _, e := range s.Entries {
		if doc, _, ok := e.Body.Live(); ok && (doc.Terms.Kind != register.Cash || doc.InvoiceExpected) {
			return true
		}
	}
	return false
}
