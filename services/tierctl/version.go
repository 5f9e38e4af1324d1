package tierctl

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/reducer"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of the program and of its logic",
		Example: "  tierctl version",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "tierctl %s, logic %d\n", build(), reducer.LogicVersion)
			return err
		},
	}
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
