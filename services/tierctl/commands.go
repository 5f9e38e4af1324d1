package tierctl

import "github.com/spf13/cobra"

// commands is every command, in the order in which help shows them.
func commands() []*cobra.Command {
	return []*cobra.Command{
		demoCommand(),
		devCommand(),
		initCommand(),
		sendCommand(),
		waitCommand(),
		clockCommand(),
		exportCommand(),
		explainCommand(),
		simulateCommand(),
		loadgenCommand(),
		policyCommand(),
		routesCommand(),
		webhookCommand(),
		versionCommand(),
	}
}
