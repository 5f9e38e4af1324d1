package codec_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/register"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

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
