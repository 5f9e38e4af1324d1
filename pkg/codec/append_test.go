package codec_test

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/register"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
	"github.com/tierstream/tierstream/pkg/watch"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// What is written by hand is what proto.Marshal gives for the message that it reads as, to the byte, and reads back as
// what was written.

// canonical says that b is how m is marshalled.
func canonical(t *rapid.T, b []byte, m proto.Message) {
	t.Helper()
	if err := proto.Unmarshal(b, m); err != nil {
		t.Fatal(err)
	}
	want, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, want) {
		t.Fatalf("wrote %x, want %x, which is %v", b, want, m)
	}
	if len(m.ProtoReflect().GetUnknown()) > 0 {
		t.Fatalf("wrote a field that %v doesn't have", m)
	}
}

// drawn fills a value of plain fields and lists of them. Numbers are often 0, small, or at their bounds.
func drawn[T any](t *rapid.T, name string) (x T) {
	fill(t, name, reflect.ValueOf(&x).Elem())
	return x
}

func fill(t *rapid.T, name string, v reflect.Value) {
	if v.Type() == reflect.TypeFor[fx.Rate]() { // without a currency there is none
		v.Set(reflect.ValueOf(rapid.SampledFrom([]fx.Rate{{}, {}, {Mantissa: 785, Places: 2, Code: fx.CodeOf("EUR")}, {Mantissa: math.MaxInt64, Code: fx.CodeOf("JPY")}}).Draw(t, name)))
		return
	}
	if v.Type() == reflect.TypeFor[*credit.Carried]() || v.Type() == reflect.TypeFor[*value.Carried]() {
		return // which is written nowhere
	}
	if !v.CanSet() {
		return // it isn't exported, and so not for writing either
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, name+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Slice:
		if n := rapid.SampledFrom([]int{0, 0, 1, 2, 9}).Draw(t, name); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
		}
		for i := range v.Len() {
			fill(t, name, v.Index(i))
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, name) {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, name, v.Elem())
		}
	case reflect.String:
		v.SetString(rapid.SampledFrom([]string{"", "", "a", "Größe", "an id that is as long as ids are as a rule", string(bytes.Repeat([]byte("x"), 130))}).Draw(t, name))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, name))
	case reflect.Array: // a currency
		v.Set(reflect.ValueOf(rapid.SampledFrom([]fx.Code{{}, {}, fx.CodeOf("EUR"), fx.CodeOf("JPY")}).Draw(t, name)))
	case reflect.Uint64:
		v.SetUint(rapid.SampledFrom([]uint64{0, 1, math.MaxUint64}).Draw(t, name))
	case reflect.Int64:
		v.SetInt(rapid.SampledFrom([]int64{0, 0, 1, -1, 127, 128, 123456789, math.MinInt64, math.MaxInt64}).Draw(t, name))
	case reflect.Int8:
		v.SetInt(rapid.Int64Range(0, 3).Draw(t, name))
	case reflect.Int32:
		v.SetInt(rapid.SampledFrom([]int64{0, 0, 1, -1, 127, 20454, math.MinInt32, math.MaxInt32}).Draw(t, name))
	case reflect.Int:
		v.SetInt(rapid.Int64Range(0, 2).Draw(t, name)) // of terms
	case reflect.Uint32: // the place of an item, which isn't written
	case reflect.Func: // whom a ledger tells of its changes: nobody
	default:
		t.Fatalf("%s is a %s", name, v.Kind())
	}
}

// What the blob has of a profile reads as the profile, but for the rest of what isn't known.
func TestCustomerProfile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn[register.Profile](t, "profile")
		if !p.Limit.Known {
			p.Limit = register.CreditLimit{}
		}
		if !p.Block.Known {
			p.Block = register.CreditBlock{}
		}
		if !p.Limit.HasUntil {
			p.Limit.Until = 0
		}
		if !p.Block.HasUntil {
			p.Block.Until = 0
		}
		if got := codec.ReadProfile(codec.CustomerProfile(p)); !reflect.DeepEqual(got, p) {
			t.Fatalf("%+v, want %+v", got, p)
		}
	})
}

func TestAppendProfileSlot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := register.ProfileFields(drawn[[]register.ProfileField](t, "fields"))
		for i := range p {
			if !p[i].HasUntil {
				p[i].Until = 0
			}
		}
		b := codec.AppendProfileSlot(nil, &p)
		canonical(t, b, &pb.ProfileSlot{})
		if got, err := codec.ReadProfileSlot(b); err != nil || !reflect.DeepEqual(got, p) {
			t.Fatalf("%+v, want %+v: %v", got, p, err)
		}
	})
}

