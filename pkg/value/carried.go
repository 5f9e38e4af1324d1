package value

import "github.com/tierstream/tierstream/pkg/civil"

// Carried is the sums of a state as of one day, under one policy, that go on with what is added to it, so that an event of a
// customer who buys all day long doesn't add up two years again. It is of a state that is kept: one that is put in its place has a
// new one. The zero value has none yet.
type Carried struct {
	cfg *Config // nil: there are none
	sums
}

// of are those as of any moment of today.
func (c *Carried) of(s *State, cfg *Config, today civil.Day) *sums {
	if c.cfg != cfg || c.today != today || c.first != s.FirstDay {
		c.cfg, c.sums = cfg, sums{}
		c.sums.of(s, cfg, today)
	}
	c.lastAt = s.LastOrderAt
	return &c.sums
}

// take has the sums go on with a share that is added to a bucket, or taken back. Where it makes the day a purchase day, a day of
// contact, or no such day any more, they are made anew.
func (c *Carried) take(x *Share, sign int64, b *Bucket) {
	contacts := int32(0)
	if b.Service != nil {
		contacts = b.Service.Contacts
	}
	n := int32(sign)
	switch {
	case c.cfg == nil || x.Day > c.today:
		return
	case b.Orders > 0 != (b.Orders+n*x.Orders > 0), x.Service != nil && contacts > 0 != (contacts+n*x.Service.Contacts > 0):
		c.cfg = nil
		return
	}
	d := Bucket{Day: x.Day, Gross: sign * x.Gross, Returns: sign * x.Returns, Orders: n * x.Orders, ReturnCount: n * x.ReturnCount,
		Cost: sign * x.Cost, Costed: sign * x.Costed, Back: sign * x.Back}
	c.compare(&d)
	if x.Day < c.from {
		return
	}
	c.count(&d)
	c.categorise(x.Categories, sign)
	if x.Service != nil {
		c.service.add(x.Service, sign)
	}
}
