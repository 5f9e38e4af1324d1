package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/rs/zerolog"
	"github.com/spf13/pflag"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Deps is what a service is given beside its Config.
type Deps struct {
	Log      zerolog.Logger
	Registry *prometheus.Registry
	Ready    *Readiness
	Clock    func() civil.Instant
	// DialKafka and DialRedis are for tests without a network; nil: the network.
	DialKafka, DialRedis func(ctx context.Context, network, address string) (net.Conn, error)
}

// RunFunc is a service: it runs until ctx ends, and then ends with nil.
type RunFunc func(ctx context.Context, c Config, d Deps) error

// stopWithin is how long a program may take after SIGTERM.
const stopWithin = 30 * time.Second

// Main runs a service as a program and gives its exit code: 0 done, 1 failed, 2 wrong use. About is what --help says that
// it does.
func Main(service, about string, run RunFunc) int {
	c, err := configure(service, about, os.Args[1:], os.Stdout)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(os.Stderr, "%s: %v (see --help)\n", service, err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, service, c, run); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", service, err)
		return 1
	}
	return 0
}

// configure reads the command line and what stands behind it. With --help it tells about the service, and gives
// pflag.ErrHelp.
func configure(service, about string, args []string, out io.Writer) (Config, error) {
	fs := pflag.NewFlagSet(service, pflag.ContinueOnError)
	fs.SetOutput(out)
	fs.Usage = func() {
		_, _ = fmt.Fprintf(out, "%s\n\nUsage:\n  %s [flags]\n\nFlags, each also as a variable such as TIERSTREAM_BROKERS and as a key of --config:\n%s", about, service, PlainFlags(fs.FlagUsages()))
	}
	Flags(fs)
	if err := fs.Parse(args); err != nil {
		return Config{}, err
	}
	if fs.NArg() > 0 {
		return Config{}, fmt.Errorf("takes no arguments, got %q", fs.Args())
	}
	return Load(fs, os.Environ)
}

// PlainFlags is a help text with --verbose for --verbose[=true|false]; its columns stay.
func PlainFlags(help string) string {
	const noise = "[=true|false]"
	return strings.ReplaceAll(help, noise, strings.Repeat(" ", len(noise)))
}

func serve(ctx context.Context, service string, c Config, run RunFunc) error {
	log, err := Logger(os.Stderr, service, c.LogLevel)
	if err != nil {
		return err
	}
	d := NewDeps(log, c.ClockOffset)
	stop, err := ServeAdmin(ctx, c.Admin, d.Registry, d.Ready)
	if err != nil {
		return err
	}
	defer stop()
	for _, w := range c.Warnings {
		log.Warn().Msg(w)
	}
	limit, err := limitMemory(memlimit.FromCgroup)
	if err != nil {
		log.Warn().Msg(err.Error())
	}
	log.Info().Strs("brokers", c.Brokers).Str("admin", c.Admin).Int64("memory_limit", limit).Msg("starting")
	defer log.Info().Msg("stopped")
	return within(ctx, func() error { return run(ctx, c, d) })
}

// within gives up on a service that doesn't stop in time.
func within(ctx context.Context, run func() error) error {
	done := make(chan error, 1)
	go func() { done <- run() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(stopWithin):
		return fmt.Errorf("still busy %v after the signal to stop: giving up (nothing is lost: the next start goes on from the log)", stopWithin)
	}
}

// NewDeps is what a service needs, with a wall clock that may be offset.
func NewDeps(log zerolog.Logger, offset time.Duration) Deps {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return Deps{Log: log, Registry: reg, Ready: &Readiness{}, Clock: WallClock(offset)}
}

// WallClock is the machine's clock plus an offset.
func WallClock(offset time.Duration) func() civil.Instant {
	return func() civil.Instant { return civil.FromTime(time.Now().Add(offset)) }
}
