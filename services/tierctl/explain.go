package tierctl

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

func explainCommand() *cobra.Command {
	var out output
	c := &cobra.Command{
		Use:     "explain CUSTOMER",
		Short:   "Say where a customer stands, why, and what it takes to climb or stay",
		Example: "  tierctl explain C42\n  tierctl explain C42 -o json",
		Args:    exactly("CUSTOMER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := out.check(); err != nil {
				return err
			}
			r, err := connect(cmd, true)
			if err != nil {
				return err
			}
			defer r.close()
			e, err := r.explain(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			p, err := policy.Parse(r.init.PolicyFile, r.init.Policy)
			if err != nil {
				return err
			}
			return e.show(cmd.OutOrStdout(), out, explainer{currencyOf(p), p.Calendar, p.TimeZone})
		},
	}
	out.flag(c)
	return c
}

// explained is a customer and what led there.
type explained struct {
	Name    string `json:"customer_name"`
	Manager string `json:"account_manager"`
	codec.CustomerLine
	Silence silenceLine        `json:"silence"` // how far it is judged
	Changes []codec.ChangeLine `json:"changes"`
	Alerts  []codec.AlertLine  `json:"alerts"`  // that stand
	Signals []codec.SignalLine `json:"signals"` // that stand
}

// explain is a customer as of the latest now of all partitions, and their changes so far. Class and share need the figures of
// every customer, the changes only those of the customer's own partition.
func (r *remote) explain(ctx context.Context, id string) (e explained, err error) {
	pairs, err := r.pairs(ctx)
	if err != nil {
		return e, err
	}
	all, unpublished, err := r.standing(pairs, latest(pairs))
	if err != nil {
		return e, err
	}
	i := slices.IndexFunc(all, func(l codec.CustomerLine) bool { return l.CustomerID == id })
	if i < 0 {
		return e, fmt.Errorf("customer %s has no accepted event: look at the spelling, and at the dead letters", plain(id))
	}
	e.CustomerLine = all[i]
	var views []*reducer.View
	for _, p := range pairs {
		views = append(views, p.view)
	}
	e.Silence = silenceOf(views)
	home := kafkalog.Partition(id, r.partitions())
	m := &pb.TierCustomer{}
	if err := proto.Unmarshal(pairs[home].tiers.Blob(id), m); err != nil {
		return e, fmt.Errorf("reading the customer's blob in tierchange: %w", err)
	}
	e.Name, e.Manager = reducer.NameOf(m, pb.NamedField_NAME), reducer.NameOf(m, pb.NamedField_ACCOUNT_MANAGER)
	made, err := r.decidedIn(ctx, []int{home}, pairs, all[i:i+1])
	if err != nil {
		return e, err
	}
	made.add(unpublished)
	e.standing(made)
	for _, c := range made.changes {
		if c.CustomerId == id {
			e.Changes = append(e.Changes, codec.Change(c))
		}
	}
	return e, nil
}
