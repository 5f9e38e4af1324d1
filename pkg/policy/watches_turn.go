package policy

import (
	"fmt"
	"slices"

	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/lintyaml"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
	"github.com/tierstream/tierstream/pkg/watch"
)

// What kinds that watch a name, a grade, a stage or a tier, are where a policy says nothing of them.
const (
	adviceDowngrade = "Tell the customer what keeps the tier."
	adviceGrade     = "Look at limit and terms again."
	adviceStage     = "Adapt how often you are in touch."
	adviceUpgrade   = "Tell the customer how little is missing."
	nearWithin      = 10 // percent
	nearRelease     = 15
)

func (w *watcher) willDowngrade(f lintyaml.Field, given bool) watch.Watch {
	out := &watch.Downgrade{Do: adviceDowngrade}
	if !given {
		return w.silent(watch.WillDowngrade, func() watch.Watch { return out })
	}
	if base := w.was(watch.WillDowngrade); base != nil {
		out.Do = base.Advice()
	}
	keys := w.keys(f, "advice")
	if keys == nil {
		return nil
	}
	out.Do = w.advice(keys, out.Do)
	return out
}

// stageKey is the signal of another stage of a customer's life.
const stageKey = "lifecycle_changed"

func (w *watcher) lifecycle(f lintyaml.Field, given bool) watch.Watch {
	out := &watch.Turn{Of: lifecycleChanged, Noun: "The stage", Do: adviceStage,
		Now: func(f *tier.Figures) string { return f.Value.Stage.String() },
		Severity: func(_, to string) watch.Severity {
			if to == value.StageDeclining.String() || to == value.StageDormant.String() {
				return watch.Warning
			}
			return watch.Info
		},
		Verb: func(string, string) string { return "" },
		Stay: lingers(w.policy), Calm: func(stage string) bool { return stage == value.StageStable.String() },
		Rest: quarter, Drifts: func(stage string) bool {
			return stage == value.StageGrowing.String() || stage == value.StageStable.String() || stage == value.StageDeclining.String()
		},
	}
	if !given {
		return w.silent(lifecycleChanged, func() watch.Watch { return out })
	}
	if base := w.was(lifecycleChanged); base != nil {
		out.Do = base.Advice()
	}
	keys := w.keys(f, "advice")
	if keys == nil {
		return nil
	}
	out.Do = w.advice(keys, out.Do)
	return out
}

// lingers says of growth near the border of a stage that it makes no other stage: of who buys a few times a quarter it moves
// with every order. Who was told to grow does while they don't shrink, and the other way round; who was told to be stable is
// until they are twice as far as the border.
func lingers(p *Policy) func(*tier.Figures, string) bool {
	return func(f *tier.Figures, told string) bool {
		growth, now := f.Value.Growth, f.Value.Stage
		if !growth.Known || now != value.StageGrowing && now != value.StageStable && now != value.StageDeclining {
			return false
		}
		switch told {
		case value.StageGrowing.String():
			return growth.Millionths > 0
		case value.StageDeclining.String():
			return growth.Millionths < 0
		case value.StageStable.String():
			l := p.ValueOf(f.Kind).Lifecycle
			return growth.Millionths < 2*l.Growing.Millionths && growth.Millionths > 2*l.Declining.Millionths
		}
		return false
	}
}

// gradeKey is the alert of another grade.
const gradeKey = "grade_changed"

// gradeMargin is by how many points a score must have passed the border of a grade for another one to be told.
const gradeMargin = 2

func (w *watcher) gradeChanged(f lintyaml.Field, given bool) watch.Watch {
	severity, verb := watch.Better(w.compiler.grades)
	out := &watch.Turn{Of: gradeChanged, Noun: "The credit grade", Severity: severity, Verb: verb, Do: adviceGrade,
		Now: func(f *tier.Figures) string {
			name, _ := w.compiler.gradeText(f)
			return name
		}}
	if !given && w.segment {
		return w.was(gradeChanged)
	}
	if given {
		if base := w.was(gradeChanged); base != nil {
			out.Do = base.Advice()
		}
		keys := w.keys(f, "margin", "advice")
		if keys == nil {
			return nil
		}
		if x, ok := keys["margin"]; ok {
			w.margin = w.Integer(x, 0, 50)
		}
		out.Do = w.advice(keys, out.Do)
	}
	margin, p := w.margin, w.policy
	out.Stay = func(f *tier.Figures, told string) bool {
		grades := p.CreditOf(f.Kind).Scoring.Grades
		return hovers(grades, f.Credit.Score, f.Credit.Grade, int64(slices.Index(w.compiler.grades, told))+1, int64(margin)*figure.One)
	}
	return out
}

// hovers says whether a score is so close to the border between its grade and the one that was told, its neighbour, that there
// is nothing to tell. A grade that comes of a cap or from the profile is told at once.
func hovers(grades []credit.Grade, score figure.Micro, now, told, margin int64) bool {
	if told < 1 || told > int64(len(grades)) || now < 1 || !score.Known || now-told != 1 && told-now != 1 {
		return false
	}
	past := score.Millionths - grades[min(now, told)-1].From // of the border of the better of the two
	if now > told {
		return past < 0 && past >= -margin
	}
	return past >= 0 && past < margin
}

func (w *watcher) nearUpgrade(f lintyaml.Field, given bool) watch.Watch {
	out := &watch.Upgrade{Do: adviceUpgrade}
	if !given && w.segment {
		return w.was(watch.NearUpgrade)
	}
	if given {
		if base := w.was(watch.NearUpgrade); base != nil {
			out.Do = base.Advice()
		}
		keys := w.keys(f, "within", "release", "advice")
		if keys == nil {
			return nil
		}
		out.Do = w.advice(keys, out.Do)
		if x, ok := keys["within"]; ok {
			w.within = w.Integer(x, 0, 100)
			w.release = max(w.release, w.within)
		}
		if x, ok := keys["release"]; ok {
			if w.release = w.Integer(x, 0, 200); w.release < w.within {
				w.Fail(lintyaml.At(x.Value), fmt.Sprintf("it must be %d or more", w.within), "%q ends before what raises it begins", f.Name)
			}
		}
	}
	out.Within, out.Release = float64(w.within)/100, float64(w.release)/100
	return out
}
