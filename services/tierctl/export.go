package tierctl

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/pipeline"
	"github.com/tierstream/tierstream/pkg/portfolio"
	"github.com/tierstream/tierstream/pkg/topics"
)

func exportCommand() *cobra.Command {
	var asOf, out string
	c := &cobra.Command{
		Use:   "export [--as-of T] --out DIR",
		Short: "Write the same files as simulate from the running system",
		Long: `Write customers.jsonl, tier-changes.jsonl, credit-alerts.jsonl, signals.jsonl, dead-letters.jsonl and portfolio.jsonl as
simulate does.

T is by default the smallest time as of which every partition can be shown: the largest now among them, which is the now of
all where nothing is being sent. Moments that fall due up to T are applied in memory; nothing is changed in the system.
Just after a midnight whose cut-offs are still on their way it waits for them, five seconds at most, and says if it goes without.
The files belong together, also while events come in: each customer's changes are those that led to their line.`,
		Example: "  tierctl export --as-of 2024-07-01 --out result",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := required(cmd, "out"); err != nil {
				return err
			}
			r, err := connect(cmd, true)
			if err != nil {
				return err
			}
			defer r.close()
			return interrupted(cmd.Context(), r.export(cmd, asOf, out), "no file of the export has been written to %s", out)
		},
	}
	c.Flags().StringVar(&asOf, "as-of", "", "instant (RFC 3339) or date (its midnight in the policy's zone)")
	c.Flags().StringVar(&out, "out", "", "folder for the results; it is created")
	return c
}

func (r *remote) export(cmd *cobra.Command, asOf, out string) error {
	ctx := cmd.Context()
	pairs, err := r.pairs(ctx)
	if err != nil {
		return err
	}
	t, err := r.exportTime(pairs, asOf)
	if err != nil {
		return err
	}
	res := results{}
	pipes, err := resumed(pairs, t)
	if err != nil {
		return err
	}
	all, unpublished, err := standingOf(pipes, t)
	if err != nil {
		return err
	}
	if err := res.customersAsOf(pipes[0], t, all); err != nil {
		return err
	}
	if res.decisions, err = r.decided(ctx, pairs, res.customers); err != nil {
		return err
	}
	res.add(unpublished)
	if res.dead, err = r.deadLetters(ctx); err != nil {
		return err
	}
	if err := res.write(ctx, out); err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.ErrOrStderr(), "%d customers as of %s, %s, %d dead letters in %s\n", len(res.customers), t, res.decisions, len(res.dead), out)
	return err
}

// exportTime is T: it can't lie before what a partition has already seen. See docs/adr/0011.
func (r *remote) exportTime(pairs []pair, text string) (civil.Instant, error) {
	calendar, err := civil.NewCalendar(r.init.TimeZone)
	if err != nil {
		return 0, err
	}
	if text == "" {
		return latest(pairs), nil
	}
	t, err := parseInstant(text, calendar)
	if err != nil {
		return 0, err
	}
	for p, x := range pairs {
		if x.view.Now() > t {
			return 0, fmt.Errorf("partition %d is at %s already, beyond --as-of %s: what was then is gone; ask for a later moment, or simulate", p, x.view.Now(), t)
		}
	}
	return t, nil
}

// standing is every customer as of t, with the decisions that falling due up to t brings and that nobody has published.
func (r *remote) standing(pairs []pair, t civil.Instant) (all []codec.CustomerLine, made decisions, err error) {
	pipes, err := resumed(pairs, t)
	if err != nil {
		return nil, made, err
	}
	return standingOf(pipes, t)
}

// resumed is the partitions in memory, with every moment up to t.
func resumed(pairs []pair, t civil.Instant) (pipes []*pipeline.Pipeline, err error) {
	pipes = make([]*pipeline.Pipeline, len(pairs))
	for i, x := range pairs {
		if pipes[i], err = pipeline.Resume(x.scorer, x.tiers); err != nil {
			return nil, err
		}
	}
	return pipes, pipeline.Together(pipes, t)
}

func standingOf(pipes []*pipeline.Pipeline, t civil.Instant) (all []codec.CustomerLine, made decisions, err error) {
	classes := portfolio.DefaultClasses()
	for i, pipe := range pipes {
		lines, err := pipe.Customers(t)
		if err != nil {
			return nil, made, err
		}
		all = append(all, lines...)
		made.add(decisionsOf(pipe))
		view, err := pipe.View()
		if err != nil {
			return nil, made, err
		}
		if i == 0 {
			classes = view.Classes() // as the merger's are partition 0's
		}
	}
	slices.SortFunc(all, func(a, b codec.CustomerLine) int { return cmp.Compare(a.CustomerID, b.CustomerID) })
	pipeline.Classify(all, classes)
	return all, made, nil
}

// deadLetters is every dead letter, once: an input record may have been rejected more than once, and a line of a replay
// may have been sent more than once. Under the wall clock every record that was sent counts.
func (r *remote) deadLetters(ctx context.Context) (out []deadLetterLine, err error) {
	seen := map[string]bool{}
	err = r.readAll(ctx, topics.DeadLetters, func(m kafkalog.Message) error {
		h := map[string]string{}
		for _, x := range m.Headers {
			h[x.Key] = string(x.Value)
		}
		d := deadLetterLine{Reason: h[codec.HeaderReason], Detail: h[codec.HeaderDetail], Value: codec.DeadLetterValue(m.Value)}
		key := h[codec.HeaderTopic] + "/" + h[codec.HeaderPartition] + "/" + h[codec.HeaderOffset]
		if n, err := strconv.Atoi(h[topics.LineHeader]); err == nil {
			d.Line = &n
			if h[codec.HeaderTopic] == topics.Events {
				key = "line " + strconv.Itoa(n) + " " + string(m.Value)
			}
		}
		if !seen[key] {
			seen[key] = true
			out = append(out, d)
		}
		return nil
	})
	return out, err
}

// readAll visits what a topic holds now.
func (r *remote) readAll(ctx context.Context, topic string, visit func(kafkalog.Message) error) error {
	return r.read(ctx, topic, nil, visit)
}

// read visits what some partitions of a topic hold now; nil: all.
func (r *remote) read(ctx context.Context, topic string, partitions []int, visit func(kafkalog.Message) error) error {
	bounds, err := r.client.Offsets(ctx, r.topic(topic))
	if err != nil {
		return err
	}
	for p, b := range bounds {
		if partitions != nil && !slices.Contains(partitions, p) {
			continue
		}
		if err := r.client.ReadRange(ctx, r.topic(topic), p, b.Start, b.End, visit); err != nil {
			return err
		}
	}
	return nil
}
