package reducer_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// rankedWithin is worth, with gold for the better half by contribution among all, and by net within the segment.
var rankedWithin = strings.Replace(worth, "value.net >= 5000 && credit.max_days_overdue <= 3", "value.rank.contribution >= 50 && value.segment_rank.net >= 50", 1)

// counted is the histograms of a partition, each with its customers' figures in major units.
func (l *line) counted() (out []string) {
	part, _ := l.parts()
	for _, h := range part.Ranks {
		text := h.Figure
		for i, n := range h.Count {
			text += fmt.Sprintf(" %dx%d", n, h.Sum[i])
		}
		out = append(out, text)
	}
	return out
}

// A customer is counted by contribution, where it is known, and within their segment; one who changes segment leaves the
// histograms of the one for those of the other; whoever is erased leaves all.
func TestHistogramsWithinSegments(t *testing.T) {
	l := wall(t, rankedWithin)
	l.put(bought("o1", "anna", noon(0), 1000), bought("o1", "bert", noon(0), 200))
	checkLines(t, l.counted(), "contribution 1x6000 1x30000", "net 1x20000 1x100000", "net@ 1x20000 1x100000", "orders 2x2")
	l.put(profiled("f1", "anna", noon(1), &pb.ProfileEvent{Industry: proto.String("toys")}))
	checkLines(t, l.counted(), "contribution 1x6000 1x10000", "net 1x20000 1x100000", "net@ 1x20000", "net@makers 1x100000", "orders 2x2")
	l.put(profiled("f2", "anna", noon(2), &pb.ProfileEvent{Clear: []string{"industry"}}))
	checkLines(t, l.counted(), "contribution 1x6000 1x30000", "net 1x20000 1x100000", "net@ 1x20000 1x100000", "orders 2x2")
	l.put(policyFact(noon(3), 1, strings.Replace(rankedWithin, "margin: {default: 0.3, categories: {tea: 0.5}}, ", "", 1)), bought("o2", "bert", noon(3), 1)) // whose contribution is null from here on
	checkLines(t, l.counted(), "contribution 1x30000", "net 1x20100 1x100000", "net@ 1x20100 1x100000", "orders 1x1 1x2")
	l.put(policyFact(noon(4), 2, ranked), bought("o2", "anna", noon(4), 1)) // which asks for neither
	checkLines(t, l.counted(), "net 1x20100 1x100100", "net@ 1x20100", "orders 2x4")
	l.put(erasureFact(noon(5), 1, "bert"))
	checkLines(t, l.counted(), "net 1x100100", "orders 1x2")
}

// Ranks by contribution and within the segment decide tiers, and are named in the reasons. A comparison with the rank of
// a contribution that is null doesn't hold.
func TestStoryOfRanksWithin(t *testing.T) {
	l := wall(t, rankedWithin)
	l.put(profiled("f1", "anna", noon(0), &pb.ProfileEvent{Industry: proto.String("toys")}), profiled("f1", "bert", noon(0), &pb.ProfileEvent{Industry: proto.String("shoes")}))
	l.put(bought("o1", "anna", noon(0), 300), bought("o1", "bert", noon(0), 200), bought("o1", "cleo", noon(0), 900), bought("o1", "dora", noon(0), 800))
	l.advance(day(1))
	_, fact := merged(t, []*pb.PortfolioDay{l.last()})
	// The contributions are 30, 20 (a margin of 0.1), 270 and 240 (of 0.3).
	if got, want := borders(fact.GetCutoffs()), "2026-01-02 20455: contribution_p50=3000 net_p50@=80000 net_p50@makers=20000"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	l.put(fact, tick(day(1)))
	checkLines(t, moves(l.changes[4:]),
		"anna 2 base>gold 2026-01-02T00:00:00 one", "cleo 2 base>gold 2026-01-02T00:00:00 one", "dora 2 base>gold 2026-01-02T00:00:00 one")
	want := "The percentile within the segment by net sales of the last 30 days is 50, exactly the 50 needed for gold."
	if got := l.changes[4].Reasons[1].Text; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	l.put(bought("o2", "bert", noon(1), 1000)) // the first by all, and in a segment of the first
	l.put(profiled("f3", "bert", noon(2), &pb.ProfileEvent{Clear: []string{"industry"}}))
	checkLines(t, moves(l.changes[7:]), "bert 2 base>gold 2026-01-02T12:00:00 one")
	nothing := strings.Replace(rankedWithin, "margin: {default: 0.3, categories: {tea: 0.5}}, ", "", 1)
	l.put(policyFact(noon(3), 1, nothing), bought("o3", "bert", noon(3), 5000))
	checkLines(t, moves(l.changes[8:]), "bert 3 gold>silver 2026-01-04T12:00:00 one")
}

// The manual's example of ranks within a segment, row by row.
func TestRanksWithinOfTheManual(t *testing.T) {
	text, err := os.ReadFile("../../docs/portfolio.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "## Within a segment")
	_, example, _ := strings.Cut(rest, "\n\n    version:")
	example, _, _ = strings.Cut(example, "\n\n")
	rows := regexp.MustCompile(`(?m)^\| (S\d) \| (\w*) ?\| ([\d,.]+) \| ([\d,.]+) \| (\d+) \| (\w+) \|$`).FindAllStringSubmatch(rest, -1)
	if len(rows) != 6 {
		t.Fatalf("the manual has %d rows", len(rows))
	}
	l := wall(t, "    version:"+example+"\n")
	for _, r := range rows {
		if r[2] == "wholesale" {
			l.put(profiled("f1", r[1], noon(0), &pb.ProfileEvent{Size: proto.String("large")}))
		}
		net, err := strconv.ParseFloat(strings.ReplaceAll(r[3], ",", ""), 64)
		if err != nil {
			t.Fatal(err)
		}
		l.put(bought("o1", r[1], noon(0), int64(net)))
		if got := fmt.Sprintf("%.2f", float64(l.customer(r[1]).Booked.By.ContributionMinor)/100); got != r[4] {
			t.Errorf("%s contributes %s, the manual says %s", r[1], got, r[4])
		}
	}
	l.advance(day(1))
	_, fact := merged(t, []*pb.PortfolioDay{l.last()})
	for _, c := range fact.GetCutoffs().Cutoffs {
		if said := fmt.Sprintf("`%s` = %.2f", c.Name, float64(c.Value)/100); !strings.Contains(rest, said) {
			t.Errorf("the manual doesn't say %s", said)
		}
	}
	l.put(fact, tick(day(1)))
	l.advance(day(2))
	for _, r := range rows {
		if tier := l.tiered(r[1]).Tier; tier != r[6] || (r[5] == "50") != (tier == "key") {
			t.Errorf("%s is in %s, the manual says rank %s and %s", r[1], tier, r[5], r[6])
		}
	}
}
