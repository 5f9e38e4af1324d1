package tierctl

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/value"
)

// worth is what a customer brings and could bring, a sentence a figure.
func (in explainer) worth(v codec.ValueLine) []table.Row {
	rows := []table.Row{
		{"contribution", in.contribution(v)}, {"what they ask of service", in.service(v)}, {"what they buy", in.mix(v)},
		{"next order", in.nextOrder(v)}, {"growth", growth(v)}, {"stage", stage(v)},
		{"value score, 0 to 100", score(v)},
	}
	for _, f := range v.Factors {
		rows = append(rows, table.Row{"score by " + strings.ReplaceAll(f.Name, "_", " "), in.factor(f)})
	}
	return rows
}

func (in explainer) contribution(v codec.ValueLine) string {
	if v.Contribution == nil || v.CostOfGoods == nil || v.CostToServe == nil {
		return "not known: orders give no cost of goods, and the policy has no margin for them"
	}
	return fmt.Sprintf("%s, which is net less %s for goods and %s for serving them", in.amount(*v.Contribution), in.amount(*v.CostOfGoods), in.amount(*v.CostToServe))
}

func (in explainer) service(v codec.ValueLine) string {
	s := v.Service
	text := fmt.Sprintf("%d contacts of %s minutes, %d complaints, %d visits, %d returns in %d days", s.Contacts, short(s.Minutes), s.Complaints, s.Visits, v.ReturnCount, v.WindowDays)
	if v.CostToServe != nil {
		text += ", at a cost of " + in.amount(*v.CostToServe)
	}
	if v.Satisfaction.Known {
		text += fmt.Sprintf("; they answer %s of 10 on average", short(v.Satisfaction))
	}
	if v.ContactDays.Millionths > 0 {
		text += fmt.Sprintf("; no contact for %s days or more", short(v.ContactDays))
	}
	return text
}

// mix is what a customer buys, and how it has moved in the last 91 days.
func (in explainer) mix(v codec.ValueLine) string {
	var parts []string
	for _, m := range v.Categories {
		text := fmt.Sprintf("%s %s", plain(m.Name), in.amount(m.Net))
		if m.Share.Known {
			text += " (" + share(m.Share)
			if m.Drift.Known {
				text += fmt.Sprintf(", %+.2f lately", 100*m.Drift.Float())
			}
			text += ")"
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return none
	}
	return strings.Join(parts, ", ")
}

func (in explainer) nextOrder(v codec.ValueLine) string {
	if v.NextOrderDue == nil {
		return none
	}
	text := fmt.Sprintf("due by habit on %s: they buy every %s days", *v.NextOrderDue, short(v.MeanGapDays))
	if v.Variability.Known {
		text += fmt.Sprintf(", with a deviation of %.0f %%", 100*v.Variability.Float())
	}
	if v.ReorderRatio.Millionths > 0 {
		text += fmt.Sprintf("; overdue, at least %s times as long as usual without an order", short(v.ReorderRatio))
	}
	return text
}

func growth(v codec.ValueLine) string {
	against := map[string]string{
		value.BaseBefore.String(): "the 91 days before", value.BaseYear.String(): "the same 91 days a year before",
	}[v.GrowthBase]
	if !v.Growth.Known || against == "" {
		return "not known: there are no sales before the last 91 days to compare with"
	}
	return fmt.Sprintf("net of the last 91 days is %+.2f %% against %s", 100*v.Growth.Float(), against)
}

func stage(v codec.ValueLine) string {
	if v.Lifecycle == nil {
		return none
	}
	return *v.Lifecycle
}

func score(v codec.ValueLine) string {
	if !v.Score.Known {
		return none
	}
	text := short(v.Score) + ", the sum of the points below"
	if v.Potential.Known {
		text += fmt.Sprintf("; potential alone: %s", short(v.Potential))
	}
	return text
}

func (in explainer) factor(f codec.PartLine) string {
	note := ""
	if f.Note != nil {
		note = *f.Note
	}
	switch {
	case !f.Normalised.Known && f.Raw.Known:
		return fmt.Sprintf("%s can't be ranked among %s (%s): its weight is shared among the others", short(f.Raw), among(f.Rank), note)
	case f.Normalised.Known && f.Rank != "":
		return fmt.Sprintf("%s is at percentile %s among %s; with a weight of %s %% that is %s points", short(f.Raw), short(f.Normalised), among(f.Rank), short(f.Weight), short(f.Points))
	case !f.Normalised.Known:
		return fmt.Sprintf("not computable (%s): its weight is shared among the others", note)
	case note != "":
		return fmt.Sprintf("%s of 100, since there is %s; with a weight of %s %% that is %s points", short(f.Normalised), note, short(f.Weight), short(f.Points))
	}
	return fmt.Sprintf("%s is %s of 100; with a weight of %s %% that is %s points", short(f.Raw), short(f.Normalised), short(f.Weight), short(f.Points))
}

// among whom a factor is ranked, in words.
func among(rank string) string {
	if rank == value.RankSegment.String() {
		return "the customers of the segment"
	}
	return "all customers"
}
