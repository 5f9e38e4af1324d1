package codec

import (
	"maps"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/register"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// ProfileSaid is what a profile says of the fields that figures look at. Where it clears a field that it gives too, it
// clears it. Its limit is told in the base currency, by the rate of the profile.
func ProfileSaid(p *pb.ProfileEvent, rate fx.Rate) []register.ProfileField {
	said := register.Version{Revision: p.Revision, OccurredAt: civil.FromTime(p.OccurredAt.AsTime()), EventID: p.EventId}
	fields := map[string]register.ProfileField{}
	add := func(f register.ProfileField) {
		f.Said = said
		fields[f.Name] = f
	}
	profileTexts(p, add)
	profileCredit(p, rate, add)
	for name, x := range p.Ratings {
		add(register.ProfileField{Name: register.ProfileRatings + "/" + name, Number: int64(math.RoundToEven(x * figure.One))})
	}
	for name, text := range p.Attributes {
		add(register.ProfileField{Name: register.ProfileAttributes + "/" + name, Text: text})
	}
	for _, name := range p.Clear {
		if name = clears(name); name != "" {
			add(register.ProfileField{Name: name, Removed: true})
		}
	}
	out := make([]register.ProfileField, 0, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		out = append(out, fields[name])
	}
	return out
}

func profileTexts(p *pb.ProfileEvent, add func(register.ProfileField)) {
	if p.Industry != nil {
		add(register.ProfileField{Name: register.ProfileIndustry, Text: *p.Industry})
	}
	if p.Size != nil {
		add(register.ProfileField{Name: register.ProfileSize, Text: *p.Size})
	}
	if p.Region != nil {
		add(register.ProfileField{Name: register.ProfileRegion, Text: *p.Region})
	}
	if p.Closed != nil {
		f := register.ProfileField{Name: register.ProfileClosed}
		if *p.Closed {
			f.Number = 1
		}
		add(f)
	}
}

func profileCredit(p *pb.ProfileEvent, rate fx.Rate, add func(register.ProfileField)) {
	if l := p.CreditLimit; l != nil {
		until, has := day(l.ValidUntil)
		add(register.ProfileField{Name: register.ProfileLimit, Text: l.Currency, Number: rate.Base(l.AmountMinor), Until: until, HasUntil: has})
	}
	if b := p.CreditBlock; b != nil {
		until, has := day(b.Until)
		add(register.ProfileField{Name: register.ProfileBlock, Text: b.Reason, Until: until, HasUntil: has})
	}
	if r := p.CreditRating; r != nil {
		add(register.ProfileField{Name: register.ProfileRating, Text: r.Grade, From: r.Source})
	}
}

// clears is the field that a name in clear[] means, or empty: one of a group is named with a dot.
func clears(name string) string {
	for _, group := range []string{register.ProfileRatings, register.ProfileAttributes} {
		if own, ok := strings.CutPrefix(name, group+"."); ok {
			return group + "/" + own
		}
	}
	switch name {
	case register.ProfileIndustry, register.ProfileSize, register.ProfileRegion, register.ProfileClosed, register.ProfileLimit,
		register.ProfileBlock, register.ProfileRating, register.ProfileRatings, register.ProfileAttributes:
		return name
	}
	return ""
}

// AppendProfileSlot appends what Redis holds of a profile's register; nothing where there is nothing in it.
func AppendProfileSlot(b []byte, p *register.ProfileFields) []byte {
	w := pen(b)
	if p == nil {
		return w
	}
	for i := range *p {
		f := &(*p)[i]
		from := w.begin(1)
		w.text(1, f.Name)
		w.version(2, &f.Said)
		w.bool(3, f.Removed)
		w.text(4, f.Text)
		w.text(5, f.From)
		w.int(6, f.Number)
		if f.HasUntil {
			w.presentZigzag(7, int64(f.Until))
		}
		w.end(from)
	}
	return w
}

// ReadProfileSlot reads what AppendProfileSlot wrote.
func ReadProfileSlot(b []byte) (out register.ProfileFields, err error) {
	p := &pb.ProfileSlot{}
	if err := proto.Unmarshal(b, p); err != nil {
		return nil, err
	}
	for _, f := range p.Fields {
		out = append(out, register.ProfileField{Name: f.Name, Said: readVersion(f.Said), Removed: f.Removed, Text: f.Text, From: f.From,
			Number: f.Number, Until: civil.Day(f.GetUntil()), HasUntil: f.Until != nil})
	}
	return out, nil
}

// CustomerProfile is a profile as the customer's blob has it; nil where there is nothing in it.
func CustomerProfile(p register.Profile) *pb.CustomerProfile {
	out := &pb.CustomerProfile{Industry: p.Industry, Size: p.Size, Region: p.Region, Closed: p.Closed, Grade: p.Rating.Grade, GradeSource: p.Rating.Source}
	for _, r := range p.Ratings {
		out.Ratings = append(out.Ratings, &pb.ProfileRating{Name: r.Name, Millionths: r.Millionths})
	}
	for _, a := range p.Attributes {
		out.Attributes = append(out.Attributes, &pb.ProfileAttribute{Name: a.Name, Text: a.Text})
	}
	if l := p.Limit; l.Known {
		out.Limit = &pb.ProfileLimit{Amount: l.Amount, Until: optionalDay(l.Until, l.HasUntil)}
	}
	if b := p.Block; b.Known {
		out.Block = &pb.ProfileBlock{Reason: b.Reason, Until: optionalDay(b.Until, b.HasUntil)}
	}
	if proto.Size(out) == 0 {
		return nil
	}
	return out
}

func optionalDay(d civil.Day, has bool) *int32 {
	if !has {
		return nil
	}
	n := int32(d)
	return &n
}

// ReadProfile reads what CustomerProfile made.
func ReadProfile(p *pb.CustomerProfile) (out register.Profile) {
	if p == nil {
		return out
	}
	out = register.Profile{Industry: p.Industry, Size: p.Size, Region: p.Region, Closed: p.Closed, Rating: register.CreditRating{Grade: p.Grade, Source: p.GradeSource}}
	for _, r := range p.Ratings {
		out.Ratings = append(out.Ratings, register.Rating{Name: r.Name, Millionths: r.Millionths})
	}
	for _, a := range p.Attributes {
		out.Attributes = append(out.Attributes, register.Attribute{Name: a.Name, Text: a.Text})
	}
	if l := p.Limit; l != nil {
		out.Limit = register.CreditLimit{Known: true, Amount: l.Amount, Until: civil.Day(l.GetUntil()), HasUntil: l.Until != nil}
	}
	if b := p.Block; b != nil {
		out.Block = register.CreditBlock{Known: true, Reason: b.Reason, Until: civil.Day(b.GetUntil()), HasUntil: b.Until != nil}
	}
	return out
}

func (w *pen) profile(n protowire.Number, p *pb.CustomerProfile) {
	if p == nil {
		return
	}
	from := w.begin(n)
	w.text(1, p.Industry)
	w.text(2, p.Size)
	w.text(3, p.Region)
	w.bool(4, p.Closed)
	for _, r := range p.Ratings {
		from := w.begin(5)
		w.text(1, r.Name)
		w.int(2, r.Millionths)
		w.close(from, r)
	}
	for _, a := range p.Attributes {
		from := w.begin(6)
		w.text(1, a.Name)
		w.text(2, a.Text)
		w.close(from, a)
	}
	if l := p.Limit; l != nil {
		from := w.begin(7)
		w.int(1, l.Amount)
		w.until(l.Until)
		w.close(from, l)
	}
	if b := p.Block; b != nil {
		from := w.begin(8)
		w.text(1, b.Reason)
		w.until(b.Until)
		w.close(from, b)
	}
	w.text(9, p.Grade)
	w.text(10, p.GradeSource)
	w.close(from, p)
}

func (w *pen) until(day *int32) {
	if day != nil {
		w.presentZigzag(2, int64(*day))
	}
}
