package tierctl

import (
	"context"
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/policy"
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
			line, changes, err := r.explain(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			p, err := policy.Parse(r.init.PolicyFile, r.init.Policy)
			if err != nil {
				return err
			}
			return showCustomer(cmd.OutOrStdout(), out, currencyOf(p), line, changes)
		},
	}
	out.flag(c)
	return c
}

// explain is a customer as of the partition's now, and their changes so far.
func (r *remote) explain(ctx context.Context, id string) (line codec.CustomerLine, changes []codec.ChangeLine, err error) {
	pairs, err := r.pairs(ctx)
	if err != nil {
		return line, nil, err
	}
	home := pairs[kafkalog.Partition(id, r.partitions())].view.Now()
	for _, p := range pairs {
		home = max(home, p.view.Now())
	}
	all, unpublished, err := r.standing(pairs, home)
	if err != nil {
		return line, nil, err
	}
	found := false
	for _, l := range all {
		if l.CustomerID == id {
			line, found = l, true
		}
	}
	if !found {
		return line, nil, fmt.Errorf("customer %s has no accepted event: look at the spelling, and at the dead letters", id)
	}
	published, err := r.changes(ctx)
	if err != nil {
		return line, nil, err
	}
	for _, c := range firstOf(append(published, unpublished...)) {
		if c.CustomerId == id {
			changes = append(changes, codec.Change(c))
		}
	}
	return line, changes, nil
}

func showCustomer(w io.Writer, out output, in currency, l codec.CustomerLine, changes []codec.ChangeLine) error {
	rows := facts(l, in)
	for _, c := range changes {
		rows = append(rows, table.Row{fmt.Sprintf("change %d", c.Seq), sentence(c)})
	}
	all := struct {
		codec.CustomerLine
		Changes []codec.ChangeLine `json:"changes"`
	}{l, changes}
	return out.show(w, all, table.Row{"figure", "value, money in " + in.code}, append(rows, needs(l)...))
}

func facts(l codec.CustomerLine, in currency) []table.Row {
	v, c := l.Value, l.Credit
	return []table.Row{
		{"customer", l.CustomerID}, {"as of", when(l.AsOf)}, {"tier", l.Tier.Name + " since " + when(l.Tier.Since)},
		{"class", v.Class}, {"net", in.amount(v.Net)}, {"gross", in.amount(v.Gross)}, {"returns", in.amount(v.Returns)},
		{"orders", v.Orders}, {"last order", when(v.LastOrderAt)}, {"mean gap, days", v.MeanGapDays.String()},
		{"open", in.amount(c.Open)}, {"overdue", in.amount(c.Overdue)}, {"longest overdue, days", c.MaxDaysOverdue},
		{"unapplied credit", in.amount(c.Unapplied)}, {"items settled", c.Settled}, {"of them late", c.SettledLate},
		{"promptness, 0 to 100", c.Promptness.String()}, {"days sales outstanding", c.DSODays.String()},
	}
}

func needs(l codec.CustomerLine) (rows []table.Row) {
	if l.ToNext != nil {
		for _, n := range l.ToNext.Needs {
			rows = append(rows, table.Row{"to climb to " + l.ToNext.Tier, n.Text})
		}
	}
	if l.ToKeep != nil {
		for _, n := range l.ToKeep.Needs {
			rows = append(rows, table.Row{"to stay", n.Text})
		}
		if l.ToKeep.ReviewAt != 0 {
			rows = append(rows, table.Row{"next review", when(l.ToKeep.ReviewAt)})
		}
	}
	return rows
}

// sentence is a change as a person reads it.
func sentence(c codec.ChangeLine) string {
	s := fmt.Sprintf("%s %s", when(c.DecidedAt), c.To)
	if c.From != "" {
		s = fmt.Sprintf("%s %s to %s", when(c.DecidedAt), c.From, c.To)
	}
	for _, r := range c.Reasons {
		s += "\n" + r.Text
	}
	return s
}

func when(i codec.Instant) string {
	b, err := i.MarshalJSON()
	if err != nil || len(b) < 2 || b[0] != '"' {
		return "never"
	}
	return string(b[1 : len(b)-1])
}

// direction is a change in a word.
func direction(c *pb.TierChange) string {
	return map[pb.TierChange_Direction]string{
		pb.TierChange_ENTRY: "entry", pb.TierChange_UPGRADE: "up", pb.TierChange_DOWNGRADE: "down",
	}[c.Direction]
}
