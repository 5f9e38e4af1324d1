package policy_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/tier"
)

const manual = "../../docs/policy.md"

// The sample of holidays in the manual is one that a policy may have: Spring Festival is no business, the day before and after are.
func TestSampleOfHolidays(t *testing.T) {
	_, text, found := strings.Cut(string(read(t, manual)), "## Payments that stop")
	_, text, fenced := strings.Cut(text, "```yaml\n")
	text, _, closed := strings.Cut(text, "```")
	p, err := policy.Parse("sample", []byte("version: sample\n"+text))
	if err != nil || !found || !fenced || !closed {
		t.Fatal(found, fenced, closed, err)
	}
	var business []string
	for d := date(t, "2026-02-13"); d <= date(t, "2026-02-25"); d++ {
		if p.Credit.Quiet.Business(d) {
			business = append(business, d.String())
		}
	}
	if got := strings.Join(business, " "); got != "2026-02-13 2026-02-24 2026-02-25" || p.Credit.Quiet.Days != 3 {
		t.Errorf("the business days around Spring Festival are %s", got)
	}
}

func date(t *testing.T, text string) civil.Day {
	t.Helper()
	d, err := civil.ParseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The worked example of the manual is what the ladder does, moment by moment, and says.
func TestWorkedExample(t *testing.T) {
	p, err := policy.Parse("starter.yaml", read(t, "../../deploy/policies/starter.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(read(t, manual))
	rows := regexp.MustCompile(`(?m)^\| (\d{4}-\d\d-\d\d) \| ([\d,.]+) \| (\d+) \| (.*) \|$`).FindAllStringSubmatch(text, -1)
	if len(rows) < 8 {
		t.Fatalf("the example has %d rows", len(rows))
	}
	var s tier.State
	var said int
	for _, row := range rows {
		at, f := level(t, p, row)
		due := tier.Due(s)
		if due != 0 && due < at {
			t.Errorf("%s: the example leaves out the due moment %s", row[1], due)
		}
		next, c := p.Ladder.Decide(s, f, at)
		if got := outcome(p, s, next, c); got != row[4] {
			t.Errorf("%s: %q, the manual says %q", row[1], got, row[4])
		}
		if c != nil && due == at && c.From == "gold" {
			for _, r := range c.Reasons {
				said++
				if !strings.Contains(text, "    "+r.Text+"\n") {
					t.Errorf("the manual lacks: %s", r.Text)
				}
			}
		}
		s = next
	}
	if said != 2 {
		t.Errorf("%d reasons were looked up", said)
	}
}

func level(t *testing.T, p *policy.Policy, row []string) (civil.Instant, *tier.Figures) {
	t.Helper()
	day, err := civil.ParseDay(row[1])
	if err != nil {
		t.Fatal(err)
	}
	f := &tier.Figures{}
	f.Value.Net, err = strconv.ParseInt(strings.NewReplacer(",", "", ".", "").Replace(row[2]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if f.Judged.MaxDaysOverdue, err = strconv.ParseInt(row[3], 10, 64); err != nil {
		t.Fatal(err)
	}
	return p.Calendar.Start(day), f
}

func outcome(p *policy.Policy, s, next tier.State, c *tier.Change) string {
	switch {
	case c != nil:
		verb := map[tier.Direction]string{tier.Entry: "enters", tier.Upgrade: "rises to", tier.Downgrade: "falls to"}
		return verb[c.Direction] + " " + c.To
	case next.Pending != 0:
		return fmt.Sprintf("%s is kept until %s", next.Tier, p.Calendar.DayOf(next.Pending))
	case s.Pending != 0:
		return next.Tier + " is safe"
	}
	return "nothing"
}

// The manual names every figure, and its defaults are the decoder's.
func TestManualIsComplete(t *testing.T) {
	src, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(src), "`.d", "`credit.ageing.d")
	for _, name := range strings.Fields(`value.gross value.returns value.net value.orders value.return_count value.mean_gap_days
		value.last_order_at value.window_days credit.open credit.overdue credit.disputed credit.unapplied credit.commitments
		credit.exposure credit.ageing.current credit.ageing.d1_30 credit.ageing.d31_60 credit.ageing.d61_90 credit.ageing.d90_plus
		credit.max_days_overdue credit.settled credit.settled_late credit.on_time_rate credit.mean_days_beyond_terms
		credit.promptness credit.dso_days credit.failed_payments credit.broken_promises credit.part_payments
		credit.score credit.grade credit.limit credit.utilisation credit.recent_days_beyond_terms
		credit.habit_days_beyond_terms credit.overdue_judged credit.max_days_overdue_judged credit.slowdown_days credit.open_growth credit.distress
		value.contribution value.cost_to_serve value.score value.potential value.growth value.lifecycle
		value.tenure_days value.reorder_ratio value.gap_variability value.breadth value.satisfaction value.contact_days value.class value.rank.net value.rank.orders
		value.rank.contribution value.segment_rank.net value.segment_rank.orders value.segment_rank.contribution`) {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("the manual lacks %s", name)
		}
	}
	p, err := policy.Parse("p", []byte(`version: "1"`))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		fmt.Sprintf("| `time_zone` | `%s` |", p.TimeZone), fmt.Sprintf("| `currency` | `%s` |", p.Currency),
		fmt.Sprintf("| `value.window_days` | %d |", p.Value.WindowDays), fmt.Sprintf("| `credit.window_days` | %d |", p.Credit.WindowDays),
		fmt.Sprintf("| `credit.promptness_days` | %d |", p.Credit.PromptnessDays), fmt.Sprintf("| `credit.dso_days` | %d |", p.Credit.DSODays),
		fmt.Sprintf("| `credit.tolerance` | %d |", p.Credit.Tolerance),
	} {
		if !strings.Contains(text, row) {
			t.Errorf("the manual lacks %s", row)
		}
	}
}

// The example of alerts in the manual is a policy.
func TestAlertsOfTheManual(t *testing.T) {
	text := string(read(t, "../../docs/alerts.md"))
	_, rest, ok := strings.Cut(text, "```yaml\n")
	example, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatal("the manual has no example")
	}
	if _, err := policy.Parse("alerts.md", []byte("version: \"1\"\n"+example)); err != nil {
		t.Error(err)
	}
}
