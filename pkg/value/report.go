package value

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
)

// Report is what is shown of a customer beside the figures that decisions look at.
type Report struct {
	Parts        []Part // of the score
	Base         Base   // of growth
	CostOfGoods  Money
	NextOrder    civil.Day // by habit
	HasNextOrder bool
	Categories   []Mix        // those of which something was bought or came back, the largest net first, and at last Other
	Drift        figure.Micro // how much of the mix is another than before, 0 to 1; null without sales in both spans
	Service      Service      // of the window
}

// Other is what has none of the policy's categories.
const Other = "other"

// Mix is one category in what a customer buys: its net in the window, in minor units, its part of the net of all, and how much
// greater that part is in the last 91 days than in the rest of the window before. Null where there is no net above 0.
type Mix struct {
	Name         string
	Net          int64
	Share, Drift figure.Micro
}

// Report is as of any moment of today, with f the figures as of then.
func (s *State) Report(cfg Config, today civil.Day, p Profile, f Figures) (r Report) {
	w := sums{}
	w.of(s, &cfg, today)
	w.score(&cfg, &f, &p, &r.Parts)
	_, r.Base = w.growth()
	r.CostOfGoods, r.Service = w.costOfGoods(&cfg), w.service
	r.NextOrder, r.HasNextOrder = w.nextOrder()
	if len(cfg.Categories) > 0 {
		r.Categories, r.Drift = s.mixes(cfg.Categories, w.from, today)
	}
	return r
}

// mixes are those of the days from from on, and how they have moved.
func (s *State) mixes(names []string, from, today civil.Day) (out []Mix, drift figure.Micro) {
	var is, was, all mix // of the last 91 days, of the days before, of both
	for i := range s.Buckets {
		switch b := &s.Buckets[i]; {
		case b.Day < from || b.Day > today:
		case today-b.Day <= growthDays:
			is.add(b)
			all.add(b)
		default:
			was.add(b)
			all.add(b)
		}
	}
	net, recent, older := all.total(), is.total(), was.total()
	moved := int64(0)
	for i := range len(names) + 1 {
		code := (i + 1) % (len(names) + 1) // what has none comes last
		m := Mix{Name: Other, Net: all[code]}
		if code > 0 {
			m.Name = names[code-1]
		}
		if net > 0 {
			m.Share = figure.Div(m.Net, net)
		}
		if recent > 0 && older > 0 {
			m.Drift = figure.Of(figure.Div(is[code], recent).Millionths - figure.Div(was[code], older).Millionths)
			moved += max(m.Drift.Millionths, 0)
			drift = figure.Of(min(moved, figure.One))
		}
		if m.Net != 0 || m.Drift.Millionths != 0 {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b Mix) int {
		if a.Name == Other || b.Name == Other {
			return cmp.Compare(btoi(a.Name == Other), btoi(b.Name == Other))
		}
		return cmp.Compare(b.Net, a.Net)
	})
	return out, drift
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (m *mix) add(b *Bucket) {
	m[0] += b.Gross - b.Returns
	for _, c := range b.Categories {
		if c.Code > 0 && c.Code <= CategoriesMost {
			m[c.Code] += c.Net
			m[0] -= c.Net
		}
	}
}

func (m *mix) total() (n int64) {
	for _, x := range m {
		n += x
	}
	return n
}
