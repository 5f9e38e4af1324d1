// Package topics has the names of the contract: topics, their settings and the consumer groups, one place for all.
package topics

import "strconv"

// Names of the topics, without the deployment's prefix.
const (
	Orders        = "orders"
	Invoices      = "invoices"
	Payments      = "payments"
	Profiles      = "profiles"
	Engagements   = "engagements"
	Events        = "events"
	FxRates       = "fx-rates"
	Facts         = "facts"
	Scores        = "scores"
	Portfolio     = "portfolio"
	TierChanges   = "tier-changes"
	CustomerTiers = "customer-tiers"
	CreditAlerts  = "credit-alerts"
	Signals       = "signals"
	DeadLetters   = "dead-letters"
)

// Names of the services that others ask about: their consumer groups, and the stages' keys in Redis.
const (
	Ingest     = "ingest"
	Scorer     = "scorer"
	TierChange = "tierchange"
	Notifier   = "notifier"
)

// Notices are the topics that the notifier tells of.
func Notices() []string { return []string{TierChanges, CreditAlerts, Signals} }

// Deliveries is what the notifier's slots of an output topic in Redis are named by.
func Deliveries(topic string) string { return Notifier + "-" + topic }

// Endpoints is what the notifier's one slot with the state of its endpoints is named by.
const Endpoints = Notifier + "-endpoints"

// Inputs are the topics that ingest reads.
func Inputs() []string {
	return []string{Orders, Invoices, Payments, Profiles, Engagements, Events, FxRates}
}

// Group is the consumer group of a service on a topic: one keyed topic per group, since range assignment follows the
// order of the broker's metadata.
func Group(prefix, service, topic string) string {
	return prefix + "tierstream-" + service + "-" + topic
}

// Setting is a topic with the settings it is made with.
type Setting struct {
	Name   string
	Config map[string]string
}

const (
	dayMS     = 24 * 60 * 60 * 1000
	forEver   = "-1"
	batchSize = 4 << 20
)

// All is every topic. futureMS is how far ahead of the broker's clock a record of facts may be stamped.
func All(futureMS int64) []Setting {
	keep := func(days int64) string { return strconv.FormatInt(days*dayMS, 10) }
	size := strconv.Itoa(batchSize)
	all := []Setting{
		{Facts, map[string]string{"retention.ms": forEver, "message.timestamp.after.max.ms": strconv.FormatInt(futureMS, 10), "max.message.bytes": size}},
		{Scores, map[string]string{"retention.ms": keep(7), "max.message.bytes": size}},
		{Portfolio, map[string]string{"retention.ms": keep(400), "max.message.bytes": size}},
		{CustomerTiers, map[string]string{"cleanup.policy": "compact", "max.message.bytes": size}},
		{DeadLetters, map[string]string{"retention.ms": keep(30)}},
	}
	for _, name := range []string{TierChanges, CreditAlerts, Signals} {
		all = append(all, Setting{name, map[string]string{"retention.ms": keep(400), "max.message.bytes": size}})
	}
	for _, name := range Inputs() {
		kept := keep(30)
		if name == FxRates {
			kept = forEver // a document of long ago needs the rates of its day
		}
		all = append(all, Setting{name, map[string]string{"retention.ms": kept}})
	}
	return all
}

// ControlHeader marks a record that tierctl puts between the events of a replay on the topic events: a Tick, or the
// end of a backfill.
const ControlHeader = "ts_control"

// SharesHeader marks a record of a replay on the topic events that is for customers of several partitions of facts (a parent
// pays): it lies in the partition of each, at its place among what these have, and gives the facts of that partition alone.
const SharesHeader = "ts_shares"

// LineHeader is the number of the line of a file that tierctl sent a record from.
const LineHeader = "ts_line"
