package policy

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/lintyaml"
)

// What holds of a policy that asks when payments stop.
const (
	defaultQuietDays = 3
	maxQuietDays     = 60
	maxHolidays      = 1000 // entries
	maxHolidayDays   = 60   // of one
)

// quiet reads when payments that stop coming mean a broken feed. Without the section nobody asks.
func (d document) quiet(sub map[string]lintyaml.Field) (q credit.Quiet) {
	f, ok := sub["quiet_feed"]
	if !ok {
		return q
	}
	q = credit.Quiet{Days: defaultQuietDays, Weekend: [7]bool{time.Sunday: true, time.Saturday: true}}
	keys := d.Fields(f.Value, `"quiet_feed"`, "business_days", "weekend", "holidays")
	if f, ok := keys["business_days"]; ok {
		q.Days = d.Integer(f, 1, maxQuietDays)
	}
	if f, ok := keys["weekend"]; ok {
		q.Weekend = d.weekend(f)
	}
	if f, ok := keys["holidays"]; ok {
		q.Holidays = d.holidays(f)
	}
	return q
}

func (d document) weekend(f lintyaml.Field) (out [7]bool) {
	var names []string
	for day := range out {
		names = append(names, strings.ToLower(time.Weekday(day).String()))
	}
	n := 0
	for _, x := range d.List(f) {
		text, ok := d.Scalar(x)
		if !ok {
			continue
		}
		day := slices.Index(names, text)
		if day < 0 {
			d.Fail(lintyaml.At(x.Value), "write it as in [saturday, sunday]", "%q is no day of the week", text)
			continue
		}
		if !out[day] {
			n++
		}
		out[day] = true
	}
	if n == len(out) {
		d.Fail(f.At, "leave out a day on which banks work", "a week of nothing but weekend has no business days")
		out = [7]bool{}
	}
	return out
}

// holidays are dates, or dates with the last of the days that follow: 2026-02-16 to 2026-02-23.
func (d document) holidays(f lintyaml.Field) (out []credit.Span) {
	list := d.List(f)
	if len(list) > maxHolidays {
		d.Fail(lintyaml.At(list[maxHolidays].Value), "", "%q has more than %d entries", f.Name, maxHolidays)
		return nil
	}
	for _, x := range list {
		text, ok := d.Scalar(x)
		if !ok {
			continue
		}
		first, last, some := strings.Cut(text, " to ")
		if !some {
			last = first
		}
		from, err := civil.ParseDay(first)
		to, err2 := civil.ParseDay(last)
		switch {
		case cmp.Or(err, err2) != nil:
			d.Fail(lintyaml.At(x.Value), "write it as in 2026-05-01, or 2026-02-16 to 2026-02-23", "%q is neither a date nor two", text)
		case to < from || to-from >= maxHolidayDays:
			d.Fail(lintyaml.At(x.Value), "", "%q must be from 1 to %d days", text, maxHolidayDays)
		default:
			out = append(out, credit.Span{From: from, To: to})
		}
	}
	return apart(out)
}

// apart puts spans in order, and together where they touch.
func apart(spans []credit.Span) (out []credit.Span) {
	slices.SortFunc(spans, func(a, b credit.Span) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	for _, s := range spans {
		if n := len(out); n > 0 && s.From <= out[n-1].To+1 {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}
