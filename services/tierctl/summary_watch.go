package tierctl

import (
	"maps"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/tierstream/tierstream/pkg/codec"
)

// stands counts what was raised, by kind, and what of it stands at the end, by severity.
type stands struct{ raised, info, warning, critical int }

func (s *stands) add(severity string, over bool) {
	s.raised++
	switch {
	case over:
	case severity == "critical":
		s.critical++
	case severity == "warning":
		s.warning++
	default:
		s.info++
	}
}

// watched shows what was told beside tier changes.
func (d *demo) watched(made decisions) {
	over, by := made.over(), map[string]*stands{}
	of := func(topic, kind string) *stands {
		if by[topic+" "+kind] == nil {
			by[topic+" "+kind] = &stands{}
		}
		return by[topic+" "+kind]
	}
	for _, a := range made.alerts {
		if l := codec.Alert(a); l.State == raised {
			of("alert", l.Kind).add(l.Severity, over[l.AlertID])
		}
	}
	for _, s := range made.signals {
		if l := codec.Signal(s); l.State == raised {
			of("signal", l.Kind).add(l.Severity, over[l.SignalID])
		}
	}
	var rows []table.Row
	for _, name := range slices.Sorted(maps.Keys(by)) {
		s := by[name]
		rows = append(rows, table.Row{name, s.raised, s.info, s.warning, s.critical})
	}
	d.show("Credit alerts and signals: how often each was raised, and for how many customers it stands", table.Row{"kind", "raised", "info", "warning", "critical"}, rows)
}
