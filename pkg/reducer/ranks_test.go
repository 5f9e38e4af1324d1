package reducer_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/portfolio"
	"github.com/tierstream/tierstream/pkg/reducer"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// ranked is standard with classes and the median, and gold for class A.
var ranked = strings.NewReplacer("tiers:", "portfolio: {percentiles: [50], dead_band: 1%}\ntiers:",
	"value.net >= 5000 && credit.max_days_overdue <= 3", `value.class == \"A\"`).Replace(standard)

// borders are published cut-offs as text.
func borders(c *pb.CutoffsPublished) string {
	out := fmt.Sprint(c.GetDay(), " ", c.GetSequence(), ":")
	for _, x := range c.GetCutoffs() {
		out += fmt.Sprintf(" %s=%d", x.Name, x.Value)
	}
	return out
}

// last is the latest day end that was told.
func (l *line) last() *pb.PortfolioDay { return l.portfolio[len(l.portfolio)-1] }

// Rule 24 for histograms: a moment at the very day end that fires late counts in the day, what came meanwhile doesn't.
func TestRanksOfADay(t *testing.T) {
	l := started(t, reducer.Options{TickMost: 1}, pb.PartitionInit_WALL, ranked)
	l.put(bought("o1", "anna", noon(0), 100), bought("o2", "bert", noon(0), 50), bought("o4", "dora", noon(1), 30))
	l.put(bought("o3", "cleo", noon(31), 7)) // after the midnight at which anna and bert roll off, which no Tick has told yet
	l.advance(day(33))
	var got []string
	for _, d := range l.portfolio[len(l.portfolio)-3:] {
		n := map[string]int64{}
		for _, h := range d.Ranks {
			for i, index := range h.Index {
				n[h.Figure] += h.Count[i]
				if h.Figure == "net" {
					n["net "+fmt.Sprint(index)] = h.Count[i]
				}
			}
		}
		got = append(got, fmt.Sprintln(clock(d.AsOf), d.Ranked, n["net"], n["orders"], n["net 0"]))
	}
	checkLines(t, got, "2026-02-01T00:00:00 true 3 3 2\n", "2026-02-02T00:00:00 true 4 4 3\n", "2026-02-03T00:00:00 true 4 4 3\n")
	for _, d := range l.portfolio[:len(l.portfolio)-8] {
		if d.Ranked || d.Ranks != nil {
			t.Fatalf("day %s, of %d that close together, is told with its histograms", clock(d.AsOf), len(l.portfolio))
		}
	}
}

// The merged portfolio of two partitions is that of one with all customers; so are its cut-offs. They are a function of
// what the partitions told: a second merger gets the same bytes.
func TestMerge(t *testing.T) {
	customers := []string{"anna", "bert", "cleo", "dora", "emil"}
	lines := []*line{wall(t, ranked), wall(t, ranked), wall(t, ranked)} // the last has all
	lines[1] = newLine(t, reducer.Options{})
	second := initial(pb.PartitionInit_WALL, ranked)
	second.GetInit().Partition = 1
	lines[1].put(second)
	for i, c := range customers {
		f := bought("o1", c, noon(0), int64(100<<i))
		lines[i%2].put(f)
		lines[2].put(f)
	}
	for _, l := range lines {
		l.advance(day(1))
	}
	days := []*pb.PortfolioDay{lines[0].last(), lines[1].last()}
	all, fact := merged(t, days)
	whole, same := merged(t, []*pb.PortfolioDay{lines[2].last()})
	if !proto.Equal(all, whole) || !proto.Equal(fact, same) || all.Totals.Customers != 5 {
		t.Fatalf("merged %v\nwhole %v", all, whole)
	}
	if got, want := borders(fact.GetCutoffs()), "2026-01-02 20455: net_a=40000 net_b=20000 net_p50=40000 orders_p50=1"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if again, twice := merged(t, days); !proto.Equal(again, all) || !proto.Equal(twice, fact) {
		t.Error("a second merger gets something else")
	}
}

