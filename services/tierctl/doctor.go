package tierctl

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/doctor"
)

func doctorCommand() *cobra.Command {
	var out output
	var service string
	var timeout time.Duration
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check Kafka, Redis and the state of every partition, and say how to mend what is wrong",
		Long: `Check brokers, topics and their settings, what this user may do, the consumer groups, Redis and its settings, clocks,
each partition's state beside its log, the exchange rates, and whether a feed of payments has fallen silent. Nothing is changed.

Each finding is ok, warn (it works until it matters), fail or unknown (the servers don't tell), and comes with its fix.
The exit code is 1 if something fails. With --as what this user may do is held against one service's needs; without it
a right that is missing is a warning, since each service may have a user of its own.`,
		Example: "  tierctl doctor\n  tierctl doctor --as scorer -o json",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := out.check(); err != nil {
				return err
			}
			if service != "" && !slices.Contains(doctor.Services(), service) {
				return usagef("--as %q is no service: use one of %s", service, strings.Join(doctor.Services(), ", "))
			}
			ctx, stop, err := within(cmd, timeout)
			if err != nil {
				return err
			}
			defer stop()
			r, err := connect(cmd, false)
			if err != nil {
				return err
			}
			defer r.close()
			return showFindings(cmd, out, doctor.Check(r.facts(ctx, service)))
		},
	}
	out.flag(c)
	c.Flags().StringVar(&service, "as", "", "the service that the user of --brokers is for: "+strings.Join(doctor.Services(), ", "))
	timeoutFlag(c, &timeout, time.Minute, "give up asking after so long")
	oneOf(c, "as", doctor.Services()...)
	return c
}

// showFindings writes a line per finding, and its fix below where it needs one.
func showFindings(cmd *cobra.Command, out output, all []doctor.Finding) error {
	counts := map[doctor.State]int{}
	first := doctor.Finding{}
	for _, f := range all {
		if f.State == doctor.Fail && counts[doctor.Fail] == 0 {
			first = f
		}
		counts[f.State]++
	}
	if err := writeFindings(cmd.OutOrStdout(), out, all); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "%d checks: %d ok, %d warnings, %d failures, %d unknown\n",
		len(all), counts[doctor.OK], counts[doctor.Warn], counts[doctor.Fail], counts[doctor.Unknown])
	if n := counts[doctor.Fail]; n > 0 {
		return fmt.Errorf("doctor: %d of %d checks fail, the first is %s: %s: fix: %s", n, len(all), first.Check, oneLine(first.Says), first.Fix)
	}
	return nil
}

func writeFindings(w io.Writer, out output, all []doctor.Finding) error {
	if out.format != "table" {
		var rows []table.Row
		for _, f := range all {
			rows = append(rows, table.Row{f.State, f.Check, f.Says, f.Fix})
		}
		return out.show(w, all, table.Row{"state", "check", "finding", "fix"}, rows)
	}
	for _, f := range all {
		if _, err := fmt.Fprintf(w, "%-8s %-14s %s\n", f.State, f.Check, oneLine(f.Says)); err != nil {
			return err
		}
		if f.Fix == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%23s fix: %s\n", "", f.Fix); err != nil {
			return err
		}
	}
	return nil
}

// oneLine keeps a library's error of several lines in one.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
