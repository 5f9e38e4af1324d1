package reducer_test

import (
	"fmt"

	"github.com/tierstream/tierstream/pkg/civil"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Scenes of what is no matter of credit, or takes back the very last order.

// cashScenes are those.
var cashScenes = []sceneOf{
	{name: "cash-order", cash: true, scene: cashOrderScene},
	{name: "cash-paid", cash: true, scene: cashPaidScene},
	{name: "cash-return", cash: true, scene: cashReturnScene},
	{name: "cash-amend", cash: true, scene: cashAmendScene},
	{name: "cash-cancel", cash: true, scene: cashCancelScene},
	{name: "cash-cancel-last", cash: true, scene: cashCancelLastScene},
	{name: "cash-served", cash: true, scene: servedScene},
	{name: "cancel-last", scene: cancelLastScene},
	{name: "billed-cancel-last", billed: true, scene: cancelLastScene},
}

// boughtAgo is an order for cash of some days ago.
func boughtAgo(n int, now civil.Instant, ago int) *pb.Fact {
	return toldAt(now, bought(fmt.Sprintf("a%d", n), "anna", now-civil.Instant(ago)*civil.FullDay, 100))
}

// cashOrderScene is an order that is paid at once.
func cashOrderScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	return nil, boughtAgo(n, now, 0)
}

// cashPaidScene is what pays it.
func cashPaidScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	return []*pb.Fact{boughtAgo(n, now, 0)}, paid("p"+order, order, "anna", now, 100)
}

// cashReturnScene is a return of a part of one of some days ago.
func cashReturnScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	return []*pb.Fact{boughtAgo(n, now, 4)}, returned("r"+order, order, "anna", now, 40)
}

// cashAmendScene has it be of another amount.
func cashAmendScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	is := toldAt(now, bought(fmt.Sprintf("a%d", n), "anna", now-4*civil.FullDay, 60))
	is.GetOrder().Revision, is.GetOrder().EventId = 2, fmt.Sprintf("amended-%d", n)
	return []*pb.Fact{boughtAgo(n, now, 4)}, is
}

// cashCancelScene cancels it.
func cashCancelScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	return []*pb.Fact{boughtAgo(n, now, 4)}, cancelled(fmt.Sprintf("a%d", n), "anna", now)
}

// cashCancelLastScene cancels the last order of all.
func cashCancelLastScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	return []*pb.Fact{boughtAgo(n, now, 0)}, cancelled(fmt.Sprintf("a%d", n), "anna", now)
}

// cancelLastScene cancels one on terms.
func cancelLastScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	return []*pb.Fact{owed(order, now, 0, 7)}, cancelled(order, "anna", now)
}

// servedScene is somebody's time for the customer on one of thirty days: what came of a day is known again by 8 bytes each, in one register.
func servedScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	return nil, toldAt(now, engaged(fmt.Sprintf("s%d", n), "anna", now-civil.Instant(n%30)*civil.FullDay, contacted(5, 0, false)))
}
