package policy

import (
	"math"

	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
)

// worthFigures are the names of what a customer brings, costs and could bring, with money in major units of a currency with
// scale decimals.
func worthFigures(scale int) []figureName {
	major := math.Pow10(scale)
	return []figureName{
		{name: "value.cost_to_serve", number: func(f *tier.Figures) (float64, bool) { return float64(f.Value.CostToServe) / major, true }},
		{name: "value.contribution", number: func(f *tier.Figures) (float64, bool) {
			return float64(f.Value.Contribution.Minor) / major, f.Value.Contribution.Known
		}},
		rate("value.score", steady, func(f *tier.Figures) figure.Micro { return f.Value.Score }),
		rate("value.potential", steady, func(f *tier.Figures) figure.Micro { return f.Value.Potential }),
		rate("value.growth", steady, func(f *tier.Figures) figure.Micro { return f.Value.Growth }),
		rate("value.tenure_days", steady, func(f *tier.Figures) figure.Micro { return f.Value.TenureDays }),
		rate("value.gap_variability", steady, func(f *tier.Figures) figure.Micro { return f.Value.GapVariability }),
		rate("value.reorder_ratio", steady, func(f *tier.Figures) figure.Micro { return f.Value.ReorderRatio }),
		rate("value.contact_days", steady, func(f *tier.Figures) figure.Micro { return f.Value.ContactDays }),
		rate("value.breadth", steady, func(f *tier.Figures) figure.Micro { return f.Value.Breadth }),
		rate("value.satisfaction", steady, func(f *tier.Figures) figure.Micro { return f.Value.Satisfaction }),
		{name: "segment", text: func(f *tier.Figures) (string, bool) { return f.Segment, true }},
		{name: "value.lifecycle", text: func(f *tier.Figures) (string, bool) {
			return f.Value.Stage.String(), f.Value.Stage != value.StageNone
		}},
	}
}
