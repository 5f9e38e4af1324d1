package tierctl

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/delivery"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/redisstate"
	"github.com/tierstream/tierstream/pkg/routes"
	"github.com/tierstream/tierstream/pkg/topics"
)

func webhookCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "webhook",
		Short: "See and steer what the notifier delivers: by webhook, chat and mail",
		Long: `See what is pending and what was given up, send it again, try an endpoint, take it back into service, and replace its
secret. --routes names the notifier's routing file.`,
		Example: "  tierctl webhook list --routes routes.yaml",
		Args:    subcommand(), RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(webhookListCommand(), webhookRetryCommand(), webhookTestCommand(), webhookEnableCommand(), webhookRotateCommand())
	return c
}

// deliveries reaches what the notifier keeps in Redis.
type deliveries struct {
	*remote
	file   *routes.File
	store  *redisstate.Store
	counts map[string]int // partitions by topic
}

// routesOf is the routing file that the command line names.
func routesOf(path string) (*routes.File, error) {
	if path == "" {
		return nil, usagef("which routing file? Give --routes FILE, or TIERSTREAM_ROUTES: the one that the notifier uses")
	}
	return routes.Load(path)
}

func openDeliveries(cmd *cobra.Command) (_ *deliveries, err error) {
	c, err := settings(cmd)
	if err != nil {
		return nil, err
	}
	d := &deliveries{counts: map[string]int{}}
	if d.file, err = routesOf(c.Routes); err != nil {
		return nil, err
	}
	if d.remote, err = open(cmd.Context(), c, false); err != nil {
		return nil, err
	}
	if d.store, err = redis(cmd.Context(), c); err != nil {
		d.remote.close()
		return nil, err
	}
	for _, topic := range topics.Notices() {
		bounds, err := d.client.Offsets(cmd.Context(), d.topic(topic))
		if err != nil {
			d.close()
			return nil, err
		}
		d.counts[topic] = len(bounds)
	}
	return d, nil
}

func (d *deliveries) close() {
	_ = d.store.Close()
	d.remote.close()
}

func (d *deliveries) names() (out []string) {
	for _, e := range d.file.Endpoints {
		out = append(out, e.Name)
	}
	return out
}

// endpoint finds one in the routing file.
func endpointOf(f *routes.File, name string) (routes.Endpoint, error) {
	if e, ok := f.Endpoint(name); ok {
		return e, nil
	}
	var names []string
	for _, e := range f.Endpoints {
		names = append(names, e.Name)
	}
	return routes.Endpoint{}, fmt.Errorf("the routing file has no endpoint %q: it has %s", name, strings.Join(names, ", "))
}

func (d *deliveries) health() processor.State {
	return d.store.Slot(d.TopicPrefix, topics.Endpoints, 0)
}

// each visits the slot of every partition of every topic.
func (d *deliveries) each(visit func(topic string, partition int, state processor.State) error) error {
	for _, topic := range topics.Notices() {
		for p := range d.counts[topic] {
			if err := visit(topic, p, d.store.Slot(d.TopicPrefix, topics.Deliveries(topic), p)); err != nil {
				return fmt.Errorf("%s partition %d: %w", topic, p, err)
			}
		}
	}
	return nil
}

// backlogs sums what all partitions have, by endpoint.
func (d *deliveries) backlogs(ctx context.Context) (map[string]delivery.Backlog, error) {
	all := map[string]delivery.Backlog{}
	err := d.each(func(_ string, _ int, state processor.State) error {
		some, err := delivery.Overview(ctx, state)
		for name, b := range some {
			sum, ok := all[name]
			if !ok {
				sum.NextDue = processor.NoDue
			}
			sum.Pending, sum.Dead = sum.Pending+b.Pending, sum.Dead+b.Dead
			sum.NextDue = min(sum.NextDue, b.NextDue)
			all[name] = sum
		}
		return err
	})
	return all, err
}

// listed is the endpoints of the file, and behind them those that are no longer in it and still have something.
func (d *deliveries) listed(has map[string]delivery.Backlog) []string {
	names := d.names()
	for _, name := range slices.Sorted(maps.Keys(has)) {
		if _, known := d.file.Endpoint(name); !known {
			names = append(names, name)
		}
	}
	return names
}

func applyNonce() uint64 { return rand.Uint64() | 1 }

func webhookEnableCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "enable NAME",
		Short:   "Take an endpoint back that was disabled or set aside",
		Long:    "Take an endpoint back into service. What was kept meanwhile is sent by tierctl webhook retry --endpoint NAME.",
		Example: "  tierctl webhook enable crm --routes routes.yaml",
		Args:    exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := openDeliveries(cmd)
			if err != nil {
				return err
			}
			defer d.close()
			if _, err := endpointOf(d.file, args[0]); err != nil {
				return err
			}
			if err := delivery.Enable(cmd.Context(), d.health(), applyNonce, args[0]); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.ErrOrStderr(), "endpoint %s is in service; the notifier notices within a few seconds. What was kept: tierctl webhook retry --endpoint %s\n", args[0], args[0])
			return err
		},
	}
}

func webhookTestCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "test NAME",
		Short:   "Send a test to an endpoint, the way the notifier does, and show what comes back",
		Long:    "Send one signed test (type webhook.test), or a test message by chat or mail, through the same senders and egress filter.",
		Example: "  tierctl webhook test crm --routes routes.yaml",
		Args:    exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := settings(cmd)
			if err != nil {
				return err
			}
			f, err := routesOf(c.Routes)
			if err != nil {
				return err
			}
			e, err := endpointOf(f, args[0])
			if err != nil {
				return err
			}
			return tryEndpoint(cmd, f, e)
		},
	}
}

func tryEndpoint(cmd *cobra.Command, f *routes.File, e routes.Endpoint) error {
	ch, err := newChannels(f, os.Getenv)
	if err != nil {
		return err
	}
	defer ch.Close()
	began := time.Now()
	a, err := ch.Test(cmd.Context(), e)
	took := time.Since(began).Round(time.Millisecond)
	if a.Status != 0 {
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%d after %v\n%s", a.Status, took, printable(a.Body)); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.ErrOrStderr(), "endpoint %s took it after %v\n", e.Name, took)
	return err
}

// printable is a foreign text as a terminal may show it.
func printable(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r != '\n' && (r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(string(b), "?")) + "\n"
}
