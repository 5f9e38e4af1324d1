package tierctl

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print what makes a shell complete tierctl's commands and flags",
		Long:  "Print what makes a shell complete tierctl's commands and flags. SHELL is " + strings.Join(shells, ", ") + ".",
		Example: `  source <(tierctl completion bash)
  tierctl completion zsh > "${fpath[1]}/_tierctl"
  tierctl completion fish > ~/.config/fish/completions/tierctl.fish
  tierctl completion powershell | Out-String | Invoke-Expression`,
		Args:      exactly("SHELL"),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root, out := cmd.Root(), cmd.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(out)
			}
			return usagef("there is no completion for %q: use one of %s", args[0], strings.Join(shells, ", "))
		},
	}
}

// completeNoFiles leaves files to the commands and flags that take some, where a shell would else offer them everywhere.
func completeNoFiles(c *cobra.Command) {
	if c.ValidArgsFunction == nil && c.ValidArgs == nil && !strings.Contains(c.Use, "FILE") {
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
	each := func(f *pflag.Flag) {
		if _, fixed := c.GetFlagCompletionFunc(f.Name); !fixed && !slices.Contains(fileFlags(), f.Name) {
			oneOf(c, f.Name)
		}
	}
	c.LocalNonPersistentFlags().VisitAll(each)
	c.PersistentFlags().VisitAll(each)
	for _, sub := range c.Commands() {
		completeNoFiles(sub)
	}
}

// fileFlags are the flags that take a file or a folder.
func fileFlags() []string { return []string{"config", "policy", "events", "out", "data-dir"} }
