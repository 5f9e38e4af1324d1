package tierctl

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/routes"
	"github.com/tierstream/tierstream/pkg/webhook"
)

func webhookRotateCommand() *cobra.Command {
	var overlap time.Duration
	c := &cobra.Command{
		Use:   "rotate-secret NAME [--overlap D]",
		Short: "Put a new secret into an endpoint's secret file; the old one goes on signing for a while",
		Long: `Write a new random secret as the first line of the endpoint's secret_file, and give the old one an end. Until then deliveries
carry both signatures, so that the receiver can change over at any moment. The secret is never printed. The notifier reads
the file at every attempt: no restart is needed.`,
		Example: "  tierctl webhook rotate-secret crm --overlap 24h --routes routes.yaml",
		Args:    exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := settings(cmd)
			if err != nil {
				return err
			}
			if overlap < 0 {
				return usagef("--overlap %v is negative: give the time that the receiver needs, such as 24h", overlap)
			}
			f, err := routesOf(c.Routes)
			if err != nil {
				return err
			}
			e, err := endpointOf(f, args[0])
			if err != nil {
				return err
			}
			if err := rotate(e, time.Now(), overlap); err != nil {
				return fmt.Errorf("replacing the secret of endpoint %s: %w", e.Name, err)
			}
			_, err = fmt.Fprintf(cmd.ErrOrStderr(), `%s has a new secret in its first line; the old one signs too until %s.
Now give the new one to the receiver of %s, by a way that is safe, before then; tierctl webhook test %s tries it.
Where other machines run the notifier too, bring the file there.
`, e.Secret.File, time.Now().Add(overlap).UTC().Format(time.RFC3339), e.Name, e.Name)
			return err
		},
	}
	process.DurationVar(c.Flags(), &overlap, "overlap", 24*time.Hour, "for how long the old secret signs too")
	return c
}

func rotate(e routes.Endpoint, now time.Time, overlap time.Duration) error {
	switch {
	case e.Kind != routes.Webhook:
		return fmt.Errorf("it is of type %s, whose secret its provider gives: put that into %s", e.Kind, e.Secret)
	case e.Secret.File == "":
		return errors.New("its secret is not in a file: change it where it is, or use secret_file in the routing file")
	}
	old, err := os.ReadFile(e.Secret.File)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text, err := webhook.Rotate(string(old), now, overlap)
	if err != nil {
		return fmt.Errorf("%s: %w", e.Secret.File, err)
	}
	return replaceFile(e.Secret.File, text)
}

// replaceFile writes a file anew, for its owner alone, so that whoever reads meanwhile gets the old text or the new one.
func replaceFile(path, text string) error {
	real, err := filepath.EvalSymlinks(path) // a link stays one
	if err != nil {
		real = path
	}
	f, err := os.CreateTemp(filepath.Dir(real), ".tierctl-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), real)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
