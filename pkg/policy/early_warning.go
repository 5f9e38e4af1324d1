package policy

import (
	"slices"
	"strconv"

	"github.com/tierstream/tierstream/pkg/lintyaml"
	"github.com/tierstream/tierstream/pkg/watch"
)

// usualSign is a sign of an early warning as it is where a policy says nothing of it.
type usualSign struct {
	key            string
	points         int
	raise, release string // release empty: raise no longer holds
}

// signKinds are the signs that there are. Of the utilisation alone LIMIT_NEAR tells: here it counts beside others.
func signKinds() []usualSign {
	return []usualSign{
		{"slower", 25, "credit.slowdown_days >= 10", "credit.slowdown_days < 5 || credit.slowdown_days == null"},
		{"exposure", 15, "credit.open_growth >= 1.5 && credit.slowdown_days >= 5",
			"credit.open_growth < 1.2 || credit.slowdown_days < 2 || credit.open_growth == null || credit.slowdown_days == null"},
		{"part_payments", 15, "credit.part_payments >= 2", "credit.part_payments == 0"},
		{"utilisation", 10, "credit.utilisation > 0.8", "credit.utilisation < 0.7 || credit.utilisation == null"},
		{"failed_payments", 15, "credit.failed_payments >= 2", "credit.failed_payments == 0"},
		{"broken_promises", 25, "credit.broken_promises >= 1", "credit.broken_promises == 0"},
		{"distress", 40, "credit.distress >= 1", ""},
	}
}

// What raises an early warning where a policy says nothing, in points: any sign, two or three, most of them.
const (
	earlyKey     = "early_warning"
	earlyWarning = watch.Kind("EARLY_WARNING")
	earlyInfo    = 15
	earlyWarn    = 40
	earlyCrit    = 70
	adviceEarly  = "Talk about payment before something falls due."
	maxPoints    = 1000
)

// earlyWarning reads the alert that several signs raise together.
func (w *watcher) earlyWarning(f lintyaml.Field, given bool) watch.Watch {
	if !given && w.segment {
		return w.was(earlyWarning)
	}
	out := &watch.Signs{Of: earlyWarning, Do: adviceEarly, Words: w.words, Release: earlyInfo,
		Steps: []watch.PointStep{{Severity: watch.Info, From: earlyInfo}, {Severity: watch.Warning, From: earlyWarn}, {Severity: watch.Critical, From: earlyCrit}}}
	base, ok := w.was(earlyWarning).(*watch.Signs)
	if ok {
		*out = *base
	}
	var keys map[string]lintyaml.Field
	if given {
		if keys = w.keys(f, append(severities(), "release", "advice", "signs")...); keys == nil {
			return nil
		}
	}
	out.Do = w.advice(keys, out.Do)
	w.pointSteps(f, keys, out)
	out.All = w.signs(keys["signs"], base)
	return out
}

// pointSteps reads from how many points on each severity is, and below how many it is over.
func (w *watcher) pointSteps(f lintyaml.Field, keys map[string]lintyaml.Field, out *watch.Signs) {
	var steps []watch.PointStep
	for i, name := range severities() {
		x, ok := keys[name]
		if !ok {
			continue
		}
		s := watch.PointStep{Severity: watch.Severity(i + 1), From: w.Integer(x, 1, maxPoints)}
		if n := len(steps); n > 0 && s.From <= steps[n-1].From {
			w.Fail(lintyaml.At(x.Value), "a higher severity takes more points", "%q begins no higher than a lower severity", name)
		}
		steps = append(steps, s)
	}
	if steps != nil {
		out.Steps, out.Release = steps, steps[0].From
	}
	if x, ok := keys["release"]; ok {
		if out.Release = w.Integer(x, 1, maxPoints); out.Release > out.Steps[0].From {
			w.Fail(lintyaml.At(x.Value), "it must be "+strconv.Itoa(out.Steps[0].From)+" or less", "%q ends before what raises it begins", f.Name)
		}
	}
}

// signs reads each sign: as in base (nil: as usual), off, or another.
func (w *watcher) signs(f lintyaml.Field, base *watch.Signs) (out []watch.Sign) {
	var names []string
	for _, k := range signKinds() {
		names = append(names, k.key)
	}
	var given map[string]lintyaml.Field
	if f.Value != nil {
		given = w.Fields(f.Value, strconv.Quote(f.Name), names...)
	}
	for _, k := range signKinds() {
		s := watch.Sign{Name: k.key, Points: k.points}
		x, said := given[k.key]
		if base != nil {
			i := slices.IndexFunc(base.All, func(b watch.Sign) bool { return b.Name == k.key })
			switch {
			case i >= 0:
				s = base.All[i]
			case !said:
				continue // off
			}
		}
		if said {
			keys := w.keys(x, "points", "raise", "release")
			if keys == nil {
				continue
			}
			if p, ok := keys["points"]; ok {
				s.Points = w.Integer(p, 1, maxPoints)
			}
			raise, release := w.condition(keys, "raise"), w.condition(keys, "release")
			if raise != nil {
				s.Raise, s.Release = raise.condition, nil
				if release != nil {
					s.Release = release.condition
				}
			} else if r, ok := keys["release"]; ok && release != nil {
				w.Fail(r.At, "name what raises it too: raise", "%q has a release and nothing that raises it", k.key)
			}
		}
		if s.Raise == nil {
			s.Raise, s.Release = w.compiled(k.raise), w.compiled(k.release)
		}
		out = append(out, s)
	}
	return out
}
