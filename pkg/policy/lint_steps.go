package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tierstream/tierstream/pkg/value"
)

// lintSteps warns of comparisons with what a figure that moves in steps never is.
func (d document) lintSteps(rules []*rule, c *value.Config) {
	for _, r := range rules {
		for i := range r.leaves {
			l := &r.leaves[i]
			if l.op == "" {
				continue
			}
			if steps := c.Steps(l.figure.name); steps != nil && !slices.Contains(steps, l.threshold) {
				d.Warn(r.position(l), fmt.Sprintf("it is 0, %s", inList(steps)), "%s moves in steps and is never %s", l.figure.name, strconv.FormatFloat(l.threshold, 'f', -1, 64))
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
