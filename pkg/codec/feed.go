package codec

// feedKind is the kind of event in which a feed of payments says how far it is complete.
const feedKind = "complete_through"

// OfFeed says that an accepted event is what a feed of payments says of itself. It is of nobody, whomever it names, and has its
// effect on all customers: it belongs into every partition of facts.
func (a Accepted) OfFeed() bool { return a.Fact.GetPayment().GetCompleteThrough() != nil }
