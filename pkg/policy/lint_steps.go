package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tierstream/tierstream/pkg/value"
)

// lintSteps warns of comparisons with what a figure that moves in steps never is.
func (d document) lintSteps(rungs []rung, c *value.Config) {
	for _, r := range rungs {
		for _, rule := range []*rule{r.enter, r.keep} {
			if rule == nil {
				continue
			}
			for i := range rule.leaves {
				l := &rule.leaves[i]
				if l.op == "" {
					continue
				}
				if steps := c.Steps(l.figure.name); steps != nil && !slices.Contains(steps, l.threshold) {
					d.Warn(rule.position(l), fmt.Sprintf("it is 0, %s", inList(steps)), "%s moves in steps and is never %s", l.figure.name, strconv.FormatFloat(l.threshold, 'f', -1, 64))
				}
			}
		}
	}
}

func inList(numbers []float64) string {
	var words []string
	for _, n := range numbers[1:] {
		words = append(words, strconv.FormatFloat(n, 'f', -1, 64))
	}
	return strings.Join(words, ", ")
}
