package tierctl

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/policy"
)

func policyCommand() *cobra.Command {
	c := &cobra.Command{Use: "policy", Short: "Work on policy files", Example: "  tierctl policy lint deploy/policies/starter.yaml", Args: subcommand(), RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	c.AddCommand(&cobra.Command{
		Use:     "lint FILE",
		Short:   "Check a policy file: each mistake with its line, column and a hint",
		Example: "  tierctl policy lint deploy/policies/starter.yaml",
		Args:    exactly("FILE"),
		RunE:    lint,
	})
	return c
}

// lint prints the mistakes on stdout, since they are what was asked for.
func lint(cmd *cobra.Command, args []string) error {
	p, err := readPolicy(args[0])
	var problems policy.Problems
	if errors.As(err, &problems) {
		_, _ = fmt.Fprintln(cmd.OutOrStdout(), problems.Error())
		return fmt.Errorf("%s has %d mistake(s): mend them and lint again", args[0], len(problems))
	}
	if err != nil {
		return err
	}
	if len(p.Warnings) > 0 {
		_, _ = fmt.Fprintln(cmd.OutOrStdout(), p.Warnings.Error())
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: version %s, %d tiers, ok\n", args[0], p.Version, len(p.Ladder.Rungs))
	return err
}

func readPolicy(file string) (*policy.Policy, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	return policy.Parse(file, src)
}