func TestAppendSlots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slot(t, &pb.OrderSlot{}, codec.AppendOrderSlot, codec.ReadOrderSlot, func(s *codec.OrderSlot) {
			for i := range s.Entries {
				tidyOrder(&s.Entries[i].Body)
			}
			for i := range s.Returns {
				if r := &s.Returns[i]; !r.HasCost {
					r.Cost = 0
				}
			}
		})
		slot(t, &pb.ReturnSlot{}, codec.AppendReturnSlot, codec.ReadReturnSlot, func(s *codec.ReturnSlot) {
			for i := range s.Entries {
				if r := &s.Entries[i].Body; !r.HasCost {
					r.Cost = 0
				}
			}
		})
		slot(t, &pb.EngagementSlot{}, codec.AppendEngagementSlot, codec.ReadEngagementSlot, func(*codec.EngagementSlot) {})
		slot(t, &pb.InvoiceSlot{}, codec.AppendInvoiceSlot, codec.ReadInvoiceSlot, func(s *codec.InvoiceSlot) {
			for i := range s.Entries {
				if d := s.Entries[i].Body.Issued; d != nil && !d.Doc.HasDue {
					d.Doc.Due = 0
				}
				for j := range s.Entries[i].Body.Old {
					if d := &s.Entries[i].Body.Old[j]; !d.HasDue {
						d.Due = 0
					}
				}
			}
			for i := range s.Adjustments {
				if a := &s.Adjustments[i]; !a.HasDue {
					a.Due = 0
				}
			}
		})
		slot(t, &pb.PaymentSlot{}, codec.AppendPaymentSlot, codec.ReadPaymentSlot, func(s *codec.PaymentSlot) {
			for i := range s.Entries {
				if d := &s.Entries[i].Body.Doc; !d.HasValueDay {
					d.ValueDay = 0
				}
				if d := &s.Entries[i].Body.Doc; !d.HasMatures {
					d.Matures = 0
				}
			}
		})
	})
}

func slot[T any](t *rapid.T, m proto.Message, write func([]byte, *T) []byte, read func([]byte) (T, error), tidy func(*T)) {
	t.Helper()
	want := drawn[T](t, "slot")
	tidy(&want)
	b := write(nil, &want)
	canonical(t, b, m)
	got, err := read(b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, want %+v: %v", got, want, err)
	}
	if b := write(nil, nil); len(b) > 0 {
		t.Fatalf("nothing is %x", b)
	}
}

// tidyOrder has only what can be told from what is written.
func tidyOrder(o *register.Order) {
	if o.Placed != nil {
		if d := &o.Placed.Doc; !d.HasCost {
			d.Cost = 0
		}
		tidyTerms(&o.Placed.Doc.Terms)
	}
	for i := range o.Old {
		tidyTerms(&o.Old[i].Terms)
	}
	for i := range o.Amendments {
		p := &o.Amendments[i].Patch
		if p.Terms == nil {
			continue
		}
		if tidyTerms(p.Terms); p.Terms.Kind == register.Cash {
			p.Terms = nil
		}
	}
}

func tidyTerms(t *register.Terms) {
	switch t.Kind {
	case register.Days:
		t.Due = 0
	case register.Date:
		t.Days = 0
	default:
		*t = register.Terms{}
	}
}

