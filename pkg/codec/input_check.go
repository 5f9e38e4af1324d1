package codec

import (
	"cmp"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tierstream/tierstream/pkg/civil"
)

// checker looks through an event that has been read.
type checker struct {
	*findings
	currency string
	path     trail
	unknown  int // fields of protobuf that no release up to this one has

	foreign string // a currency of amounts that isn't the policy's, and where it stands; empty: there is none
	at      string
	most    int64 // the highest amount
	where   string
}

func (c *checker) event(e event) {
	c.path = make(trail, 0, 8)
	c.required(e)
	c.message(e.message, e.plan)
}

// message checks what is set, and says whether an amount is.
func (c *checker) message(m protoreflect.Message, p *plan) (amounts bool) {
	c.unknown += countFields(m.GetUnknown())
	for i := range p.fields {
		f := &p.fields[i]
		if !m.Has(f.desc) {
			continue
		}
		c.path.push(f.name)
		amounts = c.field(m, f) || amounts
		c.path.pop()
	}
	if cur := p.currency; cur != nil && amounts && !cur.desc.HasPresence() && m.Get(cur.desc).String() == "" {
		if path := c.path.to(cur.name); !c.has(path) {
			c.add(BadCurrency, path, "missing beside an amount")
		}
	}
	return amounts
}

func (c *checker) field(m protoreflect.Message, f *field) (amounts bool) {
	v := m.Get(f.desc)
	switch {
	case f.desc.IsMap():
		c.table(v.Map(), f.role)
	case f.desc.IsList():
		if f.sub == nil {
			c.names(v.List(), f.role)
			return false
		}
		for i := range v.List().Len() {
			c.path.pushIndex(i)
			amounts = c.message(v.List().Get(i).Message(), f.sub) || amounts
			c.path.pop()
		}
	case f.sub != nil:
		return c.message(v.Message(), f.sub)
	case f.desc.Kind() == protoreflect.StringKind:
		c.text(m, f, v.String())
	case f.role == asKind:
		if f.desc.Enum().Values().ByNumber(v.Enum()) == nil {
			c.note(UnknownKind, fmt.Sprintf("%d is not known", v.Enum()))
		}
	default:
		c.wrong(f.role, v)
		return f.role == asAmount && v.Int() != 0
	}
	return amounts
}

// text checks a text. An empty currency or date is as good as none, also where amended could tell them apart.
func (c *checker) text(m protoreflect.Message, f *field, s string) {
	switch f.role {
	case asID:
		c.note(BadID, wrongID(s, maxID))
	case asSource:
		c.note(BadID, wrongID(s, maxSource))
	case asText:
		c.note(Malformed, wrongText(s))
	case asDate, asLastingDate, asCurrency:
		if s == "" {
			m.Clear(f.desc)
			return
		}
		if f.role == asCurrency {
			c.code(s)
			return
		}
		c.note(BadTime, wrongDate(s, f.role == asLastingDate))
	case asBase:
		switch {
		case !isCurrency(s):
			c.note(BadCurrency, short(s)+" is not a code of ISO 4217")
		case c.currency != "" && s != c.currency:
			c.note(BadCurrency, s+" is not the currency of this deployment, which is "+c.currency)
		}
	}
}

// names checks the names that a profile clears.
func (c *checker) names(l protoreflect.List, as role) {
	if as != asCleared {
		return
	}
	c.note(Malformed, wrongCount(l.Len()))
	for i := range l.Len() {
		c.path.pushIndex(i)
		c.note(Malformed, wrongText(l.Get(i).String()))
		c.path.pop()
	}
}

// code checks the currency of amounts.
func (c *checker) code(s string) {
	switch {
	case s == c.currency:
	case !isCurrency(s):
		c.note(BadCurrency, short(s)+" is not a code of ISO 4217")
	case c.currency != "":
		c.foreign, c.at = s, c.path.String()
	}
}

// wrong checks what is no text.
func (c *checker) wrong(as role, v protoreflect.Value) {
	switch as {
	case asAmount:
		c.note(BadAmount, wrongAmount(v.Int()))
		if v.Int() > c.most {
			c.most, c.where = v.Int(), c.path.String()
		}
	case asTerms:
		if days := v.Int(); days < 0 || days > maxTerms {
			c.note(BadTime, fmt.Sprintf("%d is outside 0 to %d", days, maxTerms))
		}
	case asNumber:
		c.note(Malformed, wrongNumber(v.Float(), 0))
	case asScore:
		c.note(Malformed, wrongNumber(v.Float(), 10))
	case asInstant:
		c.instant(v.Message())
	}
}

func (c *checker) instant(m protoreflect.Message) {
	t, ok := m.Interface().(*timestamppb.Timestamp)
	if !ok || t.CheckValid() != nil || outside(civil.FromTime(t.AsTime())) {
		c.note(BadTime, "an instant"+outsideYears)
	}
}

// table checks a map. Of several mistakes it names the one under the smallest name: maps have no order.
func (c *checker) table(m protoreflect.Map, as role) {
	if as == asRating || as == asTexts {
		c.note(Malformed, wrongCount(m.Len()))
	}
	worst, code, wrong := "", Code(""), ""
	m.Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		if at, what := c.wrongEntry(k.String(), v, as); what != "" && (wrong == "" || k.String() < worst) {
			worst, code, wrong = k.String(), at, what
		}
		return true
	})
	if wrong != "" {
		c.path.push("[" + short(worst) + "]")
		c.note(code, wrong)
		c.path.pop()
	}
}

func (c *checker) wrongEntry(key string, v protoreflect.Value, as role) (Code, string) {
	if as == asRating || as == asTexts {
		if wrong := wrongID(key, maxID); wrong != "" {
			return BadID, wrong
		}
	}
	switch {
	case as == asRating:
		return Malformed, wrongNumber(v.Float(), 100)
	case as == asTexts:
		return Malformed, wrongText(v.String())
	case as == asRates && !isCurrency(key):
		return BadCurrency, "not a code of ISO 4217"
	case as == asRates:
		return BadAmount, wrongRate(v.String(), key, cmp.Or(c.currency, key))
	}
	return "", ""
}

func (c *checker) note(code Code, wrong string) {
	if wrong != "" {
		c.add(code, c.path.String(), wrong)
	}
}

// countFields counts the fields of bytes that a message kept without knowing them.
func countFields(b []byte) (n int) {
	for len(b) > 0 {
		_, _, size := protowire.ConsumeField(b)
		if size < 0 {
			return n + 1
		}
		b = b[size:]
		n++
	}
	return n
}
