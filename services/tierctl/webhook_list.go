package tierctl

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/channels"
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/delivery"
	"github.com/tierstream/tierstream/pkg/message"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/routes"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// endpointLine is an endpoint as webhook list shows it.
type endpointLine struct {
	Name         string        `json:"name"`
	Type         string        `json:"type"`
	State        string        `json:"state"`
	Since        codec.Instant `json:"since"`
	Pending      int           `json:"pending"`
	Dead         int           `json:"dead"`
	NextAttempt  codec.Instant `json:"next_attempt"`
	FailingSince codec.Instant `json:"failing_since"`
	LastSuccess  codec.Instant `json:"last_success"`
	LastError    string        `json:"last_error"`
}

// deadDelivery is a dead delivery as webhook list --dead shows it.
type deadDelivery struct {
	ID         string        `json:"id"`
	Endpoint   string        `json:"endpoint"`
	Topic      string        `json:"topic"`
	CustomerID string        `json:"customer_id"`
	Seq        int64         `json:"seq"`
	At         codec.Instant `json:"at"`
	Attempts   int32         `json:"attempts"`
	Reason     string        `json:"reason"`
	Error      string        `json:"error"`
}

func webhookListCommand() *cobra.Command {
	var format string
	var dead bool
	c := &cobra.Command{
		Use:     "list",
		Short:   "Endpoints with their state and what is pending and dead; with --dead, the dead deliveries",
		Example: "  tierctl webhook list --routes routes.yaml\n  tierctl webhook list --dead -o json",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "table" && format != "json" && format != "csv" {
				return usagef("-o %q is not known: use table, json or csv", format)
			}
			d, err := openDeliveries(cmd)
			if err != nil {
				return err
			}
			defer d.close()
			if dead {
				return d.listDead(cmd, format)
			}
			return d.listEndpoints(cmd, format)
		},
	}
	c.Flags().StringVarP(&format, "output", "o", "table", "table, json or csv")
	c.Flags().BoolVar(&dead, "dead", false, "the dead deliveries, oldest first within a partition")
	return c
}

func (d *deliveries) listEndpoints(cmd *cobra.Command, format string) error {
	has, err := d.backlogs(cmd.Context())
	if err != nil {
		return err
	}
	names := d.listed(has)
	is, err := delivery.HealthOf(cmd.Context(), d.health(), names)
	if err != nil {
		return err
	}
	lines := []endpointLine{}
	for _, name := range names {
		lines = append(lines, endpointLineOf(d.file, name, is[name], has[name]))
	}
	t := table.NewWriter()
	t.AppendHeader(table.Row{"name", "type", "state", "since", "pending", "dead", "next attempt", "failing since", "last success", "last error"})
	for _, l := range lines {
		t.AppendRow(table.Row{l.Name, l.Type, l.State, orNothing(l.Since), l.Pending, l.Dead, orNothing(l.NextAttempt), orNothing(l.FailingSince), orNothing(l.LastSuccess), l.LastError})
	}
	return showLines(cmd.OutOrStdout(), format, t, lines)
}

func endpointLineOf(f *routes.File, name string, h delivery.Health, b delivery.Backlog) endpointLine {
	l := endpointLine{
		Name: name, State: "active", Since: codec.Instant(h.Since), Pending: b.Pending, Dead: b.Dead,
		FailingSince: codec.Instant(h.FailingSince), LastSuccess: codec.Instant(h.SucceededAt), LastError: h.Error,
	}
	e, known := f.Endpoint(name)
	l.Type = string(e.Kind)
	switch {
	case !known:
		l.State = "not in the routing file"
	case h.Off != "":
		l.State = h.Off
	case h.FailingSince != 0:
		l.State = "failing"
	}
	if b.Pending > 0 && b.NextDue != processor.NoDue {
		l.NextAttempt = codec.Instant(b.NextDue)
	}
	return l
}

func (d *deliveries) listDead(cmd *cobra.Command, format string) error {
	lines := []deadDelivery{}
	err := d.each(func(topic string, _ int, state processor.State) error {
		all, err := delivery.DeadDeliveries(cmd.Context(), state)
		for _, x := range all {
			lines = append(lines, deadDeliveryOf(topic, x))
		}
		return err
	})
	if err != nil {
		return err
	}
	t := table.NewWriter()
	t.AppendHeader(table.Row{"id", "endpoint", "topic", "customer", "seq", "at", "attempts", "reason", "error"})
	for _, l := range lines {
		t.AppendRow(table.Row{l.ID, l.Endpoint, l.Topic, l.CustomerID, l.Seq, when(l.At), l.Attempts, l.Reason, l.Error})
	}
	return showLines(cmd.OutOrStdout(), format, t, lines)
}

func deadDeliveryOf(topic string, x *pb.DeadDelivery) deadDelivery {
	return deadDelivery{
		ID: x.Id, Endpoint: x.Endpoint, Topic: topic, CustomerID: x.CustomerId, Seq: x.Seq, At: codec.Instant(x.At),
		Attempts: x.Attempts, Reason: x.Reason, Error: x.Error,
	}
}

func orNothing(i codec.Instant) string {
	if i == 0 {
		return ""
	}
	return when(i)
}

// newChannels are the notifier's, for a test: its words are in UTC.
func newChannels(f *routes.File, getenv func(string) string) (*channels.Channels, error) {
	calendar, err := civil.NewCalendar("UTC")
	if err != nil {
		return nil, fmt.Errorf("making a calendar: %w", err)
	}
	words := message.Deployment{Calendar: calendar, Zone: "UTC", Currency: "CNY", Scale: 2}
	return channels.New(channels.Config{Egress: f.Egress, Getenv: getenv, Now: time.Now, Words: words})
}

// showLines writes a table, as text or CSV, or its lines as JSON.
func showLines(w io.Writer, format string, t table.Writer, lines any) error {
	if format == "json" {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(lines)
	}
	text := t.Render()
	if format == "csv" {
		text = t.RenderCSV()
	}
	_, err := fmt.Fprintln(w, text)
	return err
}
