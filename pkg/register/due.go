package register

import "github.com/tierstream/tierstream/pkg/civil"

// DueDay is the due day of a document that has said several in turn: a later one that was given after the one before had
// passed doesn't count.
type DueDay struct {
	Day   civil.Day
	Known bool
}

// Give takes the due day that was given on a day.
func (d *DueDay) Give(on, due civil.Day) {
	if !d.Known || due <= d.Day || on <= d.Day {
		d.Day, d.Known = due, true
	}
}

// OldTerms are terms of an order that a newer state has replaced: those of a full state, or of an amendment. A full state without
// terms has its place among them, since it moves the day from which amendments after it count.
type OldTerms struct {
	Version Version
	Placed  bool
	Terms   Terms
}

// remember keeps terms that a newer state has replaced, and says whether they are new.
func (o *Order) remember(t OldTerms) (changed bool) {
	o.Old, changed = insertNewest(o.Old, t, func(t OldTerms) Version { return t.Version })
	return changed
}

// OldDue is the due day of an order on terms where no later one counts that was given after an earlier had passed. What
// was said before a cancellation counts no more.
func (o *Order) OldDue(calendar civil.Calendar) (d DueDay) {
	if o.Placed == nil {
		return d
	}
	var placed civil.Day
	known := false
	give := func(v Version, full bool, t Terms) {
		if full {
			placed, known = calendar.DayOf(v.OccurredAt), true
		}
		if due, ok := t.DueDay(placed); ok && known {
			d.Give(calendar.DayOf(v.OccurredAt), due)
		}
	}
	for _, t := range o.Old {
		if o.Cancelled == nil || t.Version.Revision > o.Cancelled.Revision {
			give(t.Version, t.Placed, t.Terms)
		}
	}
	give(o.Placed.Version, true, o.Placed.Doc.Terms)
	for _, a := range o.Amendments {
		if a.Patch.Terms != nil {
			give(a.Version, false, *a.Patch.Terms)
		}
	}
	return d
}

// OldDue is the due day that an invoice had before a newer state of it came; HasDue: it named one.
type OldDue struct {
	Version Version
	Due     civil.Day
	HasDue  bool
}

// Replaced are the due days that an invoice had before the one that it has, oldest first. What was said before it was
// voided counts no more.
func (i *Invoice) Replaced() (out []OldDue) {
	for _, d := range i.Old {
		if i.Voided == nil || d.Version.Revision > i.Voided.Revision {
			out = append(out, d)
		}
	}
	return out
}
