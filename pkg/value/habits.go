package value

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
)

// reorderHalves are the steps of the reorder ratio, in halves of the mean gap.
func reorderHalves() []int64 { return []int64{2, 3, 4, 6, 8, 12} }

// Steps are the numbers, from 0 on, that a figure of that name in conditions can be; nil: it moves in no steps.
func (c *Config) Steps(figureName string) (steps []float64) {
	switch figureName {
	case "value.tenure_days":
		steps = stepsOf(c.curve(FactorTenure))
	case "value.reorder_ratio":
		steps = []float64{0}
		for _, halves := range reorderHalves() {
			steps = append(steps, float64(halves)/2)
		}
	case "value.contact_days":
		steps = stepsOf(contactCurve())
	}
	return steps
}

// stepsOf are 0 and the knots above it.
func stepsOf(curve []Knot) []float64 {
	steps := []float64{0}
	for _, k := range curve {
		if k.Raw > 0 {
			steps = append(steps, float64(k.Raw/figure.One))
		}
	}
	return steps
}

// ContactDue is after how many days without a contact one is due, where a policy says nothing of it.
const ContactDue = 90

// contactCurve has the steps of the days since the last contact. It gives no points.
func contactCurve() []Knot {
	const day = figure.One
	return []Knot{{Raw: 7 * day}, {Raw: 14 * day}, {Raw: 30 * day}, {Raw: 60 * day}, {Raw: ContactDue * day}, {Raw: 180 * day}, {Raw: 365 * day}}
}

// unmet is the days since the last service contact, as the last step reached; 0 before the first.
func (w *sums) unmet() figure.Micro {
	if w.contact == 0 {
		return figure.Micro{}
	}
	return step(contactCurve(), int64(w.today-w.contact))
}

// reorder is how many mean gaps have passed since the last purchase day of the window, as the last step reached of 1, 1.5,
// 2, 3, 4 and 6; 0 before the first.
func (w *sums) reorder() figure.Micro {
	if w.habit.days < 2 {
		return figure.Micro{}
	}
	step := int64(0)
	for _, halves := range reorderHalves() {
		if int64(w.today-w.habit.last) >= w.habit.atLeast(halves) {
			step = halves
		}
	}
	return figure.Of(step * figure.One / 2)
}

// nextOrder is the day on which the next order is due by habit: the last purchase day of the window and the mean gap,
// rounded up to a day.
func (w *sums) nextOrder() (civil.Day, bool) {
	if w.habit.days < 2 {
		return 0, false
	}
	return w.habit.last + civil.Day(w.habit.atLeast(2)), true
}

// tenure is the days since the first order, as the last step reached of the factor's curve.
func (w *sums) tenure(cfg *Config) figure.Micro {
	if !w.begun() {
		return figure.Micro{}
	}
	return step(cfg.curve(FactorTenure), int64(w.today-w.first))
}

// begun says whether the day of the first order has come.
func (w *sums) begun() bool { return w.first != 0 && w.first <= w.today }

// silence is the days since the last purchase day, or one more than are kept where no such day is.
func (w *sums) silence(cfg *Config) int64 {
	if w.kept.days == 0 {
		return int64(cfg.Kept()) + 1
	}
	return int64(w.today - w.kept.last)
}

// Stage is where a customer stands in the life of a trade.
type Stage int

// The stages.
const (
	StageNone      Stage = iota // no order yet
	StageNew                    // ordered first a short while ago
	StageGrowing                // buys more than before
	StageStable                 // buys as before
	StageDeclining              // buys less than before
	StageDormant                // counts as gone
	StageReturning              // came back a short while ago
)

// StageOf is the stage of a number; none where there is no such stage.
func StageOf(n int64) Stage {
	if n < 0 || n > int64(StageReturning) {
		return StageNone
	}
	return Stage(n)
}

// String is the word for it in customers.jsonl; empty for none.
func (s Stage) String() string {
	return [...]string{"", "new", "growing", "stable", "declining", "dormant", "returning"}[s]
}

// stage is the first that fits of dormant, new, returning, growing, declining, stable.
func (w *sums) stage(l *Lifecycle, growth figure.Micro) Stage {
	switch {
	case !w.begun():
		return StageNone
	case w.kept.days == 0 || int64(w.today-w.kept.last) >= w.kept.gone(l):
		return StageDormant
	case int64(w.today-w.first) < int64(l.NewDays):
		return StageNew
	case w.returned != 0 && int64(w.today-w.returned) < int64(l.ReturningDays):
		return StageReturning
	case growth.Known && growth.Millionths >= l.Growing.Millionths:
		return StageGrowing
	case growth.Known && growth.Millionths <= l.Declining.Millionths:
		return StageDeclining
	}
	return StageStable
}
