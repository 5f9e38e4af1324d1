package policy

import (
	"math"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml/ast"

	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/lintyaml"
	"github.com/tierstream/tierstream/pkg/value"
)

// Bounds of what a policy says of value.
const (
	maxStageDays = 365
	maxGaps      = 20
	maxKnots     = 20
	maxSilence   = 730 // days without an order are told apart up to there
	maxTenure    = 3650
)

// value reads the section of value, money in a currency with scale decimals.
func (d document) value(keys map[string]lintyaml.Field, scale int) value.Config {
	minor := int64(math.Pow10(scale))
	c := value.Config{WindowDays: defaultWindowDays, Lifecycle: value.DefaultLifecycle(), Score: value.DefaultScore(minor)}
	f, ok := keys["value"]
	if !ok {
		return c
	}
	sub := d.Fields(f.Value, `"value"`, "window_days", "recognise", "freight", "reversals", "categories", "margin", "serve", "lifecycle", "score")
	d.days(sub, "window_days", &c.WindowDays)
	c.Recognise = value.Recognition(d.oneOf(sub, "recognise", recognitions()...))
	c.Freight = d.choice(sub, "freight", "left_out", "counted")
	c.OwnDay = d.choice(sub, "reversals", "order_day", "own_day")
	d.categories(sub, &c)
	d.judged(sub, scale, &c)
	return c
}

// recognitions are the words for when orders count.
func recognitions() []string {
	return []string{value.Placed: "placed", value.Fulfilled: "fulfilled", value.Invoiced: "invoiced"}
}

// judged reads what may differ by segment: how what is kept of a customer is judged.
func (d document) judged(keys map[string]lintyaml.Field, scale int, c *value.Config) {
	d.margin(keys, c)
	d.serve(keys, scale, &c.Serve)
	d.lifecycle(keys, &c.Lifecycle)
	d.score(keys, c)
}

func (d document) categories(keys map[string]lintyaml.Field, c *value.Config) {
	f, ok := keys["categories"]
	if !ok {
		return
	}
	for _, x := range d.List(f) {
		name := d.Name(x)
		switch {
		case name == value.Other:
			d.Fail(lintyaml.At(x.Value), "leave it out", "%q is the word for what has none of these categories", name)
		case name != "" && slices.Contains(c.Categories, name):
			d.Fail(lintyaml.At(x.Value), "", "there are two categories named %q", name)
		case len(c.Categories) == value.CategoriesMost:
			d.Fail(lintyaml.At(x.Value), "", "there are more than %d categories", value.CategoriesMost)
			return
		default:
			c.Categories = append(c.Categories, name)
		}
	}
}

func (d document) margin(keys map[string]lintyaml.Field, c *value.Config) {
	f, ok := keys["margin"]
	if !ok {
		return
	}
	sub := d.Fields(f.Value, `"margin"`, "default", "categories")
	if f, ok := sub["default"]; ok {
		c.Margin.Default = figure.Of(d.decimal(f, -9, 1))
	}
	if f, ok := sub["categories"]; ok {
		c.Margin.Categories = make([]figure.Micro, len(c.Categories))
		for name, x := range d.Fields(f.Value, `"categories" of "margin"`, c.Categories...) {
			c.Margin.Categories[slices.Index(c.Categories, name)] = figure.Of(d.decimal(x, -9, 1))
		}
	}
}

func (d document) serve(keys map[string]lintyaml.Field, scale int, s *value.Serve) {
	f, ok := keys["serve"]
	if !ok {
		return
	}
	sub := d.Fields(f.Value, `"serve"`, "minute", "visit", "complaint", "return")
	for name, into := range map[string]*int64{"minute": &s.Minute, "visit": &s.Visit, "complaint": &s.Complaint, "return": &s.Return} {
		if f, ok := sub[name]; ok {
			*into = d.amount(f, scale)
		}
	}
}

