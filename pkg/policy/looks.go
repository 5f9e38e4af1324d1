package policy

import "github.com/tierstream/tierstream/pkg/value"

// looks collects which figures of value that move by time alone the conditions look at, so that the scorer knows when to look
// again.
func looks(rungs []rung, watched []*rule) (out value.Looks) {
	for _, r := range rungs {
		watched = append(watched, r.enter, r.keep)
	}
	for _, c := range watched {
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
	case "value.contact_days":
		out.Contact = true
	case "value.lifecycle":
		out.Lifecycle = true
	case "value.score", "value.potential":
		out.Score = true
	}
}
