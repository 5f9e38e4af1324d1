package tierctl

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/deadletter"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/topics"
)

func dlqCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "dlq",
		Short: "Look at the dead letters, and put them back once they can be used",
		Long: `A record that can't be used goes to the topic dead-letters with the reason. When its cause is cured (a newer release
knows its kind, a rate is there, its time has come), retry puts the original back onto the topic that it came by.`,
		Example: "  tierctl dlq list --since 24h\n  tierctl dlq retry --reason NO_RATE --dry-run",
		Args:    subcommand(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(dlqListCommand(), dlqShowCommand(), dlqRetryCommand())
	return c
}

// letterFilter is the flags that choose among dead letters.
type letterFilter struct{ reason, topic, since string }

func (f *letterFilter) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.reason, "reason", "", "only those with this ts_reason, such as NO_RATE")
	c.Flags().StringVar(&f.topic, "topic", "", "only those that came in by this topic")
	c.Flags().StringVar(&f.since, "since", "", "only those rejected since: an age like 24h or 30d, an instant or a date (UTC)")
	oneOf(c, "reason", reasons()...)
	oneOf(c, "topic", topics.Inputs()...)
}

func reasons() (all []string) {
	for _, code := range codec.Codes() {
		all = append(all, string(code))
	}
	return all
}

// read is the filter that the flags mean.
func (f *letterFilter) read(now time.Time) (deadletter.Filter, error) {
	out := deadletter.Filter{Reason: codec.Code(strings.ToUpper(f.reason)), Topic: f.topic}
	if f.reason != "" && !slices.Contains(codec.Codes(), out.Reason) {
		return out, usagef("--reason %q is not known: use one of %s", f.reason, strings.Join(reasons(), ", "))
	}
	if f.topic != "" && !slices.Contains(topics.Inputs(), f.topic) {
		return out, usagef("--topic %q is no input: use one of %s", f.topic, strings.Join(topics.Inputs(), ", "))
	}
	if f.since == "" {
		return out, nil
	}
	if d, ok := age(f.since); ok {
		out.Since = now.Add(-d)
		return out, nil
	}
	calendar, err := civil.NewCalendar("UTC")
	if err != nil {
		return out, err
	}
	at, err := parseInstant(f.since, calendar)
	if err != nil {
		return out, usagef("--since %q is neither an age like 24h or 30d, nor an instant like 2026-03-01T00:00:00Z, nor a date", f.since)
	}
	out.Since = at.Time()
	return out, nil
}

// age reads a duration in which d stands for 24 hours.
func age(text string) (time.Duration, bool) {
	d, err := process.ParseDuration(text)
	return d, err == nil && d >= 0
}

// box is the deployment's dead letters, with progress on stderr.
func (r *remote) box(say io.Writer) (deadletter.Box, func()) {
	var bar *progress
	was := ""
	done := func() {
		if bar != nil {
			bar.done()
		}
	}
	return deadletter.Box{Client: r.client, Prefix: r.TopicPrefix, Progress: func(topic string, at, total int64) {
		if topic != was {
			done()
			bar, was = newProgress(say, topic, total), topic
		}
		bar.set(at, total)
	}}, done
}

// letterLine is a dead letter in JSON.
type letterLine struct {
	ID        string            `json:"id"`
	Time      string            `json:"time"`
	Reason    codec.Code        `json:"reason"`
	Detail    string            `json:"detail"`
	Service   string            `json:"service"`
	Topic     string            `json:"topic"`
	Partition int               `json:"partition"`
	Offset    int64             `json:"offset"`
	Key       string            `json:"key"`
	Size      int               `json:"size"`
	Cut       bool              `json:"cut"`
	Former    string            `json:"former"`
	Retried   *int64            `json:"retried"`
	Headers   map[string]string `json:"headers,omitempty"`
	Value     []byte            `json:"value,omitempty"`
}

func letterLineOf(l deadletter.Letter) letterLine {
	out := letterLine{
		ID: l.String(), Time: stamp(l.Time), Reason: l.Reason, Detail: l.Detail, Service: l.Service, Topic: l.Origin.Topic,
		Partition: l.Origin.Partition, Offset: l.Origin.Offset, Key: string(l.Key), Size: l.Size, Cut: l.Cut, Former: l.Former,
	}
	if l.Again != deadletter.None {
		out.Retried = &l.Again
	}
	return out
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// retried says in a table where a letter has been put back.
func retried(l deadletter.Letter) string {
	switch {
	case l.Again != deadletter.None:
		return fmt.Sprintf("at %d", l.Again)
	case l.Unsure:
		return "not known"
	}
	return ""
}