// Cut-offs in force are decided by, named by each change, and measured against when the next are due.
func TestCutoffsInForce(t *testing.T) {
	l := wall(t, strings.Replace(ranked, "percentiles: [50], ", "", 1))
	for i, c := range []string{"anna", "bert", "cleo"} {
		l.put(bought("o1", c, noon(0), int64(3000>>(4*i))))
	}
	l.advance(day(1))
	_, fact := merged(t, []*pb.PortfolioDay{l.last()})
	l.put(fact, fact) // of two mergers
	l.put(bought("o2", "bert", noon(1), 1), bought("o2", "anna", noon(1), 1))
	l.put(bought("o3", "anna", noon(2), 20)) // within the band of 1 %
	l.advance(day(3))
	told, none := merged(t, []*pb.PortfolioDay{l.last()})
	if none != nil || borders(told.Cutoffs) != borders(fact.GetCutoffs()) {
		t.Errorf("cut-offs that moved within the band are published: %v", none)
	}
	l.put(bought("o4", "anna", noon(3), 100))
	l.advance(day(4))
	if _, moved := merged(t, []*pb.PortfolioDay{l.last()}); moved.GetCutoffs().GetDay() != "2026-01-05" || moved.At != int64(day(4)) {
		t.Errorf("cut-offs that moved beyond the band aren't published: %v", moved)
	}
	var got []string
	for _, c := range l.changes {
		got = append(got, fmt.Sprintf("%s %s>%s %q", c.CustomerId, c.From, c.To, c.CutoffVersion))
	}
	checkLines(t, got, `anna >silver ""`, `bert >base ""`, `cleo >base ""`, `anna silver>gold "2026-01-02"`)
	part, _ := l.parts()
	if r := part.Rules[len(part.Rules)-1]; r.Cutoffs != r.Published.Sequence || civil.Day(r.Cutoffs).String() != r.Published.Day {
		t.Errorf("the rule keeps %v", r.Published)
	}
}

// What is written by hand before the first event of a history comes at no time yet: it is no midnight, though in UTC it looks like one.
func TestNoDayBeforeTimeBegins(t *testing.T) {
	l := started(t, reducer.Options{}, pb.PartitionInit_EVENT, ranked)
	l.put(bordersFact(noon(0), 1, 500, 300), bordersFact(noon(0), 2, 500, 300), tick(day(1)))
	if len(l.portfolio) != 1 || l.portfolio[0].AsOf != int64(day(1)) {
		t.Errorf("%v", l.portfolio)
	}
}

// What one Tick tells is taken by the broker, even where every bucket of every day has somebody: else the partition would stop for
// ever. The bounds of days are those of portfolio.go.
func TestDaysOfATickFitOneRequest(t *testing.T) {
	full := func(figure string, least int32) *pb.Histogram {
		h := &pb.Histogram{Figure: figure}
		for i := least; i <= portfolio.BucketOf(math.MaxInt64); i++ {
			h.Index, h.Count, h.Sum = append(h.Index, i), append(h.Count, 1<<20), append(h.Sum, math.MinInt64)
		}
		return h
	}
	d := &pb.PortfolioDay{AsOf: int64(noon(0)), Totals: &pb.PortfolioTotals{NetMinor: math.MaxInt64, OpenMinor: math.MaxInt64},
		Ranks: []*pb.Histogram{full(portfolio.Net, portfolio.BucketOf(-math.MaxInt64)), full(portfolio.Orders, 0)}}
	const days, withRanks, each = 400, 8, 200
	// Within segments there are so many histograms that a day has a message for itself. All buckets up to ten billion in minor
	// units have somebody: that needs more customers in the partition than money is that large.
	one := &pb.PortfolioDay{Ranks: d.Ranks}
	for range 1 + 24 {
		h := full(portfolio.Net, portfolio.BucketOf(-1e12))
		n := len(h.Index) - int(portfolio.BucketOf(math.MaxInt64)-portfolio.BucketOf(1e12))
		h.Index, h.Count, h.Sum = h.Index[:n], h.Count[:n], h.Sum[:n]
		for i := range h.Sum {
			h.Sum[i] = 1e12
		}
		one.Ranks = append(one.Ranks, h)
	}
	most := -1
	for _, s := range topics.All(0) {
		if s.Name == topics.Portfolio {
			most, _ = strconv.Atoi(s.Config["max.message.bytes"])
		}
	}
	some := withRanks * 2 * proto.Size(&pb.PortfolioDay{Ranks: one.Ranks[2:3]}) // fewer days are told, so that there are no more than of two each
	for what, size := range map[string]int{"few": withRanks * proto.Size(d), "some": some, "many": proto.Size(one)} {
		if size += days * each; size > most {
			t.Errorf("a Tick may tell %d bytes where there are %s histograms, the topic takes %d", size, what, most)
		}
	}
}

// merged is a day end of all partitions, with the record that publishes its cut-offs; nil: there is none.
func merged(t *testing.T, days []*pb.PortfolioDay) (*pb.PortfolioDay, *pb.Fact) {
	t.Helper()
	day, facts := reducer.Merge(days)
	if len(facts) == 0 {
		return day, nil
	}
	if len(facts) > 1 {
		t.Fatalf("a midnight brings %v", facts)
	}
	return day, facts[0]
}
