// Package tierctl is the command line of operators and policy owners: one file a command. Data goes to stdout or to
// --out, progress and logs to stderr. Exit codes: 0 done, 1 failed, 2 wrong use.
package tierctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/loadgen"
	"github.com/tierstream/tierstream/pkg/process"
)

// usageError is wrong use of the command line: exit code 2.
type usageError struct{ error }

// usagef is wrong use, in one line.
func usagef(format string, a ...any) error { return usageError{fmt.Errorf(format, a...)} }

// Main runs one command and gives its exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	_, _ = fmt.Fprintf(stderr, "tierctl: %v\n", err)
	var wrong usageError
	if errors.As(err, &wrong) || errors.Is(err, loadgen.ErrConfig) {
		return 2
	}
	return 1
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "tierctl",
		Short: "Operate Tierstream: try policies, send events, look at customers",
		Example: `  tierctl demo
  tierctl doctor --brokers kafka1:9092,kafka2:9092 --redis redis://redis:6379`,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no command %q: see tierctl --help", args[0])
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%s: %w (see %s --help)", cmd.CommandPath(), err, cmd.CommandPath())
	})
	root.SetHelpFunc(plainHelp(root.HelpFunc()))
	process.Flags(root.PersistentFlags())
	oneOf(root, "log-level", "debug", "info", "warn", "error")
	addCommands(root)
	return root
}

// plainHelp is cobra's help with --exit for --exit[=true|false], which is the same and easier to read.
func plainHelp(cobras func(*cobra.Command, []string)) func(*cobra.Command, []string) {
	return func(cmd *cobra.Command, args []string) {
		out, text := cmd.OutOrStdout(), &strings.Builder{}
		cmd.SetOut(text)
		cobras(cmd, args)
		cmd.SetOut(out)
		_, _ = io.WriteString(out, process.PlainFlags(text.String()))
	}
}

// settings are the shared flags, from file, environment and command line.
func settings(cmd *cobra.Command) (process.Config, error) {
	c, err := process.Load(cmd.Flags(), os.Environ)
	if err != nil {
		return c, usageError{err}
	}
	return c, nil
}

// subcommand is for a command that is only the head of others.
func subcommand() cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usagef("%s has no subcommand %q: see %s --help", cmd.CommandPath(), args[0], cmd.CommandPath())
		}
		return nil
	}
}

// exactly is cobra.ExactArgs with an error that says what is missing.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != len(names) {
			return usagef("%s takes %d argument(s) %v, got %d: see %s --help", cmd.CommandPath(), len(names), names, len(args), cmd.CommandPath())
		}
		return nil
	}
}

// required makes a flag a must, with our own words.
func required(cmd *cobra.Command, names ...string) error {
	for _, n := range names {
		if !cmd.Flags().Changed(n) {
			return usagef("%s needs --%s: see %s --help", cmd.CommandPath(), n, cmd.CommandPath())
		}
	}
	return nil
}
