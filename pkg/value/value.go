// Package value computes what a customer is worth: day buckets of what was bought, returned and asked of service, the
// figures of a window over them, the score with its factors, the day on which time alone changes a figure, and the ABC
// classes over all customers.
package value

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Bucket is one day of a customer. Money is minor units without tax and freight.
type Bucket struct {
	Day            civil.Day
	Gross, Returns int64
	Orders         int32
	ReturnCount    int32
	Cost           int64      // of goods, as far as it was given, less what returns took back
	Costed         int64      // the part of gross - returns that Cost is of
	Back           int64      // the part of returns that names no order and gives no cost
	Categories     []Category // ascending by code, none of them empty
	Service        *Service   // nil: nothing; never changed once it is here
}

// Category is one day's sales in one category of the policy: the net, and the part of it whose cost wasn't given.
type Category struct {
	Code          int32
	Net, Uncosted int64
}

// Service is what a customer asked for, answered and did on one day.
type Service struct {
	Contacts, Complaints, Visits   int32
	Surveys, Referrals, Activities int32 // a visit is an activity, too
	Minutes                        int64 // of contacts, in thousandths
	Unpriced                       int64 // the part of Minutes of contacts without a cost of their own
	Cost                           int64 // of the others, in minor units
	Answers                        int64 // the scores of surveys, in thousandths
}

func (b *Bucket) empty() bool {
	return b.Gross == 0 && b.Returns == 0 && b.Orders == 0 && b.ReturnCount == 0 && b.Cost == 0 && b.Costed == 0 && b.Back == 0 &&
		len(b.Categories) == 0 && b.Service == nil
}

// State is what is kept per customer. It is a function of the set of shares in it: the order in which they were added
// or taken back leaves no trace, but in the first and the last order, as Remove says.
type State struct {
	Buckets     []Bucket      // ascending by day, none of them empty
	LastOrderAt civil.Instant // of all time; 0: none (an order before 1970 is none, too)
	FirstDay    civil.Day     // of the first such order; 0: none

	Changed func(day civil.Day) // told which buckets change, but not what Prune drops; nil: nobody asks
	Carried *Carried            // nil: each who asks adds up for themselves
}

// Add adds a share.
func (s *State) Add(x Share) {
	s.edit(x, 1)
	s.Ordered(x)
}

// Ordered takes note of when an order was placed.
func (s *State) Ordered(x Share) {
	if x.At <= 0 {
		return
	}
	s.LastOrderAt = max(s.LastOrderAt, x.At)
	if s.FirstDay == 0 || x.Day < s.FirstDay {
		s.FirstDay = x.Day
	}
}

// Remove takes back a share that was added. lost: it may have been the first or the last order, so that the caller must find
// these again among all orders. A share whose day has been pruned leaves a bucket below 0 behind, on a day that no
// window reaches, until the next Prune.
func (s *State) Remove(x Share) (lost bool) {
	s.edit(x, -1)
	return s.Borders(x.At, x.Day)
}

// Borders says whether an order at an instant of day may be the first or the last one.
func (s *State) Borders(at civil.Instant, day civil.Day) bool {
	return at > 0 && (at == s.LastOrderAt || day == s.FirstDay)
}

func (s *State) edit(x Share, sign int64) {
	if s.Changed != nil {
		s.Changed(x.Day)
	}
	i, found := slices.BinarySearchFunc(s.Buckets, x.Day, func(b Bucket, d civil.Day) int { return cmp.Compare(b.Day, d) })
	if !found {
		s.Buckets = slices.Insert(s.Buckets, i, Bucket{Day: x.Day})
	}
	b := &s.Buckets[i]
	if s.Carried != nil {
		s.Carried.take(&x, sign, b)
	}
	b.Gross += sign * x.Gross
	b.Returns += sign * x.Returns
	b.Orders += int32(sign) * x.Orders
	b.ReturnCount += int32(sign) * x.ReturnCount
	b.Cost += sign * x.Cost
	b.Costed += sign * x.Costed
	b.Back += sign * x.Back
	for _, c := range x.Categories {
		b.categorise(c, sign)
	}
	b.serve(x.Service, sign)
	if b.empty() {
		s.Buckets = slices.Delete(s.Buckets, i, i+1)
	}
}

func (b *Bucket) categorise(x Category, sign int64) {
	i, found := slices.BinarySearchFunc(b.Categories, x.Code, func(c Category, code int32) int { return cmp.Compare(c.Code, code) })
	if !found {
		b.Categories = slices.Insert(b.Categories, i, Category{Code: x.Code})
	}
	c := &b.Categories[i]
	c.Net += sign * x.Net
	c.Uncosted += sign * x.Uncosted
	if c.Net == 0 && c.Uncosted == 0 {
		b.Categories = slices.Delete(b.Categories, i, i+1)
	}
	if len(b.Categories) == 0 {
		b.Categories = nil
	}
}

func (b *Bucket) serve(x *Service, sign int64) {
	if x == nil {
		return
	}
	sum := Service{}
	if b.Service != nil {
		sum = *b.Service
	}
	sum.add(x, sign)
	b.Service = &sum
	if sum == (Service{}) {
		b.Service = nil
	}
}

func (s *Service) add(x *Service, sign int64) {
	n := int32(sign)
	s.Contacts += n * x.Contacts
	s.Complaints += n * x.Complaints
	s.Visits += n * x.Visits
	s.Surveys += n * x.Surveys
	s.Referrals += n * x.Referrals
	s.Activities += n * x.Activities
	s.Minutes += sign * x.Minutes
	s.Unpriced += sign * x.Unpriced
	s.Cost += sign * x.Cost
	s.Answers += sign * x.Answers
}

// HistoryDays is how far back buckets are kept at least, 25 months of 31 days: a policy may lengthen its window up to
// there and find the days that it now reaches.
const HistoryDays = 25 * 31

// Kept is how many full days before today are kept.
func (c *Config) Kept() civil.Day { return civil.Day(max(c.WindowDays, HistoryDays)) }

// Prune drops the buckets that no window can need any more: those before the policy's window and before HistoryDays.
func (s *State) Prune(cfg Config, today civil.Day) {
	first := today - cfg.Kept()
	if c := s.Carried; c != nil && c.cfg != nil && (c.today != today || c.cfg.Kept() != cfg.Kept()) {
		c.cfg = nil // its sums may be of what is dropped now
	}
	i := 0
	for i < len(s.Buckets) && s.Buckets[i].Day < first {
		i++
	}
	s.Buckets = s.Buckets[i:]
}
