package tierctl

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/policy"
)

func policyCommand() *cobra.Command {
	c := &cobra.Command{Use: "policy", Short: "Work on policy files", Example: "  tierctl policy lint deploy/policies/starter.yaml", Args: subcommand(), RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	var out output
	lint := &cobra.Command{
		Use:     "lint FILE",
		Short:   "Check a policy file: each mistake with its line, column and a hint",
		Example: "  tierctl policy lint deploy/policies/starter.yaml\n  tierctl policy lint deploy/policies/starter.yaml -o json",
		Args:    exactly("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := out.check(); err != nil {
				return err
			}
			return lint(cmd, out, args[0])
		},
	}
	out.flag(lint)
	c.AddCommand(lint)
	return c
}

// lint prints the mistakes on stdout, since they are what was asked for.
func lint(cmd *cobra.Command, out output, file string) error {
	p, err := readPolicy(file)
	var problems policy.Problems
	found := errors.As(err, &problems)
	if err != nil && !found {
		return err
	}
	if p != nil {
		problems = append(problems, p.Warnings...)
	}
	if e := showProblems(cmd.OutOrStdout(), out, problems); e != nil || found {
		return cmp.Or(e, mistaken(file, problems))
	}
	if out.format != "table" {
		return nil
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: version %s, %d tiers, ok\n", file, p.Version, len(p.Ladder.Rungs))
	return err
}

func mistaken(file string, problems policy.Problems) error {
	return fmt.Errorf("%s has %d mistake(s): mend them and lint again", file, len(problems))
}

// problemLine is a mistake in JSON.
type problemLine struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	What    string `json:"what"`
	Hint    string `json:"hint"`
	Warning bool   `json:"warning"`
}

// showProblems writes each with its line and a caret, or as rows.
func showProblems(w io.Writer, out output, problems policy.Problems) error {
	if out.format == "table" {
		if len(problems) == 0 {
			return nil
		}
		_, err := fmt.Fprintln(w, problems.Error())
		return err
	}
	lines, rows := make([]problemLine, 0, len(problems)), []table.Row{}
	for _, p := range problems {
		lines = append(lines, problemLine{p.File, p.Line, p.Column, p.What, p.Hint, p.Warning})
		rows = append(rows, table.Row{p.File, p.Line, p.Column, p.What, p.Hint, p.Warning})
	}
	return out.show(w, lines, table.Row{"file", "line", "column", "what", "hint", "warning"}, rows)
}

// usePolicy is readPolicy for commands that want to use it: its mistakes are one line, and lint has the rest.
func usePolicy(file string) (*policy.Policy, error) {
	p, err := readPolicy(file)
	var problems policy.Problems
	if errors.As(err, &problems) {
		return nil, fmt.Errorf("the policy %s has %d mistake(s), the first in line %d: %s; run tierctl policy lint %[1]s", file, len(problems), problems[0].Line, problems[0].What)
	}
	return p, err
}

func readPolicy(file string) (*policy.Policy, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	return policy.Parse(file, src)
}
