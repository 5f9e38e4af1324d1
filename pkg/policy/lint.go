package policy

import "fmt"

// lint warns of ladders that are allowed and behave otherwise than their writer is likely to think, where what own names has a part
// in it.
func (d document) lint(rungs []rung, own func(*rule) bool) {
	for i, r := range rungs {
		if i == 0 || r.enter == nil {
			continue
		}
		if r.keep != nil && own(r.keep) {
			eachStricter(r.keep, r.enter, func(keep, enter *leaf) {
				d.Warn(r.keep.position(keep), "let keep ask for less than enter, so that small moves change nothing",
					"%s asks for more to be kept than to be entered (%s): who has less than keep asks for is not let in", r.name, enter.text)
			})
		}
		if below := rungs[i-1]; below.enter != nil && (own(r.enter) || own(below.enter)) {
			eachStricter(below.enter, r.enter, func(lower, upper *leaf) {
				at := r.enter.position(upper)
				if !own(r.enter) {
					at = below.enter.position(lower)
				}
				d.Warn(at, fmt.Sprintf("%s is below %s in the list", below.name, r.name),
					"%s asks for less to be entered than the tier below it, %s (%s)", r.name, below.name, lower.text)
			})
		}
	}
}

// eachStricter finds the comparisons of a that ask for more of a figure than one of b does. Only those count without
// which their condition can't hold.
func eachStricter(a, b *rule, found func(strict, loose *leaf)) {
	for i := range a.leaves {
		for j := range b.leaves {
			x, y := &a.leaves[i], &b.leaves[j]
			if !x.required || !y.required || x.op == "" || y.op == "" || x.figure.name != y.figure.name {
				continue
			}
			up, down := atLeast(x) && atLeast(y), atMost(x) && atMost(y)
			if up && x.threshold > y.threshold || down && x.threshold < y.threshold {
				found(x, y)
			}
		}
	}
}

func atLeast(l *leaf) bool { return l.effective() == ">" || l.effective() == ">=" }
func atMost(l *leaf) bool  { return l.effective() == "<" || l.effective() == "<=" }

// effective is the operator with a ! above it taken in.
func (l *leaf) effective() string {
	if l.negated {
		return opposite(l.op)
	}
	return l.op
}
