package policy

import "github.com/tierstream/tierstream/pkg/value"

// looks collects which figures of value that move by time alone the conditions look at, so that the scorer knows when to look
// again.
func looks(rungs []rung) (out value.Looks) {
	for _, r := range rungs {
		for _, c := range []*rule{r.enter, r.keep} {
			if c == nil {
				continue
			}
			for i := range c.leaves {
				l := &c.leaves[i]
				if l.figure != nil {
					lookAt(l.figure.name, &out)
				}
				for _, n := range l.uses {
					lookAt(n.name, &out)
				}
			}
		}
	}
	return out
}

func lookAt(name string, out *value.Looks) {
	switch name {
	case "value.growth":
		out.Growth = true
	case "value.tenure_days":
		out.Tenure = true
	case "value.reorder_ratio":
		out.Reorder = true
	case "value.lifecycle":
		out.Lifecycle = true
	case "value.score", "value.potential":
		out.Score = true
	}
}
