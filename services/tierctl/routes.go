package tierctl

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/routes"
)

func routesCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "routes",
		Short:   "Work on the notifier's routing files",
		Example: "  tierctl routes lint deploy/routes/example.yaml",
		Args:    subcommand(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(&cobra.Command{
		Use:     "lint FILE",
		Short:   "Check a routing file: each mistake with its line, column and a hint; no secret is read",
		Example: "  tierctl routes lint deploy/routes/example.yaml",
		Args:    exactly("FILE"),
		RunE:    lintRoutes,
	})
	return c
}

// lintRoutes prints the mistakes on stdout, since they are what was asked for.
func lintRoutes(cmd *cobra.Command, args []string) error {
	src, err := os.ReadFile(args[0])
	if err != nil {
		return fmt.Errorf("reading the routing file: %w", err)
	}
	f, err := routes.Parse(args[0], src)
	var problems routes.Problems
	if errors.As(err, &problems) {
		_, _ = fmt.Fprintln(cmd.OutOrStdout(), problems.Error())
		return fmt.Errorf("%s has %d mistake(s): mend them and lint again", args[0], len(problems))
	}
	if err != nil {
		return err
	}
	if len(f.Warnings) > 0 {
		_, _ = fmt.Fprintln(cmd.OutOrStdout(), f.Warnings.Error())
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: version %s, %d endpoints, %d routes, ok\n", args[0], f.Version, len(f.Endpoints), len(f.Routes))
	return err
}
