package tierctl

import (
	"fmt"
	"runtime/debug"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/reducer"
)

func versionCommand() *cobra.Command {
	var out output
	c := &cobra.Command{
		Use:     "version",
		Short:   "Print the version of the program and of its logic",
		Example: "  tierctl version\n  tierctl version -o json",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := out.check(); err != nil {
				return err
			}
			if out.format == "table" { // a line is all the table that it needs
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "tierctl %s, logic %d\n", build(), reducer.LogicVersion)
				return err
			}
			v := struct {
				Version string `json:"version"`
				Logic   int    `json:"logic"`
			}{build(), reducer.LogicVersion}
			return out.show(cmd.OutOrStdout(), v, table.Row{"version", "logic"}, []table.Row{{v.Version, v.Logic}})
		},
	}
	out.flag(c)
	return c
}

// build is the module's version, or the commit where it was built from a checkout.
func build() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return info.Main.Version
}
