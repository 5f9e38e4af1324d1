package tierctl

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/pipeline"
	"github.com/tierstream/tierstream/pkg/policy"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

func simulateCommand() *cobra.Command {
	var policyFile, events, out string
	var asOf []string
	var told simulateSummary
	c := &cobra.Command{
		Use:   "simulate --policy P --events F [--as-of T]... --out DIR",
		Short: "Run a policy over a file of events, without servers",
		Long: `Run the very reducers of the services over a file of events, in memory, under the event clock.

A line of the file is {"topic":"orders","value":{...}}, in any order. Lines that can't be used go to
dead-letters.jsonl with their line number and the reason. Without --as-of the figures are those of the midnight
after the last event.

With --summary it also says on stdout how many customers would be in each tier, grade and segment at the (last) --as-of,
and how many messages of each kind there would be: in all, in a week of the last 13 before it, and in the week with most.`,
		Example: `  tierctl loadgen --customers 100 --days 365 --seed 1 --out events.jsonl
  tierctl simulate --policy deploy/policies/starter.yaml --events events.jsonl --as-of 2024-07-01 --out result
  tierctl simulate --policy deploy/policies/starter.yaml --events events.jsonl --out result --summary`,
		Args: exactly(),
	}
	f := c.Flags()
	f.StringVar(&policyFile, "policy", "", "policy file")
	f.StringVar(&events, "events", "", "file of event lines; - is stdin")
	f.StringArrayVar(&asOf, "as-of", nil, "instant (RFC 3339) or date (its midnight in the policy's zone); may be repeated")
	f.StringVar(&out, "out", "", "folder for the results; it is created")
	f.BoolVar(&told.wanted, "summary", false, "also say what the policy would bring: customers by tier, grade and segment, messages by kind and week")
	told.flag(c)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := told.check(); err != nil {
			return err
		}
		if err := required(cmd, "policy", "events", "out"); err != nil {
			return err
		}
		p, err := usePolicy(policyFile)
		if err != nil {
			return err
		}
		moments, err := instants(asOf, p.Calendar)
		if err != nil {
			return err
		}
		err = soon(cmd.Context(), func() error {
			lines, err := readLines(cmd.Context(), events, cmd.InOrStdin())
			if err != nil {
				return err
			}
			return simulate(cmd, p, policyFile, lines, moments, out, told)
		})
		return interrupted(cmd.Context(), err, "no file of the results has been written to %s", out)
	}
	return c
}

// simulateSummary is whether a summary is wanted, and how.
type simulateSummary struct {
	output
	wanted bool
}

func simulate(cmd *cobra.Command, p *policy.Policy, policyFile string, lines []numbered, asOf []civil.Instant, out string, told simulateSummary) error {
	pipe, err := pipeline.New(policyFile, p, pb.PartitionInit_EVENT)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	pipe.EndWhen(ctx.Err)
	res := results{}
	facts, err := res.decode(ctx, lines, p)
	if err != nil {
		return err
	}
	if len(asOf) == 0 {
		asOf = []civil.Instant{midnightAfter(facts, p.Calendar)}
	}
	bar := newProgress(cmd.ErrOrStderr(), "simulating", int64(len(facts)))
	if err := res.replay(pipe, facts, asOf, bar); err != nil {
		return err
	}
	bar.done()
	if err := res.write(ctx, out); err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.ErrOrStderr(), "%d lines, %d rejected (see dead-letters.jsonl), %s, results in %s\n",
		len(lines), len(res.dead), res.decisions, out)
	if err != nil || !told.wanted {
		return err
	}
	f := forecast{policy: p, to: asOf[len(asOf)-1]}
	if f.from = f.to; len(facts) > 0 {
		f.from = min(f.to, facts[0].OccurredAt)
	}
	f.read(&res)
	return f.show(cmd.OutOrStdout(), told.output)
}

