// Package reducer has the two pure functions of the product: Scorer folds facts into scores, TierChange folds scores
// into tier changes. Both are stages for package processor, and the same code runs in simulate, in the services and in
// the tests: nothing here knows a clock, a server or a batch.
//
//	facts ─▶ Scorer ─▶ scores ─▶ TierChange ─▶ tier-changes, customer-tiers
//	           │                            │
//	           └─▶ portfolio                └─▶ credit-alerts, signals
//
// What both share is in partition.go: the partition's blob, its time, and the rules in force at a moment.
// Where things go: a new kind of event in event.go, what it changes of a customer in orders.go and money.go, a new
// figure in the packages value and credit, a new field of a tier change in change.go, of an alert or signal in watches.go.
package reducer

// Topics that the stages write to, as the contract names them; the log adds the deployment's prefix.
const (
	TopicScores        = "scores"
	TopicPortfolio     = "portfolio"
	TopicTierChanges   = "tier-changes"
	TopicCustomerTiers = "customer-tiers"
	TopicCreditAlerts  = "credit-alerts"
	TopicSignals       = "signals"
)

// LogicVersion is the newest version of the reducers that this program has.
const LogicVersion = 1

// stateFormat is the newest shape of state that this program knows, and the one that it writes. It rises with whatever a program of before
// would take for something else, such as a field that it doesn't know and that says where something is; figures don't depend on it. 0 had the directories of a customer's days in
// ScorerCustomer.spans or pages; 1 has them in days; 2 has packed pages.
const stateFormat = 2
