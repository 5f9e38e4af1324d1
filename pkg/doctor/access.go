package doctor

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
)

// Services are those whose rights are checked.
func Services() []string {
	return []string{topics.Ingest, topics.Scorer, topics.TierChange, topics.Notifier, "tierctl"}
}

// Rights are the operations that a service's user needs.
type Rights struct {
	Topics  map[kafkalog.Operation][]string    // without prefix
	Groups  map[kafkalog.Operation][][2]string // service and topic
	Cluster []kafkalog.Operation
}

// RightsOf says what a service does to Kafka, by the contract.
func RightsOf(service string) Rights {
	var own, ingests, notices [][2]string
	for _, t := range topics.Inputs() {
		ingests = append(ingests, [2]string{topics.Ingest, t})
	}
	for _, t := range topics.Notices() {
		notices = append(notices, [2]string{topics.Notifier, t})
	}
	outputs := []string{topics.TierChanges, topics.CustomerTiers, topics.CreditAlerts, topics.Signals}
	r := Rights{Topics: map[kafkalog.Operation][]string{}, Groups: map[kafkalog.Operation][][2]string{}}
	switch service {
	case topics.Ingest:
		r.Topics[kafkalog.Read] = append(topics.Inputs(), topics.Facts)
		r.Topics[kafkalog.Write] = []string{topics.Facts, topics.DeadLetters, topics.FxRates} // rates that came among events
		own = ingests
	case topics.Scorer:
		r.Topics[kafkalog.Read] = []string{topics.Facts, topics.Portfolio}
		r.Topics[kafkalog.Write] = []string{topics.Facts, topics.Scores, topics.Portfolio}
		r.Topics[kafkalog.Describe] = topics.Inputs() // Ticks wait for what ingest has not taken in
		r.Groups[kafkalog.Describe] = ingests
		own = [][2]string{{topics.Scorer, topics.Facts}}
	case topics.TierChange:
		r.Topics[kafkalog.Read] = []string{topics.Scores}
		r.Topics[kafkalog.Write] = append(outputs, topics.Facts)
		r.Topics[kafkalog.Describe] = topics.Inputs()
		r.Groups[kafkalog.Describe] = ingests
		own = [][2]string{{topics.TierChange, topics.Scores}}
	case topics.Notifier:
		r.Topics[kafkalog.Read] = append(topics.Notices(), topics.Facts)
		own = notices
	default: // tierctl
		r.Topics[kafkalog.Read] = append(topics.Inputs(), topics.Facts, topics.TierChanges, topics.CreditAlerts, topics.Signals, topics.DeadLetters, topics.Portfolio)
		r.Topics[kafkalog.Write] = append(topics.Inputs(), topics.Facts) // send, dlq retry; init
		for _, t := range topics.All(0) {                                // init, doctor
			r.Topics[kafkalog.Describe] = append(r.Topics[kafkalog.Describe], t.Name)
			r.Topics[kafkalog.DescribeConfigs] = append(r.Topics[kafkalog.DescribeConfigs], t.Name)
		}
		r.Groups[kafkalog.Describe] = append(append(ingests, [2]string{topics.Scorer, topics.Facts}, [2]string{topics.TierChange, topics.Scores}), notices...)
		r.Cluster = []kafkalog.Operation{kafkalog.Create, kafkalog.DescribeConfigs}
	}
	r.Groups[kafkalog.Read] = own
	return r
}

// kafkaAccess: whether this user may do what each service does.
func kafkaAccess(f Facts) (all []Finding) {
	if f.Cluster == nil || f.Topics == nil {
		return nil
	}
	for _, service := range Services() {
		if f.Service == "" || f.Service == service {
			all = append(all, mayRun(f, service))
		}
	}
	return all
}

func mayRun(f Facts, service string) Finding {
	r, lacks, silent := RightsOf(service), map[string][]string{}, false
	look := func(o kafkalog.Operations, err error, op kafkalog.Operation, resource string) {
		switch {
		case errors.Is(err, kafkalog.ErrDenied) || err == nil && o != kafkalog.NotTold && !o.May(op):
			lacks[resource] = append(lacks[resource], op.String())
		case err != nil || o == kafkalog.NotTold:
			silent = true
		}
	}
	for op, names := range r.Topics {
		for _, t := range f.Topics {
			if slices.Contains(names, strings.TrimPrefix(t.Name, f.Prefix)) && (len(t.Partitions) > 0 || t.Err != nil) {
				look(t.Operations, t.Err, op, "--topic "+t.Name)
			}
		}
	}
	for op, wanted := range r.Groups {
		for _, g := range f.Groups {
			if slices.Contains(wanted, [2]string{g.Service, g.Topic}) {
				look(g.State.Operations, g.State.Err, op, "--group "+g.State.Name)
			}
		}
	}
	for _, op := range r.Cluster {
		look(f.Cluster.Operations, nil, op, "--cluster")
	}
	state, check := Warn, "kafka access"
	if f.Service != "" {
		state = Fail
	}
	switch {
	case len(lacks) > 0:
		return found(state, check, grants(f, lacks), "this user may not do all that %s does: %s", service, missing(lacks))
	case silent:
		return found(Unknown, check, "run Kafka 2.3 or newer", "the brokers don't tell whether this user may do what %s does", service)
	}
	return ok(check, "this user may do what %s does", service)
}

// missing names the resources by what is missing there.
func missing(lacks map[string][]string) string {
	var all []string
	for _, resource := range slices.Sorted(maps.Keys(lacks)) {
		slices.Sort(lacks[resource])
		all = append(all, strings.Join(lacks[resource], " and ")+" on "+strings.TrimPrefix(resource, "--"))
	}
	return list(all)
}

// grants is one command for each set of operations.
func grants(f Facts, lacks map[string][]string) string {
	by := map[string][]string{}
	for _, resource := range slices.Sorted(maps.Keys(lacks)) {
		slices.Sort(lacks[resource])
		kind, _, _ := strings.Cut(resource, " ")
		key := kind + " " + strings.Join(lacks[resource], " --operation ")
		by[key] = append(by[key], resource)
	}
	var all []string
	for _, key := range slices.Sorted(maps.Keys(by)) {
		_, operations, _ := strings.Cut(key, " ")
		all = append(all, fmt.Sprintf("kafka-acls.sh --bootstrap-server %s --add --allow-principal User:NAME --operation %s %s", f.Bootstrap, operations, strings.Join(by[key], " ")))
	}
	return strings.Join(all, " && ")
}

// grant lets a user do one thing with topics.
func grant(f Facts, operation string, topics ...string) string {
	return fmt.Sprintf("kafka-acls.sh --bootstrap-server %s --add --allow-principal User:NAME --operation %s --topic %s", f.Bootstrap, operation, strings.Join(topics, " --topic "))
}
