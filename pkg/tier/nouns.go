package tier

import "strings"

// noun is how a sentence speaks of a factor; span leads on to "the last 365 days" where it has a window.
type noun struct {
	text   string
	span   string
	plural bool
	unit   unit
}

// nounOf is the table of factors. One that it lacks is spoken of by its name in the policy.
func nounOf(factor string) noun {
	switch factor {
	case "value.gross":
		return noun{"Gross sales", "of", true, money}
	case "value.returns":
		return noun{"Returns", "of", true, money}
	case "value.net":
		return noun{"Net sales", "of", true, money}
	case "value.orders":
		return noun{"The number of orders", "in", false, count}
	case "value.return_count":
		return noun{"The number of returns", "in", false, count}
	case "value.window_days":
		return noun{"The window", "", false, days}
	case "value.mean_gap_days":
		return noun{"The mean time between purchases", "of", false, days}
	}
	if strings.HasPrefix(factor, "credit.") {
		return creditNoun(factor)
	}
	return noun{factor, "", false, count}
}

func creditNoun(factor string) noun {
	switch factor {
	case "credit.open":
		return noun{"Open receivables", "", true, money}
	case "credit.unapplied":
		return noun{"Unapplied credit", "", false, money}
	case "credit.overdue":
		return noun{"The amount overdue", "", false, money}
	case "credit.disputed":
		return noun{"The amount in dispute", "", false, money}
	case "credit.commitments":
		return noun{"Orders not yet invoiced", "", true, money}
	case "credit.exposure":
		return noun{"Credit exposure", "", false, money}
	case "credit.max_days_overdue":
		return noun{"The longest time overdue", "", false, days}
	case "credit.settled":
		return noun{"The number of items settled", "in", false, count}
	case "credit.settled_late":
		return noun{"The number of items settled late", "in", false, count}
	case "credit.on_time_rate":
		return noun{"The share of items paid on time", "in", false, percent}
	case "credit.mean_days_beyond_terms":
		return noun{"The mean delay beyond terms", "in", false, days}
	case "credit.promptness":
		return noun{"Promptness", "over", false, points}
	case "credit.dso_days":
		return noun{"DSO", "over", false, days}
	}
	return ageingNoun(factor)
}

func ageingNoun(factor string) noun {
	switch factor {
	case "credit.ageing.current":
		return noun{"Open receivables not yet overdue", "", true, money}
	case "credit.ageing.d1_30":
		return noun{"Receivables 1 to 30 days overdue", "", true, money}
	case "credit.ageing.d31_60":
		return noun{"Receivables 31 to 60 days overdue", "", true, money}
	case "credit.ageing.d61_90":
		return noun{"Receivables 61 to 90 days overdue", "", true, money}
	case "credit.ageing.d90_plus":
		return noun{"Receivables more than 90 days overdue", "", true, money}
	}
	return noun{factor, "", false, count}
}

// window is the days that a factor is taken over; 0: it is as of now.
func (w Words) window(factor string) int {
	switch factor {
	case "value.gross", "value.returns", "value.net", "value.orders", "value.return_count", "value.mean_gap_days":
		return w.ValueDays
	case "credit.settled", "credit.settled_late", "credit.on_time_rate", "credit.mean_days_beyond_terms":
		return w.CreditDays
	case "credit.promptness":
		return w.PromptnessDays
	case "credit.dso_days":
		return w.DSODays
	}
	return 0
}
