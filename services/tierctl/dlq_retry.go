package tierctl

import (
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/deadletter"
)

func dlqRetryCommand() *cobra.Command {
	var out output
	var filter letterFilter
	var all bool
	var wish deadletter.Wish
	c := &cobra.Command{
		Use:   "retry ID... | --reason R | --all",
		Short: "Put the originals back onto the topics that they came by, each once",
		Long: `Put the original bytes, key and headers of dead letters back onto the partition that they came in by, each once: a
record that bears the letter's mark (the headers ts_retry and ts_retry_offset) is looked for before anything is sent, so
that the command can be given again after whatever happened to it.

A record that still can't be used becomes a new dead letter, which names the former. What was TOO_LARGE is kept in part
only and can't be put back. Give the command in one place at a time: two that look at the same moment both send (even
then the scorer counts an event once).`,
		Example: `  tierctl dlq retry 3-41 3-44
  tierctl dlq retry --reason NO_RATE --dry-run
  tierctl dlq retry --all --topic orders --since 2d`,
	}
	f := c.Flags()
	out.flag(c)
	filter.flags(c)
	f.BoolVar(&all, "all", false, "of every reason")
	f.BoolVar(&wish.DryRun, "dry-run", false, "say what would be put back, and do nothing")
	f.BoolVar(&wish.Force, "force", false, "also those of which the topic no longer tells whether they were put back")
	f.IntVar(&wish.Most, "limit", 10_000, "put back at most so many, the oldest first")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if err := out.check(); err != nil {
			return err
		}
		if err := chosen(&wish, args, filter, all); err != nil {
			return err
		}
		r, err := connect(cmd, false)
		if err != nil {
			return err
		}
		defer r.close()
		if wish.Filter, err = filter.read(r.now().Time()); err != nil {
			return err
		}
		box, done := r.box(cmd.ErrOrStderr())
		result, err := box.Retry(cmd.Context(), wish)
		done()
		if e := showRetry(cmd, out, wish, result); err == nil {
			err = e
		}
		return err
	}
	return c
}

// chosen refuses anything but one way of choosing.
func chosen(w *deadletter.Wish, args []string, f letterFilter, all bool) error {
	w.IDs = nil
	switch {
	case len(args) > 0 && (all || f != letterFilter{}):
		return usagef("tierctl dlq retry takes IDs or a choice by flags, not both: see tierctl dlq retry --help")
	case len(args) == 0 && !all && f.reason == "":
		return usagef("tierctl dlq retry needs IDs, --reason or --all: see tierctl dlq retry --help")
	case all && f.reason != "":
		return usagef("--all is of every reason: leave out --all or --reason")
	case w.Most < 1:
		return usagef("--limit is at least 1, not %d", w.Most)
	}
	for _, text := range args {
		id, err := deadletter.ParseID(text)
		if err != nil {
			return usageError{err}
		}
		w.IDs = append(w.IDs, id)
	}
	return nil
}

// showRetry shows each letter that was put back or can't be. Of those that had been before, only the ones asked for by
// name are shown. It is an error when one asked for by name can't be put back.
func showRetry(cmd *cobra.Command, out output, w deadletter.Wish, r deadletter.Result) error {
	type line struct {
		letterLine
		Outcome string `json:"outcome"`
		Why     string `json:"why"`
	}
	lines := []line{}
	var rows []table.Row
	add := func(l deadletter.Letter, outcome, why string) {
		lines = append(lines, line{letterLineOf(l), outcome, why})
		rows = append(rows, table.Row{l.ID, l.Reason, plain(l.Origin.String()), outcome, retried(l), why})
	}
	sent := "put back"
	if w.DryRun {
		sent = "would be put back"
	}
	for _, l := range r.Sent {
		add(l, sent, "")
	}
	if len(w.IDs) > 0 {
		for _, l := range r.Before {
			add(l, "had been put back", "")
		}
	}
	for _, l := range r.Refused {
		add(l, "refused", w.Refusal(l))
	}
	if err := out.show(cmd.OutOrStdout(), lines, table.Row{"id", "reason", "came in at", "outcome", "retried", "why"}, rows); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "%d %s, %d had been before, %d refused, %d left\n", len(r.Sent), sent, len(r.Before), len(r.Refused), r.Left)
	if len(w.IDs) > 0 && len(r.Refused) > 0 {
		l := r.Refused[0]
		return fmt.Errorf("putting back %d of %d dead letters: %s: %s", len(r.Refused), len(w.IDs), l.ID, w.Refusal(l))
	}
	return nil
}
