package policy

import (
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/lintyaml"
)

func (d document) credit(keys map[string]lintyaml.Field, scale int) credit.Config {
	c := credit.Config{WindowDays: defaultWindowDays, PromptnessDays: defaultPromptnessDays, DSODays: defaultWindowDays}
	f, ok := keys["credit"]
	if !ok {
		return c
	}
	sub := d.Fields(f.Value, `"credit"`, "window_days", "promptness_days", "dso_days", "tolerance")
	d.days(sub, "window_days", &c.WindowDays)
	d.days(sub, "promptness_days", &c.PromptnessDays)
	d.days(sub, "dso_days", &c.DSODays)
	if f, ok := sub["tolerance"]; ok {
		c.Tolerance = d.amount(f, scale)
	}
	return c
}
