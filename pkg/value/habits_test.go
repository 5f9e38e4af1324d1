package value_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/value"
)

// Gaps of 10, 10 and 20 days: their mean is 13 1/3, their standard deviation 4.714045.
func TestHabits(t *testing.T) {
	s := holding(order(1000, 5), order(1010, 5), order(1020, 5), order(1020, 7), order(1040, 5))
	cfg := whole()
	f := s.Figures(cfg, 1040, value.Profile{})
	if f.MeanGap.String() != "13.333333" || f.GapVariability.String() != "0.353553" {
		t.Errorf("mean gap %s, variability %s", f.MeanGap, f.GapVariability)
	}
	if r := s.Report(cfg, 1040, value.Profile{}, f); r.NextOrder != 1054 || !r.HasNextOrder { // 13.33 days later, rounded up
		t.Errorf("the next order is due on day %d %t", r.NextOrder, r.HasNextOrder)
	}
	for day, want := range map[civil.Day]string{
		1040: "0", 1053: "0", 1054: "1", 1059: "1", 1060: "1.5", 1066: "1.5", 1067: "2", 1079: "2", 1080: "3", 1094: "4", 1119: "4", 1120: "6", 1300: "6",
	} {
		if got := s.Figures(cfg, day, value.Profile{}).ReorderRatio.String(); got != want {
			t.Errorf("on day %d the reorder ratio is %s, want %s", day, got, want)
		}
	}
	two := holding(order(1000, 5), order(1010, 5))
	if f := two.Figures(cfg, 1010, value.Profile{}); f.GapVariability.Known || !f.ReorderRatio.Known {
		t.Errorf("of one gap: variability %s, ratio %s", f.GapVariability, f.ReorderRatio)
	}
	one := holding(order(1000, 5))
	f = one.Figures(cfg, 1010, value.Profile{})
	if r := one.Report(cfg, 1010, value.Profile{}, f); f.ReorderRatio.Known || r.HasNextOrder {
		t.Errorf("of one purchase day: ratio %s, next order %t", f.ReorderRatio, r.HasNextOrder)
	}
}

// Tea was a fifth of what they bought, and is three fifths in the last 91 days.
func TestMix(t *testing.T) {
	in := func(day civil.Day, net int64, parts ...int64) value.Share {
		s := order(day, net)
		for i, n := range parts {
			if n != 0 {
				s.Categories = append(s.Categories, value.Category{Code: int32(i + 1), Net: n, Uncosted: n})
			}
		}
		return s
	}
	cfg := whole()                                                                          // tea, cups, pots
	s := holding(in(1900, 500, 100, 400), in(1950, 300, 180, 60), in(1500, 900, 0, 0, 900)) // the last outside of the window
	f := s.Figures(cfg, 2000, value.Profile{})
	r := s.Report(cfg, 2000, value.Profile{}, f)
	share := func(n int64) figure.Micro { return figure.Of(n) }
	want := []value.Mix{
		{Name: "cups", Net: 460, Share: share(575_000), Drift: share(-600_000)},
		{Name: "tea", Net: 280, Share: share(350_000), Drift: share(400_000)},
		{Name: "other", Net: 60, Share: share(75_000), Drift: share(200_000)},
	}
	if diff := cmp.Diff(want, r.Categories); diff != "" || r.Drift != share(600_000) || f.Breadth != share(2_000_000) {
		t.Errorf("drift %s, breadth %s (-want +got):\n%s", r.Drift, f.Breadth, diff)
	}
	cfg.Categories = nil
	f = s.Figures(cfg, 2000, value.Profile{})
	if r := s.Report(cfg, 2000, value.Profile{}, f); f.Breadth.Known || r.Categories != nil || r.Drift.Known {
		t.Errorf("without categories: breadth %s, %v", f.Breadth, r.Categories)
	}
}

// The last contact counts, by its days in steps; a survey is none, and one that is still to come isn't there yet.
func TestContactDays(t *testing.T) {
	s := holding(value.OfService(value.Service{Contacts: 1}, 900), value.OfService(value.Service{Contacts: 2, Visits: 1}, 1000),
		value.OfService(value.Service{Surveys: 1}, 1020), value.OfService(value.Service{Contacts: 1}, 1400))
	cfg := whole()
	for day, want := range map[civil.Day]string{
		899: "null", 900: "0", 906: "0", 907: "7", 960: "60", 1000: "0", 1029: "14", 1030: "30", 1089: "60", 1090: "90", 1180: "180", 1365: "365",
		1399: "365", 1400: "0", 1400 + cfg.Kept(): "365", 1401 + cfg.Kept(): "null",
	} {
		if got := s.Figures(cfg, day, value.Profile{}).ContactDays.String(); got != want {
			t.Errorf("on day %d: %s, want %s", day, got, want)
		}
	}
}
