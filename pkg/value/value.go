// Package value computes what a customer is worth: day buckets of what was bought and returned, the figures of a
// window over them, the day on which time alone changes one, and the ABC classes over all customers.
package value

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/register"
)

// Bucket is one day of a customer: gross and returns in minor units without tax and freight, and counts.
type Bucket struct {
	Day            civil.Day
	Gross, Returns int64
	Orders         int32
	ReturnCount    int32
}

// State is what is kept per customer. It is a function of the set of shares in it: the order in which they were added
// or taken back leaves no trace, but in LastOrderAt, as Remove says.
type State struct {
	Buckets     []Bucket      // ascending by day, none of them empty
	LastOrderAt civil.Instant // of all time; 0: none (an order before 1970 is none, too)
}

// Share is what one order with its linked returns, or one unlinked return, adds to its day.
type Share struct {
	Bucket
	At civil.Instant // of the order; 0 for a return
}

// OfOrder is the share of a live order that was placed at an instant of day: its amount without tax and freight, never
// below 0. Linked returns count on the order's own day and take no more than the order brought; what is beyond, in
// minor units, is the anomaly. Every one of them counts as a return.
func OfOrder(doc register.OrderDoc, at civil.Instant, day civil.Day, returns []register.LinkedReturn) (s Share, anomaly int64) {
	s = Share{Bucket{Day: day, Gross: max(0, doc.Amount-doc.Tax-doc.Freight), Orders: 1}, at}
	for _, r := range returns {
		s.Returns += r.Value
		s.ReturnCount++
	}
	if s.Returns > s.Gross {
		anomaly, s.Returns = s.Returns-s.Gross, s.Gross
	}
	return s, anomaly
}

// OfReturn is the share of a return that names no order: on its own day.
func OfReturn(r register.Return, day civil.Day) Share {
	return Share{Bucket: Bucket{Day: day, Returns: r.Value(), ReturnCount: 1}}
}

// Add adds a share.
func (s *State) Add(x Share) {
	s.edit(x, 1)
	s.LastOrderAt = max(s.LastOrderAt, x.At)
}

// Remove takes back a share that was added. lastLost: it may have been the last order, so that the caller must find
// LastOrderAt again among all orders. A share whose day has been pruned leaves a bucket below 0 behind, on a day that no
// window reaches, until the next Prune.
func (s *State) Remove(x Share) (lastLost bool) {
	s.edit(x, -1)
	return x.At != 0 && x.At == s.LastOrderAt
}

func (s *State) edit(x Share, sign int64) {
	i, found := slices.BinarySearchFunc(s.Buckets, x.Day, func(b Bucket, d civil.Day) int { return cmp.Compare(b.Day, d) })
	if !found {
		s.Buckets = slices.Insert(s.Buckets, i, Bucket{Day: x.Day})
	}
	b := &s.Buckets[i]
	b.Gross += sign * x.Gross
	b.Returns += sign * x.Returns
	b.Orders += int32(sign) * x.Orders
	b.ReturnCount += int32(sign) * x.ReturnCount
	if *b == (Bucket{Day: b.Day}) {
		s.Buckets = slices.Delete(s.Buckets, i, i+1)
	}
}

// Figures are those of the window as of any moment of today: the full days before today that the policy counts, and
// today. Days that are still to come don't count.
func (s *State) Figures(cfg Config, today civil.Day) Figures {
	f := Figures{LastOrderAt: s.LastOrderAt}
	var first, last civil.Day
	days := int64(0)
	for _, b := range s.Buckets {
		if b.Day < today-civil.Day(cfg.WindowDays) || b.Day > today {
			continue
		}
		f.Gross += b.Gross
		f.Returns += b.Returns
		f.Orders += int64(b.Orders)
		f.ReturnCount += int64(b.ReturnCount)
		if b.Orders > 0 {
			if days == 0 {
				first = b.Day
			}
			last = b.Day
			days++
		}
	}
	f.Net = f.Gross - f.Returns
	if days > 1 {
		f.MeanGap = figure.Div(int64(last-first), days-1)
	}
	return f
}

// NextDay is the next day after today at whose start time alone changes a figure: a bucket leaves the window, or a
// day that was still to come begins. False: no figure will ever change by itself again.
func (s *State) NextDay(cfg Config, today civil.Day) (next civil.Day, ok bool) {
	for _, b := range s.Buckets {
		d := b.Day + civil.Day(cfg.WindowDays) + 1
		if b.Day > today {
			d = b.Day
		}
		if d > today && (!ok || d < next) {
			next, ok = d, true
		}
	}
	return next, ok
}

// HistoryDays is how far back buckets are kept at least, 25 months of 31 days: a policy may lengthen its window up to
// there and find the days that it now reaches.
const HistoryDays = 25 * 31

// Prune drops the buckets that no window can need any more: those before the policy's window and before HistoryDays.
func (s *State) Prune(cfg Config, today civil.Day) {
	first := today - civil.Day(max(cfg.WindowDays, HistoryDays))
	i := 0
	for i < len(s.Buckets) && s.Buckets[i].Day < first {
		i++
	}
	s.Buckets = s.Buckets[i:]
}
