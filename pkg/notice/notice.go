// Package notice has what the notifier tells of, whatever topic it came from: a tier change, a credit alert or a signal
// in plain values. It knows neither the contract's messages (pkg/codec makes notices of them) nor who gets them
// (pkg/routes) nor how they read (pkg/message).
package notice

import "github.com/tierstream/tierstream/pkg/civil"

// Type is what a notice tells of, as webhooks name it.
type Type string

// The types: one per output topic.
const (
	TierChanged    Type = "tier.changed"
	CreditAlert    Type = "credit.alert"
	CustomerSignal Type = "customer.signal"
)

// Types are all of them.
func Types() []Type { return []Type{TierChanged, CreditAlert, CustomerSignal} }

// Notice is one record of an output topic. What a type doesn't have is empty. Money of Exposure and Overdue is in minor
// units of the deployment's currency, that of reasons in major units.
type Notice struct {
	ID         string // change_id, alert_id or signal_id: the same however often it is read
	Topic      string // without the deployment's prefix
	Type       Type
	CustomerID string
	Seq        int64 // dense per customer and topic
	Live       bool  // false: BACKFILL or REBUILD, which nobody is told of
	Mode       string
	DecidedAt  civil.Instant
	Effective  civil.Instant // tier changes
	Kind       string        // of an alert or a signal: OVERDUE, NEAR_UPGRADE, ...
	Direction  string        // of a tier change: UPGRADE, DOWNGRADE, ...
	State      string        // RAISED, CLEARED or WITHDRAWN; empty for a tier change
	Clears     string        // the id that this one takes back
	Severity   string
	Trigger    string // EVENT, TIME, ...: what a tier change comes from

	From, To           string // tiers
	GradeFrom, GradeTo string // credit grades of an alert

	Reasons []Reason
	ToNext  *Next
	ToKeep  *Keep
	Items   []Item
	Advice  string

	Exposure, Overdue int64 // credit alerts, minor units

	CustomerName   string
	AccountManager string
	Segment        string
	Plan           string
	PolicyVersion  string

	// JSON is the whole record as the contract's files have it: snake_case, every key, one line.
	JSON []byte
}

// Subject is the direction of a tier change, the kind of an alert or a signal.
func (n *Notice) Subject() string {
	if n.Type == TierChanged {
		return n.Direction
	}
	return n.Kind
}

// Reason is one comparison that a decision rests on, or one that is still needed. Value, Threshold and Margin are nil
// where there are none.
type Reason struct {
	Code                     string
	Params                   map[string]string
	Factor                   string
	Value, Threshold, Margin *float64
	Text                     string // one English sentence
}

// Next is what it takes to climb to Tier.
type Next struct {
	Tier  string
	Needs []Reason
}

// Keep is what it takes to stay, and when time alone may change that (0: never).
type Keep struct {
	Needs    []Reason
	ReviewAt civil.Instant
}

// Item is one open item that an alert is about; Amount is in minor units of Currency.
type Item struct {
	InvoiceID string
	Amount    int64
	Currency  string
	Days      int64 // overdue
}

// Directions are those that the contract has for tier changes.
func Directions() []string {
	return []string{"ENTRY", "UPGRADE", "DOWNGRADE", "RENEWED", "MOVE", "EXIT"}
}

// AlertKinds are the contract's kinds of credit alerts.
func AlertKinds() []string {
	return []string{"GRADE_CHANGED", "EARLY_WARNING", "OVERDUE", "LIMIT_NEAR", "CREDIT_HOLD_ADVISED"}
}

// SignalKinds are the contract's kinds of signals.
func SignalKinds() []string {
	return []string{"RISING_STAR", "KEY_CUSTOMER", "REORDER_OVERDUE", "LIFECYCLE_CHANGED", "NEAR_UPGRADE", "WILL_DOWNGRADE", "CONTACT_DUE"}
}

// States are the contract's states of alerts and signals.
func States() []string { return []string{"RAISED", "CLEARED", "WITHDRAWN"} }
