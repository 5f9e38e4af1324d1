package tierctl

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/policy"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// quarterWeeks is how many weeks before the end of a history say what a week is like: the first ones of a history have everybody's
// entry, and alerts that begin from nothing.
const quarterWeeks = 13

// forecastLine is a row of what a policy would bring: customers at the end of a history, or messages in it.
type forecastLine struct {
	What    string   `json:"what"`
	Which   string   `json:"which"`
	Number  int      `json:"number"`
	Share   *float64 `json:"share"`          // of customers, 0.25 is a quarter; null: of messages
	PerWeek *float64 `json:"per_week"`       // of messages, over the last quarter, or the history if that is shorter
	Most    *int     `json:"most_in_a_week"` // of the whole history
}

// forecast is what a policy owner asks before going live: how many customers would be where, and how many messages come in a week.
type forecast struct {
	policy *policy.Policy
	from   civil.Instant // the first event
	to     civil.Instant // the moment of the customers
	lines  []forecastLine
}

// rows of all that was simulated.
func (f *forecast) read(r *results) []forecastLine {
	f.customers(r.customers)
	f.messages(r)
	return f.lines
}

// customers counts those of the last moment.
func (f *forecast) customers(all []codec.CustomerLine) {
	tiers, grades, segments, n := map[string]int{}, map[string]int{}, map[string]int{}, 0
	for _, c := range all {
		if civil.Instant(c.AsOf) != f.to {
			continue
		}
		n++
		tiers[c.Tier.Name]++
		grades[orNone(c.Credit.Grade)]++
		segments[orNone(c.Segment)]++
	}
	var names []string
	for _, r := range slices.Backward(f.policy.Ladder.Rungs) {
		names = append(names, r.Name)
	}
	f.counts("customers in tier", names, tiers, n)
	names = nil
	for _, g := range f.policy.Credit.Scoring.Grades {
		names = append(names, g.Name)
	}
	f.counts("customers of grade", append(names, none), grades, n)
	names = nil
	for _, s := range f.policy.Segments {
		names = append(names, s.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(segments)) { // those that profiles name
		if !slices.Contains(names, name) && name != none {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		f.counts("customers of segment", append(names, none), segments, n)
	}
}

func orNone(text *string) string {
	if text == nil {
		return none
	}
	return *text
}

func (f *forecast) counts(what string, names []string, counted map[string]int, of int) {
	for _, name := range names {
		share := 0.0
		if of > 0 {
			share = float64(counted[name]) / float64(of)
		}
		f.lines = append(f.lines, forecastLine{What: what, Which: name, Number: counted[name], Share: &share})
	}
}

// tally counts messages of a kind, and how many of them came in each week, counted back from the end.
type tally struct {
	number int
	weeks  map[int]int
}

// messages counts what would be told, kind by kind.
func (f *forecast) messages(r *results) {
	by := map[string]*tally{}
	told := func(at civil.Instant, names ...string) {
		for _, name := range names {
			if by[name] == nil {
				by[name] = &tally{weeks: map[int]int{}}
			}
			by[name].number++
			by[name].weeks[int((f.to-at)/(7*civil.FullDay))]++
		}
	}
	const all = "messages\x00all"
	for _, c := range r.changes {
		told(civil.FromTime(c.DecidedAt.AsTime()), "tier changes\x00"+direction(c), all)
	}
	for _, a := range r.alerts {
		what := "alerts raised\x00" + a.Kind.String() + " " + a.Severity
		if a.State != pb.CreditAlert_RAISED {
			what = "alerts over\x00" + a.Kind.String()
		}
		told(civil.FromTime(a.DecidedAt.AsTime()), what, all)
	}
	for _, s := range r.signals {
		what := "signals raised\x00" + s.Kind.String() + " " + s.Severity
		if s.State != pb.CustomerSignal_RAISED {
			what = "signals over\x00" + s.Kind.String()
		}
		told(civil.FromTime(s.DecidedAt.AsTime()), what, all)
	}
	groups := []string{"tier changes", "alerts raised", "alerts over", "signals raised", "signals over", "messages"}
	names := slices.SortedFunc(maps.Keys(by), func(a, b string) int {
		ga, _, _ := strings.Cut(a, "\x00")
		gb, _, _ := strings.Cut(b, "\x00")
		return cmp.Or(cmp.Compare(slices.Index(groups, ga), slices.Index(groups, gb)), cmp.Compare(a, b))
	})
	for _, name := range names {
		what, which, _ := strings.Cut(name, "\x00")
		per, most := f.perWeek(by[name])
		f.lines = append(f.lines, forecastLine{What: what, Which: which, Number: by[name].number, PerWeek: &per, Most: &most})
	}
}

// perWeek is how many come in a week of the last quarter, and the most that came in any.
func (f *forecast) perWeek(t *tally) (per float64, most int) {
	weeks := min(quarterWeeks, max(1, float64(f.to-f.from)/float64(7*civil.FullDay)))
	for week, n := range t.weeks {
		most = max(most, n)
		if week < quarterWeeks {
			per += float64(n)
		}
	}
	return per / weeks, most
}

// show writes the rows.
func (f *forecast) show(w io.Writer, out output) error {
	var rows []table.Row
	for _, l := range f.lines {
		row := table.Row{l.What, plain(l.Which), l.Number, "", "", ""}
		if l.Share != nil {
			row[3] = fmt.Sprintf("%.1f %%", 100**l.Share)
		} else {
			row[4], row[5] = fmt.Sprintf("%.1f", *l.PerWeek), *l.Most
		}
		rows = append(rows, row)
	}
	return out.show(w, f.lines, table.Row{"what", "which", "number", "share", "per week", "most in a week"}, rows)
}