func TestAppendLevel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := codec.Level{Number: drawn[int64](t, "number"), Fact: drawn[int64](t, "fact"), At: drawn[civil.Instant](t, "at"),
			CustomerID: drawn[string](t, "customer"), Version: drawn[int64](t, "version"), Rule: drawn[int64](t, "rule"),
			Value: drawn[value.Figures](t, "value"), Credit: drawn[credit.Figures](t, "credit"), NextDue: drawn[int64](t, "due"), Segment: drawn[int64](t, "segment"),
			Judged: drawn[credit.Judged](t, "judged"), Oldest: drawn[[]credit.Item](t, "oldest"), Signs: drawn[credit.Signs](t, "signs")}
		if rapid.Bool().Draw(t, "trigger") {
			l.Trigger = &pb.Trigger{Kind: pb.Trigger_TIME, EventId: drawn[string](t, "event"), Topic: "orders"}
		}
		tidyValue(&l.Value)
		for _, m := range []*figure.Micro{&l.Credit.OnTimeRate, &l.Credit.MeanDaysBeyondTerms, &l.Credit.Promptness, &l.Credit.DSO,
			&l.Credit.Undisputed.OnTimeRate, &l.Credit.Undisputed.Promptness, &l.Credit.Score, &l.Credit.RecentDays, &l.Credit.HabitDays, &l.Signs.OpenGrowth} {
			if !m.Known {
				m.Millionths = 0
			}
		}
		if !l.Credit.Limit.Known {
			l.Credit.Limit.Minor = 0
		}
		l.Credit.Utilisation = credit.Utilised(l.Credit.Exposure, l.Credit.Limit)
		got, written := &pb.Score{}, codec.AppendLevel(nil, &l)
		canonical(t, written, got)
		if l.Number > 0 {
			later := l
			later.Number = 0
			if b := codec.NumberScore(codec.AppendLevel(make([]byte, codec.NumberRoom), &later), l.Number); !bytes.Equal(b, written) {
				t.Fatalf("with its number later it is\n%x, not\n%x", b, written)
			}
		}
		want := &pb.Score{Number: l.Number, Fact: l.Fact, At: int64(l.At), Body: &pb.Score_Level{Level: &pb.Level{
			CustomerId: l.CustomerID, Version: l.Version, Rule: l.Rule, Trigger: l.Trigger, NextDue: l.NextDue, Segment: l.Segment,
			Value: codec.ValueLevel(l.Value), Credit: codec.CreditLevel(l.Credit), Overdue: codec.OverdueLevel(l.Judged, l.Oldest), Signs: codec.SignsLevel(l.Signs),
		}}}
		if !proto.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
		if v, c := codec.ValueFigures(got.GetLevel().Value), codec.CreditFigures(got.GetLevel().Credit); v != l.Value || c != l.Credit {
			t.Fatalf("%+v %+v, want %+v %+v", v, c, l.Value, l.Credit)
		}
		if j := codec.Judged(got.GetLevel().Overdue); j != l.Judged {
			t.Fatalf("judged %+v, want %+v", j, l.Judged)
		}
		if s := codec.Signs(got.GetLevel().Signs); s != l.Signs {
			t.Fatalf("signs %+v, want %+v", s, l.Signs)
		}
		read, err := codec.ReadScore(written)
		figures := tier.Figures{}
		if err := errors.Join(err, read.Figures.Read(&figures)); err != nil || read.Other != nil || figures != (tier.Figures{Value: l.Value, Credit: l.Credit, Judged: l.Judged, Signs: l.Signs}) {
			t.Fatalf("read %+v, want %+v: %v", figures, l, err)
		}
	})
}

// tidyValue has only what can be told from what is written.
func tidyValue(f *value.Figures) {
	for _, m := range []*figure.Micro{&f.MeanGap, &f.GapVariability, &f.Growth, &f.Breadth, &f.ReorderRatio, &f.TenureDays, &f.ContactDays, &f.Satisfaction, &f.Score, &f.Potential} {
		if !m.Known {
			m.Millionths = 0
		}
	}
	if !f.Contribution.Known {
		f.Contribution.Minor = 0
	}
}

func TestAppendTier(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &pb.TierCustomer{Tier: drawn[string](t, "tier"), Since: drawn[int64](t, "since"), Seq: drawn[int64](t, "seq"),
			Failing: drawn[int64](t, "failing"), Pending: drawn[int64](t, "pending"), Version: drawn[int64](t, "version"),
			At: drawn[int64](t, "at"), Erased: drawn[bool](t, "erased"), NextDue: drawn[int64](t, "due")}
		if rapid.Bool().Draw(t, "figures") {
			p.Value, p.Credit = codec.ValueLevel(drawn[value.Figures](t, "value")), codec.CreditLevel(drawn[credit.Figures](t, "credit"))
		}
		if rapid.Bool().Draw(t, "watched") {
			p.Overdue = codec.OverdueLevel(drawn[credit.Judged](t, "judged"), drawn[[]credit.Item](t, "oldest"))
			p.Signs = codec.SignsLevel(drawn[credit.Signs](t, "signs"))
			p.Alerts, p.Signals = codec.WatchState(drawn[watch.State](t, "alerts")), codec.WatchState(drawn[watch.State](t, "signals"))
		}
		if rapid.Bool().Draw(t, "unknown") {
			p.ProtoReflect().SetUnknown([]byte{0xf8, 0x01, 5})
		}
		want, err := proto.MarshalOptions{Deterministic: true}.Marshal(p)
		if got := rewritten(t, want); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("wrote %x, want %x, which is %v: %v", got, want, p, err)
		}
	})
}

// rewritten is a blob of tierchange after it was read.
func rewritten(t interface{ Fatal(...any) }, blob []byte) []byte {
	c, err := codec.ReadTier(blob)
	if err != nil {
		t.Fatal(err)
	}
	return codec.AppendTier(nil, &c)
}
