package tierctl

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/delivery"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

func webhookRetryCommand() *cobra.Command {
	var endpoint string
	var every bool
	c := &cobra.Command{
		Use:   "retry [ID | --endpoint NAME | --all]",
		Short: "Send dead deliveries again, under their old ids",
		Long: `Put dead deliveries back into their queues, from where the running notifier sends them, in the order of their seq, under their
old webhook-id. ID is one of webhook list --dead; with --endpoint, only to that endpoint.`,
		Example: "  tierctl webhook retry msg_nqvl2m6zr5x4 --routes routes.yaml\n  tierctl webhook retry --endpoint crm\n  tierctl webhook retry --all",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			id := ""
			if len(args) == 1 {
				id = args[0]
			}
			if len(args) > 1 || id == "" && endpoint == "" && !every || every && (id != "" || endpoint != "") {
				return usagef("%s: which? Give an ID of webhook list --dead, --endpoint NAME, or --all alone", cmd.CommandPath())
			}
			d, err := openDeliveries(cmd)
			if err != nil {
				return err
			}
			defer d.close()
			return d.retry(cmd, id, endpoint)
		},
	}
	c.Flags().StringVar(&endpoint, "endpoint", "", "those of one endpoint")
	c.Flags().BoolVar(&every, "all", false, "those of every endpoint that is in service")
	return c
}

func (d *deliveries) retry(cmd *cobra.Command, id, endpoint string) error {
	if endpoint != "" {
		if _, err := endpointOf(d.file, endpoint); err != nil {
			return err
		}
	}
	is, err := delivery.HealthOf(cmd.Context(), d.health(), d.names())
	if err != nil {
		return err
	}
	if off := is[endpoint].Off; off != "" {
		return fmt.Errorf("endpoint %s gets nothing, it is %s: take it back with tierctl webhook enable %s first", endpoint, off, endpoint)
	}
	taken, left := 0, 0
	err = d.each(func(_ string, _ int, state processor.State) error {
		n, err := delivery.Retry(cmd.Context(), state, d.now, applyNonce, func(x *pb.DeadDelivery) bool {
			if id != "" && x.Id != id || endpoint != "" && x.Endpoint != endpoint {
				return false
			}
			h, known := is[x.Endpoint]
			return known && h.Off == ""
		})
		taken += n
		return err
	})
	if err != nil {
		return fmt.Errorf("%d deliveries were taken back, then: %w", taken, err)
	}
	has, err := d.backlogs(cmd.Context())
	if err != nil {
		return err
	}
	for _, b := range has {
		left += b.Dead
	}
	if id != "" && taken == 0 {
		return fmt.Errorf("there is no dead delivery %s to an endpoint in service: see tierctl webhook list --dead", id)
	}
	_, err = fmt.Fprintf(cmd.ErrOrStderr(), "%d deliveries go out again, as soon as the notifier looks; %d dead ones are left\n", taken, left)
	return err
}
