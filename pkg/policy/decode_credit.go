package policy

import (
	"slices"
	"strings"

	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/lintyaml"
)

// credit reads its section but for the advice, which names tiers and is read once these are known.
func (d document) credit(keys map[string]lintyaml.Field, scale int) (c credit.Config, advice lintyaml.Field) {
	c = credit.Config{WindowDays: defaultWindowDays, PromptnessDays: defaultPromptnessDays, DSODays: defaultWindowDays}
	f, ok := keys["credit"]
	if !ok {
		c.Scoring = d.scoring(nil)
		return c, advice
	}
	sub := d.Fields(f.Value, `"credit"`, append(scoreKeys(), "window_days", "promptness_days", "dso_days", "tolerance", "unallocated", "extensions", "quiet_feed")...)
	c.Scoring, c.Quiet = d.scoring(sub), d.quiet(sub)
	d.days(sub, "window_days", &c.WindowDays)
	d.days(sub, "promptness_days", &c.PromptnessDays)
	d.days(sub, "dso_days", &c.DSODays)
	if f, ok := sub["tolerance"]; ok {
		c.Tolerance = d.amount(f, scale)
	}
	c.Hold = d.choice(sub, "unallocated", "oldest_due", "hold")
	c.Forgive = d.choice(sub, "extensions", "late", "forgive")
	return c, sub["advice"]
}

// choice reads which of two words a key has, and says whether it is the second. The first is the default.
func (d document) choice(keys map[string]lintyaml.Field, name, first, second string) bool {
	return d.oneOf(keys, name, first, second) == 1
}

// oneOf reads which of some words a key has, by its place. The first is the default.
func (d document) oneOf(keys map[string]lintyaml.Field, name string, words ...string) int {
	f, ok := keys[name]
	if !ok {
		return 0
	}
	word, ok := d.Scalar(f)
	i := slices.Index(words, word)
	if ok && i < 0 {
		last := len(words) - 1
		d.Fail(lintyaml.At(f.Value), lintyaml.Closest(word, words, "write "+strings.Join(words[:last], ", ")+" or "+words[last]),
			"%q is neither %s", word, strings.Join(words, " nor "))
	}
	return max(0, i)
}
