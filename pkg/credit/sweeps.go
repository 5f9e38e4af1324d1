package credit

import "github.com/tierstream/tierstream/pkg/civil"

// sweeps is how far free money went on each day on which there was new money, or old money that came to an item. An item that none of
// it has come to can be opened late, since no money would have gone elsewhere; and so can one that what is left pays, since all
// others would have been paid as they were.
type sweeps struct {
	days    []sweep   // by day, as they came
	tangled bool      // money has become free later than on its value day, or again: whose is spent is more than a matter of who came first
	rises   bool      // what is left of an item may have been less than it is now
	decided civil.Day // whatever free money there was
	owner   *Running
	same    int // so many days, the first ones, are what was followed last
}

// sweep is the last item that free money came to on a day (markNone: to none), and what was left of it then, until the next sweep.
type sweep struct {
	Key
	left int64
}

// add notes how far it went on a day, which is the last one or after it. The nil sweeps takes no note.
func (s *sweeps) add(far Key, left int64) {
	if s != nil {
		s.days = append(s.days, sweep{far, left})
	}
}

// decide notes that a day is decided, whatever free money there was, and has a ledger's head be no less than that.
func (s *sweeps) decide(day civil.Day, head *Key) {
	if head.before(day) {
		*head = Key{Day: day, Phase: markDay}
	}
	if s != nil {
		s.decided = max(s.decided, day)
	}
}

// since is the first sweep on a day or after it.
func (s *sweeps) since(day civil.Day) int {
	i, _ := latelyOn(s.days, day, func(x *sweep) civil.Day { return x.Day })
	return i
}

// reach says that free money might have come to an item from the day on which it opens, and before a day. The nil sweeps doesn't know.
func (s *sweeps) reach(item Item, until civil.Day) bool {
	if s == nil {
		return true
	}
	i := s.since(item.Opened)
	if i > 0 && s.days[i-1].left > 0 && item.Opened < until {
		return true
	}
	for ; i < len(s.days) && s.days[i].Day < until; i++ {
		if x := &s.days[i]; x.left > 0 || x.covers(x.Day, item) {
			return true
		}
	}
	return false
}

// pay has what is left of free money pay what is left of an item, from a day on, and head be what it then is. It says on which day. False:
// money would have come to it before, or it wouldn't have been enough for all.
func (s *sweeps) pay(item Item, from civil.Day, head *Key) (civil.Day, bool) {
	if s == nil || s.tangled || s.owner.reopens {
		return 0, false
	}
	i := s.since(item.Opened)
	if i > 0 && s.days[i-1].left > 0 {
		return 0, false
	}
	for i < len(s.days) && s.days[i].left == 0 && !s.days[i].covers(s.days[i].Day, item) {
		i++
	}
	if i == len(s.days) || s.days[i].Day < from {
		return 0, false
	}
	for _, x := range s.days[i:] {
		if x.left < item.Left {
			return 0, false
		}
	}
	s.same = min(s.same, i)
	if x := &s.days[i]; !x.covers(x.Day, item) {
		x.Key = itemMark(x.Day, item)
	}
	for j := range s.days[i:] {
		s.days[i+j].left -= item.Left
	}
	if x := s.days[len(s.days)-1]; x.left == 0 && s.decided < x.Day {
		*head = x.Key
	}
	return s.days[i].Day, true
}

// falls says that what is left of an item never was less than it is now. The nil sweeps doesn't know.
func (s *sweeps) falls() bool { return s != nil && !s.rises }

// refunds says that something of a payment has gone back.
func (s *sweeps) refunds(m *Money) bool {
	return s == nil || s.owner.refunds(m.payer())
}

// none is an empty one in the same memory.
func (s *sweeps) none() sweeps { return sweeps{days: s.days[:0], decided: -never} }
