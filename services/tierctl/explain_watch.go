package tierctl

import (
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/tierstream/tierstream/pkg/codec"
)

// standing is what was raised of a customer and that no later message clears.
func (e *explained) standing(made decisions) {
	e.Alerts, e.Signals = []codec.AlertLine{}, []codec.SignalLine{}
	over := made.over()
	for _, a := range made.alerts {
		if l := codec.Alert(a); l.CustomerID == e.CustomerID && l.State == raised && !over[l.AlertID] {
			e.Alerts = append(e.Alerts, l)
		}
	}
	for _, s := range made.signals {
		if l := codec.Signal(s); l.CustomerID == e.CustomerID && l.State == raised && !over[l.SignalID] {
			e.Signals = append(e.Signals, l)
		}
	}
}

// over are the ids of what a later message clears.
func (d decisions) over() map[string]bool {
	over := map[string]bool{}
	for _, a := range d.alerts {
		over[a.Clears] = true
	}
	for _, s := range d.signals {
		over[s.Clears] = true
	}
	return over
}

const raised = "RAISED"

// watched has a row for each thing that stands, and one for each of its reasons.
func (e explained) watched(in explainer) (rows []table.Row) {
	add := func(what, kind, severity string, since codec.Instant, reasons []codec.ReasonLine) {
		rows = append(rows, table.Row{what, fmt.Sprintf("%s (%s) since %s", kind, severity, in.when(since))})
		for _, r := range reasons {
			rows = append(rows, table.Row{what + ", why", r.Text})
		}
	}
	for _, a := range e.Alerts {
		add("alert", a.Kind, a.Severity, a.DecidedAt, a.Reasons)
	}
	for _, s := range e.Signals {
		add("signal", s.Kind, s.Severity, s.DecidedAt, s.Reasons)
	}
	return rows
}