// decode splits lines into events and dead letters. Rates are known before all events.
func (r *results) decode(ctx context.Context, lines []numbered, p *policy.Policy) (facts []codec.Accepted, err error) {
	d := codec.Decoder{Currency: p.Currency, Rates: ratesOf(lines, p)}
	for _, l := range lines {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		a, reject := d.Decode(l.Input(), 0)
		if reject != nil {
			r.dead = append(r.dead, deadLine(l, reject))
			continue
		}
		if a.Fact.GetFxRates() == nil {
			facts = append(facts, a.Shares()...)
		}
	}
	return facts, nil
}

// ratesOf are the rates among lines.
func ratesOf(lines []numbered, p *policy.Policy) *fx.Desk {
	d := codec.Decoder{Currency: p.Currency}
	desk := &fx.Desk{Calendar: p.Calendar, MaxAge: p.RateAge}
	for _, l := range lines {
		if l.Rates == nil {
			continue
		}
		if a, reject := d.Decode(l.Input(), 0); reject == nil {
			desk.Take(codec.Quotes(a.Fact.GetFxRates()))
		}
	}
	return desk
}

// replay applies the events in order and reports at each moment: after every due moment up to it, before any event
// at it. What comes after the last moment isn't asked for.
func (r *results) replay(pipe *pipeline.Pipeline, facts []codec.Accepted, asOf []civil.Instant, bar *progress) error {
	next := 0
	for _, t := range asOf {
		for ; next < len(facts) && facts[next].OccurredAt < t; next++ {
			if err := pipe.Put(facts[next].Fact); err != nil {
				return err
			}
			bar.add(1)
		}
		if err := r.report(pipe, t); err != nil {
			return err
		}
	}
	r.decisions = decisionsOf(pipe)
	return nil
}

// numbered is a line of an event file.
type numbered struct {
	codec.Line
	number int
}

// readLines reads the lines of a file in the order of the event clock: occurred_at, topic, event_id.
func readLines(ctx context.Context, file string, stdin io.Reader) ([]numbered, error) {
	in := stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("reading the events: %w", err)
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	var lines []numbered
	err := eachLine(in, func(n int, raw []byte) error {
		lines = append(lines, numbered{codec.ParseLine(raw), n})
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("reading the events of %s: %w", file, err)
	}
	sortLines(lines)
	return lines, nil
}

// sortLines puts lines into the order of the event clock.
func sortLines(lines []numbered) {
	slices.SortStableFunc(lines, func(a, b numbered) int { return a.Compare(b.Line) })
}

// eachLine hands out the lines that have something in them, whatever their length, with their numbers from 1 on.
func eachLine(in io.Reader, visit func(n int, raw []byte) error) error {
	r := bufio.NewReaderSize(in, 1<<20)
	for n := 1; ; n++ {
		raw, err := r.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if text := trimEOL(raw); len(strings.TrimSpace(string(text))) > 0 {
			if err := visit(n, text); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
	}
}

func trimEOL(b []byte) []byte {
	for len(b) > 0 && (b[len(b)-1] == '\n' || b[len(b)-1] == '\r') {
		b = b[:len(b)-1]
	}
	return b
}

// instants reads --as-of: sorted, each once.
func instants(texts []string, c civil.Calendar) ([]civil.Instant, error) {
	var out []civil.Instant
	for _, text := range texts {
		i, err := parseInstant(text, c)
		if err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func parseInstant(text string, c civil.Calendar) (civil.Instant, error) {
	if d, err := civil.ParseDay(text); err == nil {
		return c.Start(d), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0, usagef("%q is neither an instant like 2011-03-01T00:00:00Z nor a date like 2011-03-01", text)
	}
	return civil.FromTime(t), nil
}

// midnightAfter is the first midnight after the last event.
func midnightAfter(facts []codec.Accepted, c civil.Calendar) civil.Instant {
	last := civil.Instant(0)
	for _, f := range facts {
		last = max(last, f.OccurredAt)
	}
	return c.Start(c.DayOf(last) + 1)
}
