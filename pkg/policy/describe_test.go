package policy_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
	"github.com/tierstream/tierstream/pkg/watch"
)

// describe is a policy as text: what the golden files of good policies hold.
func describe(p *policy.Policy) string {
	var b strings.Builder
	fmt.Fprintf(&b, "version %q, hash %.12s, %s, %s with %d decimals\n", p.Version, p.Hash, p.TimeZone, p.Currency, p.Scale)
	w := p.Ladder.Words
	own := p.Value
	own.Score = nil
	fmt.Fprintf(&b, "value %+v\n", own)
	for _, x := range p.Value.Score {
		fmt.Fprintf(&b, "  %s: weight %d, potential %v,", x.Name, x.Weight, x.Potential)
		for _, k := range x.Curve {
			fmt.Fprintf(&b, " %s:%s", figure.Of(k.Raw), figure.Of(k.Points))
		}
		if x.Rank != value.RankNone {
			fmt.Fprintf(&b, " ranked among %s", x.Rank)
		}
		fmt.Fprintln(&b)
	}
	for i, s := range p.Segments {
		own := *p.ValueOf(i + 1)
		var weights []int64
		for _, x := range own.Score {
			weights = append(weights, x.Weight)
			if x.Rank != value.RankNone {
				fmt.Fprintf(&b, "of segment %d, %s: ranked among %s\n", i+1, x.Name, x.Rank)
			}
		}
		own.Score = nil
		fmt.Fprintf(&b, "segment %d %s: value %+v, weights %v\n", i+1, s.Name, own, weights)
		describeRules(&b, p, i+1)
	}
	quiet := p.Credit.Quiet
	p.Credit.Quiet = credit.Quiet{}
	ledger, scoring, _ := strings.Cut(fmt.Sprintf("%+v", p.Credit), " Scoring:")
	scoring, _, _ = strings.Cut(scoring, " Quiet:")
	scoring += "}"
	fmt.Fprintf(&b, "credit %s}\nscore %s\n", ledger, strings.TrimSuffix(scoring, "}"))
	if p.Credit.Quiet = quiet; quiet.Asks() {
		fmt.Fprintf(&b, "quiet after %d business days, weekend %v, holidays %v\n", quiet.Days, quiet.Weekend, quiet.Holidays)
	}
	fmt.Fprintf(&b, "words: %d, %d, %d, %d days, %d decimals\n", w.ValueDays, w.CreditDays, w.PromptnessDays, w.DSODays, w.Scale)
	fmt.Fprintf(&b, "drift %+v\n", p.Drift)
	describeLadder(&b, &p.Ladder)
	describeWatches(&b, "alert", p.Alerts)
	describeWatches(&b, "signal", p.Signals)
	if len(p.Warnings) > 0 {
		fmt.Fprintln(&b, p.Warnings.Error())
	}
	return b.String()
}

func describeLadder(b *strings.Builder, l *tier.Ladder) {
	for _, r := range l.Rungs {
		fmt.Fprintf(b, "%s: grace %d s, hold %d s\n", r.Name, r.Grace/1e6, r.Hold/1e6)
		describeCondition(b, "enter", r.Enter)
		describeCondition(b, "keep", r.Keep)
	}
}

// describeRules is what a segment has otherwise of tiers, alerts and signals.
func describeRules(b *strings.Builder, p *policy.Policy, n int) {
	name := p.SegmentName(n)
	if l := p.LadderOf(n); l != &p.Ladder {
		fmt.Fprintf(b, "tiers of %s, words %t\n", name, l.Words == p.Ladder.Words)
		describeLadder(b, l)
	}
	for _, x := range []struct {
		what        string
		all, others []watch.Watch
	}{{"alert", p.AlertsOf(n), p.Alerts}, {"signal", p.SignalsOf(n), p.Signals}} {
		describeWatches(b, x.what+" of "+name, slices.DeleteFunc(slices.Clone(x.all), func(w watch.Watch) bool { return slices.Contains(x.others, w) }))
		for _, o := range x.others {
			if !slices.ContainsFunc(x.all, func(w watch.Watch) bool { return w.Kind() == o.Kind() }) {
				fmt.Fprintf(b, "no %s of %s: %s\n", x.what, name, o.Kind())
			}
		}
	}
	if d := p.DriftOf(n); !reflect.DeepEqual(d, p.Drift) {
		fmt.Fprintf(b, "drift of %s %+v\n", name, d)
	}
}

func describeWatches(b *strings.Builder, what string, watches []watch.Watch) {
	for _, w := range watches {
		fmt.Fprintf(b, "%s %s: %s\n", what, w.Kind(), w.Advice())
		switch w := w.(type) {
		case *watch.Threshold:
			for _, s := range w.Steps {
				describeCondition(b, s.Severity.String(), s.Raise)
			}
			describeCondition(b, "release", w.Release)
		case *watch.Signs:
			for _, s := range w.Steps {
				fmt.Fprintf(b, "  %s from %d points\n", s.Severity, s.From)
			}
			fmt.Fprintf(b, "  over below %d\n", w.Release)
			for _, s := range w.All {
				fmt.Fprintf(b, "  %s: %d points\n", s.Name, s.Points)
				describeCondition(b, "  raise", s.Raise)
				describeCondition(b, "  release", s.Release)
			}
		case *watch.Upgrade:
			fmt.Fprintf(b, "  within %g, release %g\n", w.Within, w.Release)
		}
	}
}

// describeCondition lists the tests as they come out for a customer of whom nothing is known.
func describeCondition(b *strings.Builder, name string, c tier.Condition) {
	if c == nil {
		return
	}
	v := c.Evaluate(&tier.Figures{})
	fmt.Fprintf(b, "  %s: %v\n", name, v.Holds)
	for _, t := range v.Tests {
		fmt.Fprintf(b, "    %s | %s %g %s %g, known %v, holds %v\n", t.Text, t.Factor, t.Value, t.Op, t.Threshold, t.Known, t.Holds)
	}
}
