package reducer_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/reducer"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// byRank scores by net sales among all alone, and gives gold to the better half.
var byRank = `
version: "ranks"
value: {window_days: 30, score: {` + without(value.FactorNet) + `net: {weight: 1, rank: all}}}
tiers:
  - {name: base}
  - {name: gold, enter: "value.score >= 50"}
` + quiet

// without takes all other factors out of the score.
func without(named ...string) (out string) {
	for _, f := range value.DefaultScore(100) {
		if !strings.Contains(" "+strings.Join(named, " ")+" ", " "+f.Name+" ") {
			out += f.Name + ": {weight: 0}, "
		}
	}
	return out
}

// topFact is cut-offs with the upper half of all from a net in major units on.
func topFact(at civil.Instant, seq, major int64) *pb.Fact {
	f := cutoffsFact(at, seq)
	f.GetCutoffs().Day, f.GetCutoffs().Cutoffs = fmt.Sprint("c", seq), []*pb.Cutoff{{Name: "net_p50", Value: major * 100}}
	return f
}

// New cut-offs hold for a customer's score from their next event on, and otherwise from the next midnight on. Each change names those
// that its score was made by.
func TestStoryOfAScoreByRank(t *testing.T) {
	l := started(t, reducer.Options{TickMost: 2}, pb.PartitionInit_WALL, byRank)
	for i, c := range []string{"anna", "bert", "cleo"} {
		l.put(bought("o1", c, noon(0), int64(100*(i+1))))
	}
	if s := codec.ValueFigures(l.tiered("cleo").Value).Score; s.Known {
		t.Errorf("before the first cut-offs cleo has a score of %s", s)
	}
	l.put(topFact(noon(1), 1, 150))
	l.advance(noon(1) + civil.Hour)
	if len(l.changes) != 3 {
		t.Errorf("cut-offs move somebody at once: %v", moves(l.changes[3:]))
	}
	l.put(bought("o2", "cleo", noon(1)+2*civil.Hour, 1), bought("o2", "bert", noon(1)+2*civil.Hour, 1))
	l.put(topFact(noon(1)+3*civil.Hour, 2, 250))
	l.advance(noon(3))
	l.put(topFact(day(4), 3, 50)) // comes after all moments of the very midnight
	l.advance(day(5) - 1)
	n := len(l.changes)
	l.advance(day(5))
	var got []string
	for _, c := range l.changes[3:] {
		got = append(got, fmt.Sprintf("%s %s>%s %s %s %v", c.CustomerId, c.From, c.To, clock(c.DecidedAt.AsTime().UnixMicro()), c.CutoffVersion, c.GetValueScore()))
	}
	checkLines(t, got,
		"cleo base>gold 2026-01-02T14:00:00 c1 50", "bert base>gold 2026-01-02T14:00:00 c1 50", // by their events
		"bert gold>base 2026-01-03T00:00:00 c2 0", // by the next midnight
		"anna base>gold 2026-01-06T00:00:00 c3 50", "bert base>gold 2026-01-06T00:00:00 c3 50",
	)
	if n != 6 {
		t.Errorf("%d changes before the midnight after", n)
	}
	if due := l.customer("anna").Due; due != int64(day(6)) {
		t.Errorf("anna is due %s", clock(due))
	}
}

// A score that goes by ranks is an estimate where a tier asks for it.
func TestAdviceByARankedScoreIsAnEstimate(t *testing.T) {
	l := wall(t, byRank)
	l.put(topFact(noon(0), 1, 150), bought("o1", "anna", noon(0), 100))
	needs := l.changes[0].ToNext.Needs
	if len(needs) != 1 || !strings.HasSuffix(needs[0].Text, "This is an estimate: ranks move as others buy.") {
		t.Errorf("%v", needs)
	}
}

// Nobody pays for ranks of a score that no condition looks at.
func TestShownRanksMakeNothingDue(t *testing.T) {
	l := wall(t, strings.Replace(byRank, "value.score >= 50", "value.net >= 50", 1))
	l.put(bought("o1", "anna", noon(0), 100))
	if due := l.customer("anna").Due; due != int64(day(31)) {
		t.Errorf("anna is due %s", clock(due))
	}
}

// The manual's example of factors by rank, row by row.
func TestScoreByRankOfTheManual(t *testing.T) {
	text, err := os.ReadFile("../../docs/value.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "### Factors by rank")
	_, example, _ := strings.Cut(rest, "    value:\n      score:\n")
	example, _, _ = strings.Cut(example, "\n\n")
	for _, line := range strings.Split(without(value.FactorContribution, value.FactorFrequency), ", ") {
		if line != "" {
			example += "\n        " + line
		}
	}
	rows := regexp.MustCompile(`(?m)^\| (T\d) \| (\w*) ?\| ([-\d.]+) \| (\d+) \| (\d) \| (\d+) \| ([\d.]+) \|$`).FindAllStringSubmatch(rest, -1)
	if len(rows) != 6 {
		t.Fatalf("the manual has %d rows", len(rows))
	}
	l := wall(t, "version: v\nvalue:\n      score:\n"+example+"\nsegments:\n  - {name: wholesale, when: {size: large}}\ntiers:\n  - {name: base}\n  - {name: gold, enter: value.score > 50}\n")
	for _, r := range rows {
		if r[2] == "wholesale" {
			l.put(profiled("f1", r[1], noon(0), &pb.ProfileEvent{Size: proto.String("large")}))
		}
		orders, _ := strconv.Atoi(r[5])
		for i := range orders {
			major, err := strconv.ParseFloat(r[3], 64)
			if err != nil {
				t.Fatal(err)
			}
			f := bought(fmt.Sprint("o", i), r[1], noon(0), 5000)
			if f = costing(f, 5000_00-int64(major*100)); i > 0 {
				f = costing(f, 5000_00) // the others bring nothing
			}
			l.put(f)
		}
	}
	l.advance(day(1))
	_, fact := merged(t, []*pb.PortfolioDay{l.last()})
	l.put(fact)
	l.advance(day(2))
	part := l.first.Part()
	view, err := reducer.NewView(part)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		line, ok, err := view.Customer(r[1], l.first.Blob(r[1]), nil, l.second.Blob(r[1]), day(2))
		if err != nil || !ok {
			t.Fatal(err)
		}
		decided := codec.ValueFigures(l.tiered(r[1]).Value).Score
		by := line.Value.Factors
		got := fmt.Sprintf("%.2f %s %s %s %s", by[0].Raw.Float(), by[0].Normalised, by[1].Raw, by[1].Normalised, line.Value.Score)
		if want := strings.Join(r[3:], " "); got != want || decided != line.Value.Score || by[0].Rank != "segment" || by[1].Rank != "all" {
			t.Errorf("%s: %s, the manual says %s; decided by %s", r[1], got, want, decided)
		}
		if sum := by[0].Points.Millionths + by[1].Points.Millionths; figure.Of(sum) != line.Value.Score {
			t.Errorf("%s: the points are %s", r[1], figure.Of(sum))
		}
	}
}
