package tierctl

import (
	"cmp"
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/figure"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// explainer writes figures for people.
type explainer struct {
	currency
	calendar civil.Calendar
	zone     string
}

// none is what there is no figure of.
const none = "-"

// show writes a row a figure; no cell has more than one line.
func (e explained) show(w io.Writer, out output, in explainer) error {
	rows := append(append(e.who(in), e.facts(in)...), append(creditRows(e.Credit, in), e.Silence.rows(in)...)...)
	for _, c := range e.Changes {
		name := fmt.Sprintf("change %d", c.Seq)
		rows = append(rows, table.Row{name, in.move(c)})
		for _, r := range c.Reasons {
			rows = append(rows, table.Row{name + ", why", r.Text})
		}
	}
	rows = append(rows, e.watched(in)...)
	return out.show(w, e, table.Row{"figure", "value, money in " + in.code}, append(rows, e.needs(in)...))
}

func (e explained) who(in explainer) []table.Row {
	segment := ""
	if e.Segment != nil {
		segment = *e.Segment
	}
	return []table.Row{
		{"customer", plain(e.CustomerID)}, {"name", cmp.Or(plain(e.Name), none)}, {"account manager", cmp.Or(plain(e.Manager), none)},
		{"segment", cmp.Or(plain(segment), none)}, {"as of", in.when(e.AsOf) + ", times of " + in.zone}, {"tier", e.Tier.Name + " since " + in.when(e.Tier.Since)},
	}
}

func (e explained) facts(in explainer) []table.Row {
	v, c := e.Value, e.Credit
	rows := []table.Row{
		{"class", v.Class}, {"share of all net sales", share(v.Share)},
		{"net", in.amount(v.Net)}, {"gross", in.amount(v.Gross)}, {"returns", in.amount(v.Returns)},
		{"orders", v.Orders}, {"last order", in.when(v.LastOrderAt)}, {"mean gap, days", short(v.MeanGapDays)},
	}
	rows = append(rows, in.worth(v)...)
	return append(rows, []table.Row{
		{"open", in.amount(c.Open)}, {"open, not yet due", in.amount(c.Ageing.Current)}, {"open, 1 to 30 days late", in.amount(c.Ageing.D1To30)},
		{"open, 31 to 60 days late", in.amount(c.Ageing.D31To60)}, {"open, 61 to 90 days late", in.amount(c.Ageing.D61To90)},
		{"open, over 90 days late", in.amount(c.Ageing.D90Plus)},
		{"overdue", in.amount(c.Overdue)}, {"longest overdue, days", c.MaxDaysOverdue},
		{"unapplied credit", in.amount(c.Unapplied)}, {"items settled", c.Settled}, {"of them late", c.SettledLate},
		{"promptness, 0 to 100", short(c.Promptness)}, {"days sales outstanding", short(c.DSODays)},
	}...)
}

func (e explained) needs(in explainer) (rows []table.Row) {
	if e.ToNext != nil {
		for _, n := range e.ToNext.Needs {
			rows = append(rows, table.Row{"to climb to " + e.ToNext.Tier, n.Text})
		}
	}
	if e.ToKeep != nil {
		for _, n := range e.ToKeep.Needs {
			rows = append(rows, table.Row{"to stay", n.Text})
		}
		if e.ToKeep.ReviewAt != 0 {
			rows = append(rows, table.Row{"next review", in.when(e.ToKeep.ReviewAt)})
		}
	}
	return rows
}

// move is a change without its reasons.
func (in explainer) move(c codec.ChangeLine) string {
	if c.From == "" {
		return in.when(c.DecidedAt) + " " + c.To
	}
	return fmt.Sprintf("%s %s to %s", in.when(c.DecidedAt), c.From, c.To)
}

// when is a moment on the policy's clocks.
func (in explainer) when(i codec.Instant) string {
	if i == 0 {
		return none
	}
	return in.calendar.Local(civil.Instant(i)).Format("2006-01-02 15:04:05")
}

// short is a figure with two decimals at most.
func short(m figure.Micro) string {
	if !m.Known {
		return none
	}
	const cent = figure.One / 100
	half := int64(cent / 2)
	if m.Millionths < 0 {
		half = -half
	}
	return figure.Of((m.Millionths + half) / cent * cent).String()
}

// share is a part of one in percent.
func share(m figure.Micro) string {
	if !m.Known {
		return none
	}
	return fmt.Sprintf("%.2f %%", 100*m.Float())
}

// direction is a change in a word.
func direction(c *pb.TierChange) string {
	return map[pb.TierChange_Direction]string{
		pb.TierChange_ENTRY: "entry", pb.TierChange_UPGRADE: "up", pb.TierChange_DOWNGRADE: "down",
	}[c.Direction]
}
