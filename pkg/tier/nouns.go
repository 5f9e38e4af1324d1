package tier

import (
	"strings"

	"github.com/tierstream/tierstream/pkg/credit"
)

// noun is how a sentence speaks of a factor; span leads on to "the last 365 days" where it has a window.
type noun struct {
	text   string
	span   string
	plural bool
	unit   Unit
}

// asBooked is the time overdue as it may be judged.
const asBooked = "The longest time overdue as booked"

// nounOf is the table of factors. One that it lacks is spoken of by its name in the policy.
func nounOf(factor string) noun {
	switch factor {
	case "value.gross":
		return noun{"Gross sales", "of", true, Money}
	case "value.returns":
		return noun{"Returns", "of", true, Money}
	case "value.net":
		return noun{"Net sales", "of", true, Money}
	case "value.orders":
		return noun{"The number of orders", "in", false, Count}
	case "value.return_count":
		return noun{"The number of returns", "in", false, Count}
	case "value.window_days":
		return noun{"The window", "", false, Days}
	case "value.class":
		return noun{"The class", "", false, Count}
	case "value.rank.net":
		return noun{"The percentile by net sales", "of", false, Count}
	case "value.rank.orders":
		return noun{"The percentile by the number of orders", "in", false, Count}
	case "value.rank.contribution":
		return noun{"The percentile by contribution", "of", false, Count}
	case "value.segment_rank.net":
		return noun{"The percentile within the segment by net sales", "of", false, Count}
	case "value.segment_rank.orders":
		return noun{"The percentile within the segment by the number of orders", "in", false, Count}
	case "value.segment_rank.contribution":
		return noun{"The percentile within the segment by contribution", "of", false, Count}
	case "value.mean_gap_days":
		return noun{"The mean time between purchases", "of", false, Days}
	}
	if strings.HasPrefix(factor, "credit.") {
		return creditNoun(factor)
	}
	return worthNoun(factor)
}

func creditNoun(factor string) noun {
	switch factor {
	case "credit.open":
		return noun{"Open receivables", "", true, Money}
	case "credit.unapplied":
		return noun{"Unapplied credit", "", false, Money}
	case "credit.overdue":
		return noun{"The amount overdue", "", false, Money}
	case "credit.slowdown_days":
		return noun{"The slowdown of payments against the habit", "", false, Days}
	case "credit.open_growth":
		return noun{"What is open", "", false, Percent}
	case "credit.distress":
		return noun{"Distress reported in the profile (1: yes)", "", false, Count}
	case "credit.overdue_judged":
		return noun{"The amount overdue as booked", "", false, Money}
	case "credit.max_days_overdue_judged":
		return noun{asBooked, "", false, Days}
	case "credit.disputed":
		return noun{"The amount in dispute", "", false, Money}
	case "credit.commitments":
		return noun{"Orders not yet invoiced", "", true, Money}
	case "credit.exposure":
		return noun{"Credit exposure", "", false, Money}
	case "credit.max_days_overdue":
		return noun{"The longest time overdue", "", false, Days}
	case "credit.settled":
		return noun{"The number of items settled", "in", false, Count}
	case "credit.settled_late":
		return noun{"The number of items settled late", "in", false, Count}
	case "credit.on_time_rate":
		return noun{"The share of items paid on time", "in", false, Percent}
	case "credit.mean_days_beyond_terms":
		return noun{"The mean delay beyond terms", "in", false, Days}
	case "credit.promptness":
		return noun{"Promptness", "over", false, Points}
	case "credit.failed_payments":
		return noun{"The number of failed payments", "in", false, Count}
	case "credit.broken_promises":
		return noun{"The number of broken promises to pay", "in", false, Count}
	case "credit.part_payments":
		return noun{"The number of items paid in part", "", false, Count}
	case "credit.dso_days":
		return noun{"DSO", "over", false, Days}
	}
	return scoreNoun(factor)
}

func scoreNoun(factor string) noun {
	switch factor {
	case "credit.grade":
		return noun{"The credit grade", "", false, Count}
	case "credit.score":
		return noun{"The credit score", "", false, Points}
	case "credit.limit":
		return noun{"The credit limit", "", false, Money}
	case "credit.utilisation":
		return noun{"Utilisation of the credit limit", "", false, Percent}
	case "credit.recent_days_beyond_terms":
		return noun{"The mean delay beyond terms of late", "", false, Days}
	case "credit.habit_days_beyond_terms":
		return noun{"The mean delay beyond terms before", "", false, Days}
	}
	return ageingNoun(factor)
}

func ageingNoun(factor string) noun {
	switch factor {
	case "credit.ageing.current":
		return noun{"Open receivables not yet overdue", "", true, Money}
	case "credit.ageing.d1_30":
		return noun{"Receivables 1 to 30 days overdue", "", true, Money}
	case "credit.ageing.d31_60":
		return noun{"Receivables 31 to 60 days overdue", "", true, Money}
	case "credit.ageing.d61_90":
		return noun{"Receivables 61 to 90 days overdue", "", true, Money}
	case "credit.ageing.d90_plus":
		return noun{"Receivables more than 90 days overdue", "", true, Money}
	}
	return noun{factor, "", false, Count}
}

// window is the days that a factor is taken over; 0: it is as of now.
func (w Words) window(factor string) int {
	switch factor {
	case "value.gross", "value.returns", "value.net", "value.orders", "value.return_count", "value.mean_gap_days",
		"value.cost_to_serve", "value.contribution", "value.gap_variability", "value.breadth", "value.satisfaction",
		"value.rank.net", "value.rank.orders", "value.rank.contribution",
		"value.segment_rank.net", "value.segment_rank.orders", "value.segment_rank.contribution":
		return w.ValueDays
	case "credit.settled", "credit.settled_late", "credit.on_time_rate", "credit.mean_days_beyond_terms":
		return w.CreditDays
	case "credit.promptness":
		return w.PromptnessDays
	case "credit.dso_days":
		return w.DSODays
	case "credit.failed_payments", "credit.broken_promises":
		return credit.WarningDays
	}
	return 0
}
