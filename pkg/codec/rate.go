package codec

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tierstream/tierstream/pkg/fx"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// AppliedRate is a quote as a fact carries it.
func AppliedRate(q fx.Quote) *pb.AppliedRate {
	r := q.Rate
	return &pb.AppliedRate{Currency: r.Code.String(), Mantissa: r.Mantissa, Places: r.Places, AsOf: q.AsOf.String(), Version: q.Version}
}

// RateOf is what the amounts in a fact count by; the zero rate: they are of the base currency.
func RateOf(f *pb.Fact) fx.Rate {
	a := f.GetRate()
	if a == nil {
		return fx.Rate{}
	}
	return fx.Rate{Mantissa: a.Mantissa, Places: a.Places, Code: fx.CodeOf(a.Currency)}
}

// rate writes what readRate reads; nothing of the base currency.
func (w *pen) rate(n protowire.Number, r *fx.Rate) {
	if r.Foreign() {
		w.presentRate(n, r)
	}
}

func (w *pen) presentRate(n protowire.Number, r *fx.Rate) {
	from := w.begin(n)
	w.code(1, r.Code)
	w.int(2, r.Mantissa)
	w.int(3, int64(r.Places))
	w.end(from)
}

func (w *pen) code(n protowire.Number, c fx.Code) {
	if c != (fx.Code{}) {
		w.presentBytes(n, c[:])
	}
}

func readRate(p *pb.Rate) fx.Rate {
	if p == nil {
		return fx.Rate{}
	}
	return fx.Rate{Mantissa: p.Mantissa, Places: p.Places, Code: fx.CodeOf(p.Currency)}
}
