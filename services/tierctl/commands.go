package tierctl

import "github.com/spf13/cobra"

// group is commands that help shows together.
type group struct {
	title    string
	commands []*cobra.Command
}

// groups is every command; within a group help sorts them by name.
func groups() []group {
	return []group{
		{"Try it, without servers:", []*cobra.Command{demoCommand(), devCommand(), policyCommand(), loadgenCommand(), simulateCommand()}},
		{"Start a deployment and send it events:", []*cobra.Command{initCommand(), sendCommand(), waitCommand(), clockCommand()}},
		{"Look at customers:", []*cobra.Command{explainCommand(), exportCommand()}},
		{"Keep it well:", []*cobra.Command{doctorCommand(), dlqCommand(), feedCommand(), rebuildCommand(), routesCommand(), webhookCommand()}},
		{"About tierctl:", []*cobra.Command{versionCommand(), completionCommand()}},
	}
}

// addCommands gives root its commands.
func addCommands(root *cobra.Command) {
	for _, g := range groups() {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title})
		for _, c := range g.commands {
			c.GroupID = g.title
			root.AddCommand(c)
		}
	}
	help := helpCommand()
	help.GroupID = "About tierctl:"
	root.SetHelpCommand(help)
	root.SetHelpCommandGroupID(help.GroupID)
	root.CompletionOptions.DisableDefaultCmd = true
	completeNoFiles(root)
}

// helpCommand is cobra's, with an error for a command that there isn't.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Explain a command",
		Example: "  tierctl help dlq retry",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
			if at, _, err := cmd.Root().Find(args); err == nil {
				for _, c := range at.Commands() {
					names = append(names, cobra.CompletionWithDesc(c.Name(), c.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usagef("there is no command %q: see tierctl --help", args)
			}
			return about.Help()
		},
	}
}
