package tierctl

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/policy"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// summary is what a sales director would look at, then what an engineer would.
func (d *demo) summary(ctx context.Context) error {
	pairs, err := d.remote.pairs(ctx)
	if err != nil {
		return err
	}
	t := latest(pairs)
	customers, _, err := d.remote.standing(pairs, t)
	if err != nil {
		return err
	}
	made, err := d.remote.decided(ctx, pairs, customers)
	if err != nil {
		return err
	}
	dead, err := d.remote.deadLetters(ctx)
	if err != nil {
		return err
	}
	p, err := policy.Parse(d.remote.init.PolicyFile, d.remote.init.Policy)
	if err != nil {
		return err
	}
	var names []string
	for _, r := range slices.Backward(p.Ladder.Rungs) {
		names = append(names, r.Name)
	}
	d.byTier(customers, names, p, t)
	d.moves(made.changes, names)
	d.overdue(customers, currencyOf(p))
	d.watched(made)
	d.rejected(dead)
	return d.engineer(made)
}

func (d *demo) show(title string, header table.Row, rows []table.Row) {
	t := table.NewWriter()
	t.AppendHeader(header)
	t.AppendRows(rows)
	t.SetColumnConfigs(rightAligned(len(header)))
	d.say("\n%s\n%s\n", title, t.Render())
}

func (d *demo) byTier(customers []codec.CustomerLine, names []string, p *policy.Policy, t civil.Instant) {
	count, net := map[string]int64{}, map[string]int64{}
	total, in := int64(0), currencyOf(p)
	for _, c := range customers {
		count[c.Tier.Name]++
		net[c.Tier.Name] += c.Value.Net
		total += c.Value.Net
	}
	var rows []table.Row
	for _, n := range names {
		rows = append(rows, table.Row{n, count[n], percent(count[n], int64(len(customers))), in.amount(net[n]), percent(net[n], total)})
	}
	d.show(fmt.Sprintf("Customers and net sales by tier, as of %s (%s, last %d days)", p.Calendar.Local(t).Format("2006-01-02 15:04"), in.code, p.Value.WindowDays),
		table.Row{"tier", "customers", "share", "net sales", "share"}, rows)
}

func (d *demo) moves(changes []*pb.TierChange, names []string) {
	n := map[string]map[string]int{}
	byTime := 0
	for _, c := range changes {
		from := cmp.Or(c.From, "(new)")
		if n[from] == nil {
			n[from] = map[string]int{}
		}
		n[from][c.To]++
		byTime += btoi(c.Trigger.GetKind() == pb.Trigger_TIME)
	}
	header := table.Row{"from \\ to"}
	for _, to := range names {
		header = append(header, to)
	}
	var rows []table.Row
	for _, from := range append([]string{"(new)"}, names...) {
		row := table.Row{from}
		for _, to := range names {
			row = append(row, n[from][to])
		}
		rows = append(rows, row)
	}
	d.show(fmt.Sprintf("Moves between tiers (%d, of which %d by time alone)", len(changes), byTime), header, rows)
}

func (d *demo) overdue(customers []codec.CustomerLine, in currency) {
	var a codec.AgeingLine
	for _, c := range customers {
		x := c.Credit.Ageing
		a = codec.AgeingLine{Current: a.Current + x.Current, D1To30: a.D1To30 + x.D1To30, D31To60: a.D31To60 + x.D31To60, D61To90: a.D61To90 + x.D61To90, D90Plus: a.D90Plus + x.D90Plus}
	}
	total := a.Current + a.D1To30 + a.D31To60 + a.D61To90 + a.D90Plus
	row := func(what string, n int64) table.Row { return table.Row{what, in.amount(n), percent(n, total)} }
	d.show("Open items by days overdue ("+in.code+")", table.Row{"days overdue", "open", "share"}, []table.Row{
		row("not yet due", a.Current), row("1 to 30", a.D1To30), row("31 to 60", a.D31To60), row("61 to 90", a.D61To90), row("over 90", a.D90Plus),
	})
}

func (d *demo) rejected(dead []deadLetterLine) {
	n := map[string]int{}
	for _, l := range dead {
		n[l.Reason]++
	}
	var rows []table.Row
	for _, reason := range slices.Sorted(maps.Keys(n)) {
		rows = append(rows, table.Row{reason, n[reason]})
	}
	d.show(fmt.Sprintf("Dead letters by reason (%d)", len(dead)), table.Row{"reason", "records"}, rows)
}

// engineer says how fast it went, what is left, and what was dropped.
func (d *demo) engineer(made decisions) error {
	families, err := d.system.Registry.Gather()
	if err != nil {
		return err
	}
	duplicates, lag := 0.0, 0.0
	for _, f := range families {
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			switch f.GetName() {
			case "tierstream_stage_met_total":
				if labels["what"] == "duplicates" {
					duplicates += m.GetCounter().GetValue()
				}
			case "tierstream_stage_lag_records":
				lag += m.GetGauge().GetValue()
			}
		}
	}
	d.show("For the engineer", table.Row{"what", "how much"}, []table.Row{
		{"lines replayed", d.lines}, {"time", fmt.Sprintf("%.1f s", d.took.Seconds())},
		{"events/s through every service", int(float64(d.lines) / d.took.Seconds())},
		{"lag at the end, records", int(lag)}, {"duplicate orders, invoices and payments dropped", int(duplicates)}, {"tier changes", len(made.changes)}, {"credit alerts", len(made.alerts)}, {"signals", len(made.signals)},
	})
	return nil
}

func rightAligned(columns int) (out []table.ColumnConfig) {
	for n := 2; n <= columns; n++ {
		out = append(out, table.ColumnConfig{Number: n, Align: text.AlignRight})
	}
	return out
}

func percent(n, of int64) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of))
}
