package tierctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/tierstream/tierstream/deploy/policies"
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/loadgen"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/process"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
	"github.com/tierstream/tierstream/services/dev"
)

// demo is a run of the demo.
type demo struct {
	cmd       *cobra.Command
	out       io.Writer // what is worth seeing
	exit      bool
	customers int
	days      int
	seed      uint64

	system *dev.System
	remote *remote
	began  time.Time
	took   time.Duration
	lines  int
	last   civil.Instant // the midnight that the replay ended at
	shown  []int64       // offsets in tier-changes up to which they have been looked at
}

// Size of the demo: large enough to show a pyramid, small enough for two cores and two minutes.
const (
	demoCustomers  = 2000
	demoDays       = 730
	demoPartitions = 4
)

func demoCommand() *cobra.Command {
	d := &demo{}
	c := &cobra.Command{
		Use:   "demo [--exit]",
		Short: "Two generated years of a trading company through every service, on embedded servers",
		Long: `Start everything in one process on embedded servers, replay two generated years of a trading company's customers
through every service, show the most telling tier changes as they come, and end with two summaries.

On a terminal it then stays up for more, from another window; with --exit, or without a terminal, it ends.`,
		Example: "  tierctl demo\n  tierctl demo --exit --customers 500",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			d.cmd, d.out = cmd, cmd.OutOrStdout()
			return d.run(cmd.Context())
		},
	}
	c.Flags().BoolVar(&d.exit, "exit", false, "end when the summaries have been shown")
	c.Flags().IntVar(&d.customers, "customers", demoCustomers, "number of customers")
	c.Flags().IntVar(&d.days, "days", demoDays, "length in days")
	c.Flags().Uint64Var(&d.seed, "seed", 1, "another seed is another company")
	return c
}

func (d *demo) run(ctx context.Context) (err error) {
	stay := !d.exit && terminal(d.out)
	if err := d.start(ctx, stay); err != nil {
		if stopped(ctx) {
			return nil
		}
		return err
	}
	defer func() {
		if stopped(ctx) {
			_, _ = fmt.Fprintln(d.cmd.ErrOrStderr(), "ending the demo")
			err = nil // being told to end is no failure, wherever it was
		}
		err = errors.Join(err, d.system.Close())
	}()
	defer d.remote.close()
	if err := d.replay(ctx); err != nil {
		return err
	}
	if err := d.summary(ctx); err != nil || !stay {
		return err
	}
	if _, err := d.fresh(ctx); err != nil { // what came with the last events is in the summary
		return err
	}
	d.invite()
	return d.follow(ctx)
}

// start brings the product up with the starter policy under the event clock.
func (d *demo) start(ctx context.Context, stay bool) error {
	c, err := settings(d.cmd)
	if err != nil {
		return err
	}
	c.LogLevel, c.Routes = "error", "" // it tells nobody outside
	cfg := dev.Config{Kafka: "127.0.0.1:0", Redis: "127.0.0.1:0", Log: d.cmd.ErrOrStderr(), Settings: c}
	if stay && free("127.0.0.1:9092") && free("127.0.0.1:6379") { // where the other commands look by default
		cfg.Kafka, cfg.Redis = "127.0.0.1:9092", "127.0.0.1:6379"
	}
	if d.system, err = dev.Start(ctx, cfg); err != nil {
		return err
	}
	if d.remote, err = d.init(ctx, d.system.Settings); err != nil {
		return errors.Join(err, d.system.Close())
	}
	return nil
}

func (d *demo) init(ctx context.Context, c process.Config) (*remote, error) {
	p, err := policy.Parse("starter.yaml", policies.Starter)
	if err != nil {
		return nil, err
	}
	r, err := open(ctx, c, false)
	if err != nil {
		return nil, err
	}
	if _, err := r.start(ctx, p, "starter.yaml", demoPartitions, pb.PartitionInit_EVENT); err != nil {
		r.close()
		return nil, err
	}
	r.close()
	return open(ctx, c, true)
}

func free(addr string) bool {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return false
	}
	return ln.Close() == nil
}

// replay generates the trade, sends it through the product, and shows what comes out on the way.
func (d *demo) replay(ctx context.Context) error {
	lines, err := d.generate()
	if err != nil {
		return err
	}
	d.lines = len(lines)
	d.say("%d customers, %d days, %d events and other lines; policy starter.yaml; event clock, times of %s\n\n", d.customers, d.days, d.lines, d.remote.init.TimeZone)
	d.began = time.Now()
	watching, stop := context.WithCancel(ctx)
	defer stop()
	var group errgroup.Group
	group.Go(func() error { return d.watch(watching) })
	err = d.push(ctx, lines)
	d.took = time.Since(d.began)
	stop()
	return errors.Join(err, group.Wait())
}

func (d *demo) push(ctx context.Context, lines []numbered) error {
	if err := d.remote.send(ctx, io.Discard, lines); err != nil {
		return err
	}
	calendar, err := civil.NewCalendar(d.remote.init.TimeZone)
	if err != nil {
		return err
	}
	d.last = calendar.Start(calendar.DayOf(lines[len(lines)-1].OccurredAt) + 1)
	return d.remote.advance(ctx, d.last)
}

// generate is the trade as lines in the order of the event clock.
func (d *demo) generate() ([]numbered, error) {
	cfg := loadgen.Default()
	cfg.Customers, cfg.Days, cfg.Seed = d.customers, d.days, d.seed
	var lines []numbered
	err := loadgen.Generate(cfg, func(l loadgen.Line) error {
		raw := fmt.Appendf(nil, `{"topic":%q,"value":%s}`, l.Topic, l.Value)
		lines = append(lines, numbered{codec.ParseLine(raw), len(lines) + 1})
		return nil
	})
	if err != nil {
		return nil, err
	}
	sortLines(lines)
	return lines, nil
}

func (d *demo) say(format string, a ...any) { _, _ = fmt.Fprintf(d.out, format, a...) }

// invite names commands that can be typed as they stand.
func (d *demo) invite() {
	d.say("\nStill running. In another window (what moves is shown here too):\n\n")
	_ = announce(d.out, d.system)
	next := d.last + civil.Hour
	d.say("bin/tierctl explain C0000001\n")
	d.say("echo '%s' > more.jsonl && bin/tierctl send more.jsonl\n", demoOrder("C0000001", next, d.remote.init.Currency))
	d.say("bin/tierctl clock advance --to %s\n\nCtrl-C ends it.\n", next+30*civil.FullDay)
}

// demoOrder is a line that lifts whoever it is of.
func demoOrder(customer string, at civil.Instant, currency string) string {
	return fmt.Sprintf(`{"topic":"orders","value":{"event_id":"more-1","occurred_at":"%s","customer_id":"%s","order_id":"more-1","placed":{"amount_minor":"50000000","currency":"%s"}}}`, at, customer, currency)
}
