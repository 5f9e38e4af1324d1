package tier

// worthNoun is a noun of what a customer brings, costs and could bring.
func worthNoun(factor string) noun {
	switch factor {
	case "value.cost_to_serve":
		return noun{"The cost to serve", "over", false, Money}
	case "value.contribution":
		return noun{"The contribution", "of", false, Money}
	case "value.score":
		return noun{"The value score", "", false, Points}
	case "value.potential":
		return noun{"The potential", "", false, Points}
	case "value.growth":
		return noun{"Growth of net sales", "", false, Percent}
	case "value.tenure_days":
		return noun{"The time since the first order", "", false, Days}
	case "value.contact_days":
		return noun{"The time since the last contact", "", false, Days}
	case "value.gap_variability":
		return noun{"The variability of the time between purchases", "in", false, Percent}
	case "value.reorder_ratio":
		return noun{"The time without an order", "", false, Percent}
	case "value.breadth":
		return noun{"The number of categories bought", "in", false, Count}
	case "value.satisfaction":
		return noun{"The mean answer to surveys", "of", false, Count}
	}
	return noun{factor, "", false, Count}
}
