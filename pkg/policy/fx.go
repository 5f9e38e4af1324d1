package policy

import "github.com/tierstream/tierstream/pkg/lintyaml"

// defaultRateAge covers a long weekend: the days of one without rates, and one more.
const defaultRateAge = 7

// rates reads how old a rate may be.
func (d document) rates(keys map[string]lintyaml.Field) (days int) {
	days = defaultRateAge
	f, ok := keys["fx"]
	if !ok {
		return days
	}
	sub := d.Fields(f.Value, `"fx"`, "max_age_days")
	if f, ok := sub["max_age_days"]; ok {
		days = d.Integer(f, 0, maxWindowDays)
	}
	return days
}
