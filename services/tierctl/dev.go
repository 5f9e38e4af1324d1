package tierctl

import (
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/routes"
	"github.com/tierstream/tierstream/services/dev"
)

func devCommand() *cobra.Command {
	var dataDir string
	c := &cobra.Command{
		Use:   "dev [--data-dir D]",
		Short: "Everything in one process on embedded servers, empty and waiting",
		Long: `Start embedded Kafka and Redis and every service in one process, empty and waiting for tierctl init.

--brokers and --redis say where they listen. The lines on stdout, put into another shell, let every other command
reach it. The embedded Redis keeps nothing: after a restart with --data-dir its state is rebuilt from facts.`,
		Example: `  tierctl dev
  tierctl dev --brokers 127.0.0.1:19092 --redis redis://127.0.0.1:16379 --admin 127.0.0.1:8080`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := settings(cmd)
			if err != nil {
				return err
			}
			if c.Routes != "" { // a mistake in it ends the command, not the notifier alone
				if _, err := routes.Load(c.Routes); err != nil {
					return err
				}
			}
			s, err := startDev(cmd, c, dataDir, cmd.ErrOrStderr())
			switch {
			case stopped(cmd.Context()) && err != nil:
				return nil
			case err != nil:
				return err
			}
			if dataDir != "" {
				_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "logs are kept in %s; the embedded Redis starts empty and is rebuilt from them\n", dataDir)
			}
			if err := announce(cmd.OutOrStdout(), s); err != nil {
				return errors.Join(err, s.Close())
			}
			<-cmd.Context().Done()
			return s.Close()
		},
	}
	c.Flags().StringVar(&dataDir, "data-dir", "", "folder in which the embedded Kafka keeps its logs; empty: in memory")
	return c
}

func startDev(cmd *cobra.Command, c process.Config, dataDir string, log io.Writer) (*dev.System, error) {
	u, err := url.Parse(c.Redis)
	if err != nil || u.Host == "" {
		return nil, usagef("--redis is no URL of the form redis://host:port")
	}
	return dev.Start(cmd.Context(), dev.Config{Kafka: c.Brokers[0], Redis: u.Host, DataDir: dataDir, Log: log, Settings: c})
}

// announce tells where the servers are, for another shell.
func announce(w io.Writer, s *dev.System) error {
	_, err := fmt.Fprintf(w, "export TIERSTREAM_BROKERS=%s\nexport TIERSTREAM_REDIS=%s\n", s.Settings.Brokers[0], s.Settings.Redis)
	return err
}
