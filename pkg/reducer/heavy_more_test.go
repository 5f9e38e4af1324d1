package reducer_test

import (
	"fmt"

	"github.com/tierstream/tierstream/pkg/civil"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// moreScenes are those of what is no matter of credit, of the very last order, and of what else finance systems send.
var moreScenes = []sceneOf{
	{name: "cash-order", cash: true, scene: cashOrderScene},
	{name: "cash-paid", cash: true, scene: cashPaidScene},
	{name: "cash-return", cash: true, scene: cashReturnScene},
	{name: "cash-amend", cash: true, scene: cashAmendScene},
	{name: "cash-cancel", cash: true, scene: cashCancelScene},
	{name: "cash-cancel-last", cash: true, scene: cashCancelLastScene},
	{name: "cash-served", cash: true, scene: servedScene},
	{name: "cancel-last", scene: cancelLastScene},
	{name: "billed-cancel-last", billed: true, scene: cancelLastScene},
	{name: "debit", scene: debitScene},
	{name: "free-debit", free: true, scene: freeDebitScene},
	{name: "billed-debit", billed: true, scene: billed(debitScene)},
	{name: "amend-due", scene: amendDueScene},
	{name: "promise", scene: promiseScene},
	{name: "failed", scene: failedScene},
	{name: "over", scene: overScene},
	{name: "free", scene: freeScene},
	{name: "free-free", free: true, scene: freeScene},
	{name: "return-of-nothing", scene: returnOfNothingScene},
	{name: "prepaid", scene: prepaidOrderScene},
	{name: "order-prepaid", scene: orderPrepaidScene},
	{name: "billed-void-paid", billed: true, scene: voidPaidScene},
	{name: "billed-again", billed: true, scene: billedAgainScene},

	// Five items are in a page each of a large customer, and ten days of trade lie between.
	{name: "paid-five", scene: paidFiveScene},
	{name: "ten-days-late", scene: tenDaysLateScene},
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
	is := bought(fmt.Sprintf("a%d", n), "anna", now-4*civil.FullDay, 60)
	return []*pb.Fact{boughtAgo(n, now, 4)}, amended(toldAt(now, is))
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

// debitScene is a debit note on an order that is open.
func debitScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	return append(rest(n, "a", now, 140), owed(order, now, 4, 7)), adjusted("c"+order, order, "anna", now, pb.InvoiceAdjusted_DEBIT_NOTE, 40)
}

// freeDebitScene is one on what free money pays next.
func freeDebitScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%06d", n)
	var before []*pb.Fact
	if n > 0 {
		before = append(before, paid("rest-"+order, "", "anna", now, 140))
	}
	return append(before, owed(order, now, 4, 1)), adjusted("c"+order, order, "anna", now, pb.InvoiceAdjusted_DEBIT_NOTE, 40)
}

// amendDueScene has an order that is open fall due later.
func amendDueScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	return append(rest(n, "a", now, 100), owed(order, now, 4, 7)), amended(owed(order, now, 4, 12))
}

// promiseScene is a promise to pay it.
func promiseScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	return append(rest(n, "a", now, 100), owed(order, now, 4, 7)), promised(order, "anna", now, 100, 5)
}

// failedScene is an attempt to pay it.
func failedScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	f := paid("q"+order, order, "anna", now, 100)
	f.GetPayment().Kind = &pb.PaymentEvent_Failed{Failed: &pb.PaymentFailed{}}
	return append(rest(n, "a", now, 100), owed(order, now, 4, 7)), f
}

// overScene pays it, and a part of what falls due first.
func overScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order, other := fmt.Sprintf("a%d", n), fmt.Sprintf("b%d", n)
	return append(rest(n, "b", now, 60), owed(other, now, 5, 1), owed(order, now, 4, 7)), paid("p"+order, order, "anna", now, 140)
}

// freeScene is a payment of today that names nothing.
func freeScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%06d", n)
	return []*pb.Fact{owed(order, now, 5, 1)}, paid("p"+order, "", "anna", now, 100)
}

// returnOfNothingScene is a return that names no order.
func returnOfNothingScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	return nil, returned(fmt.Sprintf("r%d", n), "", "anna", now, 40)
}

// prepaidOrderScene is a payment for an order that is still to come.
func prepaidOrderScene(n int, now civil.Instant) (before []*pb.Fact, _ *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	if n > 0 {
		before = append(before, owed(fmt.Sprintf("a%d", n-1), now, 0, 7))
	}
	return before, paid("p"+order, order, "anna", now, 100)
}

// orderPrepaidScene is that order.
func orderPrepaidScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	return []*pb.Fact{paid("p"+order, order, "anna", now, 100)}, owed(order, now, 0, 7)
}

// voidPaidScene has an invoice be void that is paid in part. The money goes to what falls due first.
func voidPaidScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order, other := fmt.Sprintf("a%d", n), fmt.Sprintf("b%d", n)
	before := append(append(rest(n, "b", now, 60), owed(other, now, 5, 1)), billedAgo(order, now, 4, 7)...)
	return append(before, toldAt(now, paid("p"+order, "i"+order, "anna", now-2*civil.FullDay, 40))), voided("i"+order, "anna", now)
}

// billedAgainScene is an invoice in place of another, due later.
func billedAgainScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	again := billedAgo(order, now, 4, 12)[1]
	again.GetInvoice().Revision, again.GetInvoice().EventId = 2, "again-"+order
	return append(rest(n, "ia", now, 100), billedAgo(order, now, 4, 7)...), again
}

// paidFiveScene is a payment for five orders.
func paidFiveScene(n int, now civil.Instant) (before []*pb.Fact, _ *pb.Fact) {
	f := paid(fmt.Sprintf("p%d", n), "", "anna", now, 500)
	received := f.GetPayment().GetReceived()
	for i := range 5 {
		order := fmt.Sprintf("a%d-%d", n, i)
		before = append(before, owed(order, now, 4, 7))
		received.Allocations = append(received.Allocations, &pb.Allocation{InvoiceId: order})
	}
	return before, f
}

// tenDaysLateScene is a payment of ten days ago that names nothing, after today's have been spent.
func tenDaysLateScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order, before := spent(n, now)
	return before, late(paid("p"+order, "", "anna", now, 100), now, 10)
}
