package tierctl

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/deadletter"
)

func dlqListCommand() *cobra.Command {
	var out output
	var filter letterFilter
	var limit int
	var look bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List dead letters, the newest first",
		Long: `List dead letters, the newest first.

The column retried says at which offset of its topic a letter has been put back. Nothing but the topics tells, so they
are read from the oldest letter of the list on: --look=false leaves that out.`,
		Example: "  tierctl dlq list\n  tierctl dlq list --reason NO_RATE --since 7d --limit 1000 -o csv",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := out.check(); err != nil {
				return err
			}
			if limit < 1 {
				return usagef("--limit is at least 1, not %d", limit)
			}
			r, err := connect(cmd, false)
			if err != nil {
				return err
			}
			defer r.close()
			f, err := filter.read(r.now().Time())
			if err != nil {
				return err
			}
			box, done := r.box(cmd.ErrOrStderr())
			letters, err := box.List(cmd.Context(), f, limit)
			if err == nil && look {
				err = box.Look(cmd.Context(), letters)
			}
			done()
			if err != nil {
				return err
			}
			return showLetters(cmd, out, letters)
		},
	}
	out.flag(c)
	filter.flags(c)
	c.Flags().IntVar(&limit, "limit", 50, "list at most so many")
	c.Flags().BoolVar(&look, "look", true, "look which have been put back")
	return c
}

func showLetters(cmd *cobra.Command, out output, letters []deadletter.Letter) error {
	lines := []letterLine{}
	var rows []table.Row
	for _, l := range letters {
		lines = append(lines, letterLineOf(l))
		rows = append(rows, table.Row{l.ID, stamp(l.Time), l.Reason, plain(l.Origin.Topic), plain(string(l.Key)), retried(l), plain(l.Detail)})
	}
	return out.show(cmd.OutOrStdout(), lines, table.Row{"id", "time", "reason", "topic", "customer", "retried", "detail"}, rows)
}

func dlqShowCommand() *cobra.Command {
	var out output
	c := &cobra.Command{
		Use:     "show ID",
		Short:   "Show a dead letter: why it was rejected, its headers, and what it says",
		Example: "  tierctl dlq show 3-41\n  tierctl dlq show 3-41 -o json",
		Args:    exactly("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := out.check(); err != nil {
				return err
			}
			id, err := deadletter.ParseID(args[0])
			if err != nil {
				return usageError{err}
			}
			r, err := connect(cmd, false)
			if err != nil {
				return err
			}
			defer r.close()
			box, done := r.box(cmd.ErrOrStderr())
			l, err := box.Get(cmd.Context(), id)
			if err != nil {
				return err
			}
			one := []deadletter.Letter{l}
			err = box.Look(cmd.Context(), one)
			done()
			if err != nil {
				return err
			}
			return showLetter(cmd, out, one[0])
		},
	}
	out.flag(c)
	return c
}

func showLetter(cmd *cobra.Command, out output, l deadletter.Letter) error {
	line := letterLineOf(l)
	line.Value, line.Headers = l.Value, map[string]string{}
	kind, text := codec.Readable(codec.Input{Topic: l.Origin.Topic, Headers: l.Headers, Value: l.Value})
	if l.Cut {
		kind += ", the first 64 KiB"
	}
	rows := []table.Row{
		{"id", l.ID}, {"time", stamp(l.Time)}, {"reason", l.Reason}, {"detail", plain(l.Detail)}, {"came in at", plain(l.Origin.String())},
		{"customer", plain(string(l.Key))}, {"retried", retried(l)}, {"put back from", plain(l.Former)}, {"can't be put back", l.Refusal()},
	}
	rows = withoutBlanks(rows)
	for _, h := range l.Headers {
		line.Headers[h.Key] = string(h.Value)
		if !strings.HasPrefix(h.Key, "ts_") {
			rows = append(rows, table.Row{"header " + plain(h.Key), plain(string(h.Value))})
		}
	}
	rows = append(rows, table.Row{fmt.Sprintf("%d bytes, %s", l.Size, kind), text})
	return out.show(cmd.OutOrStdout(), line, table.Row{"field", "value"}, rows)
}

// withoutBlanks leaves out what a letter doesn't have.
func withoutBlanks(rows []table.Row) (kept []table.Row) {
	for _, r := range rows {
		if r[1] != "" {
			kept = append(kept, r)
		}
	}
	return kept
}
