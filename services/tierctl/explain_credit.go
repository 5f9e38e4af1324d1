package tierctl

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/figure"
)

// creditRows say how good a customer's credit is, what that is made of, and what the policy advises.
func creditRows(c codec.CreditLine, in explainer) []table.Row {
	rows := []table.Row{{"credit grade", gradeWords(c)}, {"credit score, 0 to 100", short(c.Score)}}
	for _, f := range c.Factors {
		rows = append(rows, table.Row{"score: " + strings.ReplaceAll(f.Name, "_", " "), factorWords(f)})
	}
	for _, w := range c.Warnings {
		rows = append(rows, table.Row{"note on the grade", warningWords(w)})
	}
	limit := none
	if c.Limit != nil {
		limit = in.amount(*c.Limit)
	}
	advice := none
	if c.Advice != nil {
		advice = fmt.Sprintf("a limit of %s and terms of %d days; nothing is changed by itself", in.amount(c.Advice.Limit), c.Advice.TermsDays)
	}
	return append(rows, table.Row{"exposure", in.amount(c.Exposure)}, table.Row{"credit limit", limit}, table.Row{"of it used", share(c.Utilisation)},
		table.Row{fmt.Sprintf("paid in the last %d days", c.Trend.Days), periodWords(c.Trend.Recent)},
		table.Row{"paid before that, in the window", periodWords(c.Trend.Habit)},
		table.Row{"best possible DSO, days", short(c.BestPossibleDSO)}, table.Row{"average days delinquent", short(c.Delinquent)},
		table.Row{"receivable turnover, a year", short(c.Turnover)}, table.Row{"credit advised", advice})
}

func gradeWords(c codec.CreditLine) string {
	switch {
	case c.Grade == nil:
		return none
	case c.GradeByScore == nil:
		return *c.Grade
	case *c.GradeByScore != *c.Grade:
		return fmt.Sprintf("%s (%s by the score alone)", *c.Grade, *c.GradeByScore)
	}
	return *c.Grade
}

// factorWords is a sentence for the raw figure, and how the points come about.
func factorWords(f codec.FactorLine) string {
	if !f.Normalised.Known {
		return "not known; the others share its weight"
	}
	said := ""
	switch f.Name {
	case "lateness":
		said = share(f.Raw) + " of the items that were due were paid late or are overdue"
	case "days_beyond_terms":
		said = "payments come " + daysWords(f.Raw) + ", on average by amount"
	case "trend":
		said = "payments of late come " + trendWords(f.Raw)
	case "overdue":
		said = share(f.Raw) + " of what is open is overdue"
	case "utilisation":
		said = share(f.Raw) + " of the limit is used"
	case "rating":
		said = fmt.Sprintf("an agency gives grade number %s", short(f.Raw))
	}
	return fmt.Sprintf("%s: %s x %.2f %% = %s points", said, short(f.Normalised), f.Weight.Float(), short(f.Points))
}

func daysWords(days figure.Micro) string {
	switch text := strings.TrimPrefix(short(days), "-"); {
	case text == "0":
		return "on terms"
	case days.Millionths < 0:
		return text + " days early"
	default:
		return text + " days late"
	}
}

func trendWords(days figure.Micro) string {
	switch text := strings.TrimPrefix(short(days), "-"); {
	case text == "0":
		return "as they always did"
	case days.Millionths < 0:
		return text + " days sooner than on the whole"
	default:
		return text + " days later than on the whole"
	}
}

func periodWords(p codec.PeriodLine) string {
	if p.Settled == 0 {
		return "nothing"
	}
	return fmt.Sprintf("%d settled, %d late; %s on average", p.Settled, p.Late, daysWords(p.Days))
}

// warningWords is what a warning's code means.
func warningWords(code string) string {
	switch code {
	case "thin_file":
		return "thin_file: few items are settled, so the score is partly the portfolio's mean"
	case "manual_rating":
		return "manual_rating: the profile sets the grade by hand, in place of the score"
	case "rating_unknown":
		return "rating_unknown: the profile's grade is none of the policy's, and counts for nothing"
	case "credit_block":
		return "credit_block: the profile blocks credit, which caps the grade"
	case "long_overdue":
		return "long_overdue: an item is overdue for long, which caps the grade"
	case "write_off":
		return "write_off: something was written off in the window, which caps the grade"
	case "silence_held":
		return "silence_held: what has not been paid would have made it worse by now, but payments are not known so far (see silence)"
	}
	return code
}
