package policy

import (
	"github.com/tierstream/tierstream/pkg/lintyaml"
	"github.com/tierstream/tierstream/pkg/value"
)

func (d document) value(keys map[string]lintyaml.Field) value.Config {
	c := value.Config{WindowDays: defaultWindowDays}
	if f, ok := keys["value"]; ok {
		d.days(d.Fields(f.Value, `"value"`, "window_days"), "window_days", &c.WindowDays)
	}
	return c
}
