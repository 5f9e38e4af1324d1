package register

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tierstream/tierstream/pkg/civil"
)

// ProfileField is one field of a customer's profile as the latest event that speaks of it has it. Which of the values
// counts depends on the name: see the names.
type ProfileField struct {
	Name     string
	Said     Version
	Removed  bool
	Text     string    // what is said; of a limit the currency, of a block the reason, of a rating its grade
	From     string    // of a credit rating: whose it is
	Number   int64     // of ratings millionths, of a limit minor units
	Until    civil.Day // of a limit and of a block
	HasUntil bool
}

// Names of the fields. What the profile has many of is named with a slash and its own name: ratings/outlook.
const (
	ProfileIndustry   = "industry"
	ProfileSize       = "size"
	ProfileRegion     = "region"
	ProfileClosed     = "closed"
	ProfileLimit      = "credit_limit"
	ProfileBlock      = "credit_block"
	ProfileRating     = "credit_rating"
	ProfileRatings    = "ratings"
	ProfileAttributes = "attributes"
)

// ProfileFields is the profile of a customer, by name: per field the latest (occurred_at, revision, event_id) wins. That a
// whole group was removed is a field too, which speaks for all of the group that are not said later.
type ProfileFields []ProfileField

// ManyMost is how many attributes, and how many ratings, of a customer are kept: those whose names come first, in the order of
// their bytes, among all that were ever said or removed. So what is kept is a function of the set of events.
const ManyMost = 256

// LaterSaid orders what profiles say: by occurred_at, then revision, then event_id.
func LaterSaid(a, b Version) bool {
	return cmp.Or(cmp.Compare(a.OccurredAt, b.OccurredAt), cmp.Compare(a.Revision, b.Revision), cmp.Compare(a.EventID, b.EventID)) > 0
}

// Say takes what an event says of a field, and says whether that is the latest, and kept.
func (p *ProfileFields) Say(f ProfileField) bool {
	i, found := p.find(f.Name)
	switch {
	case !found:
		*p = slices.Insert(slices.Clone(*p), i, f)
		return p.bound(f.Name)
	case LaterSaid(f.Said, (*p)[i].Said):
		*p = slices.Clone(*p)
		(*p)[i] = f
	default:
		return false
	}
	return true
}

// Has says whether something is kept of a field.
func (p *ProfileFields) Has(name string) bool {
	_, found := p.find(name)
	return found
}

func (p *ProfileFields) find(name string) (int, bool) {
	return slices.BinarySearchFunc(*p, name, func(x ProfileField, name string) int { return cmp.Compare(x.Name, name) })
}

// bound leaves out the last of the group of a name that has come, where it is one too many; false: it is that name.
func (p *ProfileFields) bound(name string) bool {
	group, _, many := strings.Cut(name, "/")
	if !many {
		return true
	}
	from, _ := p.find(group + "/")
	end, _ := p.find(group + "0") // which comes after all that has a slash there
	if end-from <= ManyMost {
		return true
	}
	last := (*p)[end-1].Name
	*p = slices.Delete(*p, end-1, end)
	return last != name
}

// Profile is what is known of a customer beside trade. The zero value: nothing.
type Profile struct {
	Industry, Size, Region string
	Closed                 bool
	Ratings                []Rating // by name
	Attributes             []Attribute
	Limit                  CreditLimit
	Block                  CreditBlock
	Rating                 CreditRating
}

// Rating is one of the profile's ratings, 0 to 100, in millionths.
type Rating struct {
	Name       string
	Millionths int64
}

// Attribute is a text of any name.
type Attribute struct{ Name, Text string }

// CreditLimit is how much may be owed, in minor units of the base currency, up to the end of Until.
type CreditLimit struct {
	Known    bool
	Amount   int64
	Until    civil.Day
	HasUntil bool
}

// CreditBlock says that no more credit is to be given, up to the end of Until.
type CreditBlock struct {
	Known    bool
	Reason   string
	Until    civil.Day
	HasUntil bool
}

// CreditRating is a grade that somebody else gives.
type CreditRating struct{ Grade, Source string }

// Profile is what the fields amount to.
func (p ProfileFields) Profile() (out Profile) {
	for i := range p {
		f := &p[i]
		if group, name, many := strings.Cut(f.Name, "/"); many && !f.Removed && !p.removedAfter(group, f.Said) {
			if group == ProfileRatings {
				out.Ratings = append(out.Ratings, Rating{name, f.Number})
			} else {
				out.Attributes = append(out.Attributes, Attribute{name, f.Text})
			}
		}
		if !f.Removed {
			out.set(f)
		}
	}
	return out
}

// removedAfter says that a group was removed by an event that isn't older.
func (p ProfileFields) removedAfter(group string, said Version) bool {
	i, found := p.find(group)
	return found && !LaterSaid(said, p[i].Said)
}

func (p *Profile) set(f *ProfileField) {
	switch f.Name {
	case ProfileIndustry:
		p.Industry = f.Text
	case ProfileSize:
		p.Size = f.Text
	case ProfileRegion:
		p.Region = f.Text
	case ProfileClosed:
		p.Closed = f.Number != 0
	case ProfileLimit:
		p.Limit = CreditLimit{true, f.Number, f.Until, f.HasUntil}
	case ProfileBlock:
		p.Block = CreditBlock{true, f.Text, f.Until, f.HasUntil}
	case ProfileRating:
		p.Rating = CreditRating{f.Text, f.From}
	}
}

// LimitOn is the limit that holds on a day; false: there is none.
func (p *Profile) LimitOn(today civil.Day) (int64, bool) {
	l := &p.Limit
	if !l.Known || l.HasUntil && l.Until < today {
		return 0, false
	}
	return l.Amount, true
}

// BlockedOn says that credit is blocked on a day.
func (p *Profile) BlockedOn(today civil.Day) bool {
	return p.Block.Known && (!p.Block.HasUntil || p.Block.Until >= today)
}

// NextDay is the next day after today on which something that is said ends; false: there is none.
func (p *Profile) NextDay(today civil.Day) (day civil.Day, ok bool) {
	end := func(known, has bool, until civil.Day) {
		if d := until + 1; known && has && d > today && (!ok || d < day) {
			day, ok = d, true
		}
	}
	end(p.Limit.Known, p.Limit.HasUntil, p.Limit.Until)
	end(p.Block.Known, p.Block.HasUntil, p.Block.Until)
	return day, ok
}

// RatingOf is a rating by its name; false: there is none.
func (p *Profile) RatingOf(name string) (millionths int64, ok bool) {
	for _, r := range p.Ratings {
		if r.Name == name {
			return r.Millionths, true
		}
	}
	return 0, false
}

// AttributeOf is an attribute by its name, or empty.
func (p *Profile) AttributeOf(name string) string {
	for _, a := range p.Attributes {
		if a.Name == name {
			return a.Text
		}
	}
	return ""
}