func (d document) lifecycle(keys map[string]lintyaml.Field, l *value.Lifecycle) {
	f, ok := keys["lifecycle"]
	if !ok {
		return
	}
	sub := d.Fields(f.Value, `"lifecycle"`, "new_days", "returning_days", "dormant_days", "dormant_gaps", "growing", "declining")
	for name, into := range map[string]*int{"new_days": &l.NewDays, "returning_days": &l.ReturningDays, "dormant_days": &l.DormantDays} {
		if f, ok := sub[name]; ok {
			*into = d.Integer(f, 1, maxStageDays)
		}
	}
	if f, ok := sub["dormant_gaps"]; ok {
		l.DormantGaps = d.Integer(f, 1, maxGaps)
	}
	if f, ok := sub["growing"]; ok {
		l.Growing = figure.Of(d.decimal(f, 0, 100))
	}
	if f, ok := sub["declining"]; ok {
		l.Declining = figure.Of(d.decimal(f, -1, 0))
	}
}

// score reads weights and curves of factors; what is not named stays as it is by default.
func (d document) score(keys map[string]lintyaml.Field, c *value.Config) {
	f, ok := keys["score"]
	if !ok {
		return
	}
	var names []string
	for _, x := range c.Score {
		names = append(names, x.Name)
	}
	sub := d.Fields(f.Value, `"score"`, names...)
	for i := range c.Score {
		x := &c.Score[i]
		f, ok := sub[x.Name]
		if !ok {
			continue
		}
		own := d.Fields(f.Value, strconv.Quote(x.Name), "weight", "potential", "curve", "rank")
		if f, ok := own["weight"]; ok {
			x.Weight = int64(d.Integer(f, 0, maxWeight))
		}
		if f, ok := own["potential"]; ok {
			x.Potential = d.Bool(f)
		}
		if f, ok := own["curve"]; ok {
			x.Curve, x.Rank = d.curve(f, stepsTo(x.Name)), value.RankNone
		}
		if f, ok := own["rank"]; ok {
			d.rank(f, own, x)
		}
	}
}

// stepsTo is how many days the steps of a factor of time may be at; 0: it is none.
func stepsTo(factor string) int64 {
	switch {
	case !value.Stepped(factor):
		return 0
	case factor == value.FactorRecency:
		return maxSilence
	}
	return maxTenure
}

// curve reads a list of knots, each a raw figure with its points. Those of a factor of time are steps at days up to most.
func (d document) curve(f lintyaml.Field, most int64) (knots []value.Knot) {
	const hint = "write it as in [[0, 0], [1000, 40], [50000, 100]]"
	list, ok := f.Value.(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 || len(list.Values) > maxKnots {
		d.Fail(f.At, hint, "%q must be a list of 1 to %d pairs: a figure, and its points", f.Name, maxKnots)
		return nil
	}
	for _, n := range list.Values {
		pair := d.List(lintyaml.Field{Name: f.Name, At: f.At, Value: n})
		if len(pair) != 2 {
			d.Fail(lintyaml.At(n), hint, "a point of %q must be a pair: a figure, and its points", f.Name)
			return nil
		}
		k := value.Knot{Raw: d.decimal(pair[0], -1e9, 1e9), Points: d.decimal(pair[1], 0, 100)}
		if most > 0 && (k.Raw < 0 || k.Raw%figure.One != 0 || k.Raw > most*figure.One) {
			d.Fail(lintyaml.At(pair[0].Value), "the factor stays the same from one such day to the next", "a step must be at a whole number of days from 0 to %d", most)
		}
		if len(knots) > 0 && k.Raw <= knots[len(knots)-1].Raw {
			d.Fail(lintyaml.At(pair[0].Value), "", "the figures of %q must ascend", f.Name)
		}
		knots = append(knots, k)
	}
	return knots
}

// decimal reads a number within bounds into millionths.
func (d document) decimal(f lintyaml.Field, lowest, highest int64) int64 {
	text, ok := d.Scalar(f)
	if !ok {
		return 0
	}
	is, ok := millionths(text, 52, lowest, highest)
	if !ok {
		d.Fail(lintyaml.At(f.Value), "", "%q must be a number from %d to %d with at most 6 decimals, not %q", f.Name, lowest, highest, text)
		return 0
	}
	return is
}
