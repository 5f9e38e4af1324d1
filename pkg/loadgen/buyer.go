package loadgen

// Buyer is how a customer's trade goes over the years.
type Buyer string

// The buyers.
const (
	BuyerSteady    Buyer = "steady"    // the same rate all the time
	BuyerSeasonal  Buyer = "seasonal"  // lives by the calendar
	BuyerGrowing   Buyer = "growing"   // begins small and climbs
	BuyerDeclining Buyer = "declining" // begins big and fades
	BuyerDormant   Buyer = "dormant"   // stops one day for good
	BuyerReturning Buyer = "returning" // pauses for months and comes back
	BuyerOnce      Buyer = "once"      // places one large order and falls silent
)

// Mix is the share of customers of one kind, in basis points.
type Mix[K any] struct {
	Kind  K
	Share int
}

// Buyers is the mix of buyers.
func Buyers() []Mix[Buyer] {
	return []Mix[Buyer]{
		{BuyerSteady, 3300}, {BuyerSeasonal, 1700}, {BuyerGrowing, 1500}, {BuyerDeclining, 1200},
		{BuyerDormant, 900}, {BuyerReturning, 700}, {BuyerOnce, 700},
	}
}

// activity is the percentage of their mean rate at which a customer buys on a day of the generated trade.
func (c *customer) activity(today int) int64 {
	if today < c.joined || c.payer == PayerFailing && today >= c.fails+FailureSupply {
		return 0
	}
	age := today - c.joined
	switch c.buyer {
	case BuyerGrowing:
		return int64(min(GrowthStart+GrowthYear*age/365, GrowthMax))
	case BuyerDeclining:
		return int64(max(DeclineStart-DeclineYear*age/365, DeclineMin))
	case BuyerDormant:
		return percentIf(age < c.silent)
	case BuyerReturning:
		return percentIf(age < c.silent || age >= c.back)
	case BuyerOnce:
		return 0 // the one order is put on the agenda when they join
	}
	return 100
}

func percentIf(yes bool) int64 {
	if yes {
		return 100
	}
	return 0
}
