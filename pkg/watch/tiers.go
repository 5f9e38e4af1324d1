package watch

import "github.com/tierstream/tierstream/pkg/tier"

// Kinds that look at the tier.
const (
	WillDowngrade Kind = "WILL_DOWNGRADE"
	NearUpgrade   Kind = "NEAR_UPGRADE"
)

// Downgrade watches for a downgrade that waits: it is raised when the wait begins, and over when the wait is, whether the
// tier was lost or not.
type Downgrade struct{ Do string }

// Kind implements Watch.
func (*Downgrade) Kind() Kind { return WillDowngrade }

// Advice implements Watch.
func (w *Downgrade) Advice() string { return w.Do }

// Judge implements Watch.
func (w *Downgrade) Judge(v *View, _ Memory) Finding {
	if v.Now.Pending == 0 {
		return Finding{Over: true}
	}
	return Finding{Severity: Warning, Memory: Memory{From: v.Now.Tier}}
}

// Reasons implements Watch.
func (*Downgrade) Reasons(v *View, _ Memory, f Finding) []tier.Reason {
	if f.Over {
		return settled(v)
	}
	return v.Ladder.Waiting(v.Now, v.Figures)
}

// settled says that the tier is another one, or why it stays.
func settled(v *View) []tier.Reason {
	if kept := v.Ladder.Kept(v.Now, v.Figures); v.Now.Tier == v.Before.Tier && kept != nil {
		return kept
	}
	return []tier.Reason{tier.Moved(v.Now.Tier, v.Now.Since, v.Ladder.Words.Calendar)}
}

// Upgrade watches for customers who are close to the next tier: everything that they lack is within a part of its
// threshold. It is over when something is beyond Release, or when the tier is another one.
type Upgrade struct {
	Within, Release float64 // parts of the thresholds: 0.1 and 0.15
	Do              string
}

// Kind implements Watch.
func (*Upgrade) Kind() Kind { return NearUpgrade }

// Advice implements Watch.
func (w *Upgrade) Advice() string { return w.Do }

// Judge implements Watch.
func (w *Upgrade) Judge(v *View, is Memory) Finding {
	next, part, ok := v.Ladder.Shortfall(v.Now, v.Figures)
	switch {
	case ok && part <= w.Within:
		return Finding{Severity: Info, Memory: Memory{To: next}}
	case ok && part <= w.Release && next == is.To:
		return Finding{Memory: Memory{To: next}}
	}
	return Finding{Over: true}
}

// Reasons implements Watch.
func (*Upgrade) Reasons(v *View, _ Memory, f Finding) []tier.Reason {
	if f.Over && v.Now.Tier != v.Before.Tier {
		return []tier.Reason{tier.Moved(v.Now.Tier, v.Now.Since, v.Ladder.Words.Calendar)}
	}
	return v.Ladder.Far(v.Now, v.Figures)
}
