package codec_test

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/register"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Whatever changes of a day's service, or of a category in it, changes its fingerprint.
func TestFingerprintOfService(t *testing.T) {
	seen := map[uint64]string{}
	check := func(name string, b value.Bucket) {
		days := codec.Days{Buckets: []value.Bucket{b}}
		n := days.Enter(nil)[0].Number
		if seen[n] != "" {
			t.Errorf("%s has the fingerprint of %s", name, seen[n])
		}
		seen[n] = name
	}
	check("nothing", value.Bucket{Day: 5})
	for i := range reflect.TypeFor[value.Service]().NumField() {
		s := value.Service{}
		reflect.ValueOf(&s).Elem().Field(i).SetInt(1)
		check(reflect.TypeFor[value.Service]().Field(i).Name, value.Bucket{Day: 5, Service: &s})
	}
	for _, c := range []value.Category{{Code: 1}, {Net: 1}, {Uncosted: 1}} {
		check("a category", value.Bucket{Day: 5, Categories: []value.Category{c}})
	}
}

// Lines add up by category, without tax.
func TestCategoriesOfLines(t *testing.T) {
	line := func(category string, amount, tax int64, cost *int64) *pb.OrderLine {
		return &pb.OrderLine{Category: category, AmountMinor: amount, TaxMinor: tax, CostMinor: cost}
	}
	got := codec.OrderDoc(&pb.OrderPlaced{Lines: []*pb.OrderLine{
		line("tea", 119, 19, proto.Int64(60)), line("", 10, 0, nil), line("cups", 50, 0, nil), line("tea", 20, 0, nil), line("cups", 5, 9, nil),
	}}, fx.Rate{}).Categories
	want := []register.Category{{Amount: 10}, {Name: "cups", Amount: 50}, {Name: "tea", Amount: 120, Cost: 60, Costed: 100}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if codec.OrderPatch(&pb.OrderAmended{}, fx.Rate{}).Categories != nil {
		t.Error("an amendment without lines says something of them")
	}
}
