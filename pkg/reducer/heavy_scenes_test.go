package reducer_test

import (
	"fmt"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// scene is what reaches into what is settled already, between documents in the order of time: what comes before, and the event that
// is measured. It is the n-th of its customer, and leaves nothing open and nothing over when the next begins.
type scene func(n int, now civil.Instant) (before []*pb.Fact, event *pb.Fact)

// sceneOf is a scene with the trade that was before.
type sceneOf struct {
	name   string
	abroad bool // all that is on credit is of another currency
	free   bool // no payment before says what it is for
	billed bool // each order has an invoice
	cash   bool // each is paid at once
	scene  scene
}

// scenes by name. What falls due first at the end of the two years is each scene's own, so that free money goes there at any size.
var scenes = []sceneOf{
	{name: "order", scene: orderScene},
	{name: "return", scene: returnScene},
	{name: "after-return", scene: afterReturnScene},
	{name: "note", scene: noteScene},
	{name: "note-invoice", scene: noteInvoiceScene},
	{name: "late", scene: lateScene},
	{name: "late-free", scene: lateFreeScene},
	{name: "refund", scene: refundScene},
	{name: "cancel-paid", scene: cancelPaidScene},
	{name: "return-paid", scene: returnPaidScene},
	{name: "return-late", scene: returnLateScene},
	{name: "note-paid", scene: notePaidScene},
	{name: "write-off", scene: writeOffScene},
	{name: "net", scene: netScene},
	{name: "amend-paid", scene: amendPaidScene},
	{name: "late-order", scene: lateOrderScene},
	{name: "bounced", scene: bouncedScene},
	{name: "free-late", free: true, scene: lateFreeScene},
	{name: "free-late-order", free: true, scene: lateOrderScene},
	{name: "free-bounced", free: true, scene: bouncedScene},
	{name: "free-cancel", free: true, scene: cancelPaidScene},
	{name: "refund-spent", free: true, scene: refundSpentScene},
	{name: "billed-order", billed: true, scene: billed(orderScene)},
	{name: "billed-return", billed: true, scene: billed(returnScene)},
	{name: "billed-note", billed: true, scene: billed(noteScene)},
	{name: "billed-late", billed: true, scene: billed(lateScene)},
	{name: "billed-late-free", billed: true, scene: billed(lateFreeScene)},
	{name: "billed-refund", billed: true, scene: billed(refundScene)},
	{name: "billed-cancel-paid", billed: true, scene: billed(cancelPaidScene)},
	{name: "billed-return-paid", billed: true, scene: billed(returnPaidScene)},
	{name: "billed-return-late", billed: true, scene: billed(returnLateScene)},
	{name: "billed-note-paid", billed: true, scene: billed(notePaidScene)},
	{name: "billed-write-off", billed: true, scene: billed(writeOffScene)},
	{name: "billed-net", billed: true, scene: billed(netScene)},
	{name: "billed-amend-paid", billed: true, scene: billed(amendPaidScene)},
	{name: "billed-late-order", billed: true, scene: billed(lateOrderScene)},
	{name: "billed-bounced", billed: true, scene: billed(bouncedScene)},
	{name: "billed-free-late", billed: true, free: true, scene: billed(lateFreeScene)},
	{name: "billed-free-late-order", billed: true, free: true, scene: billed(lateOrderScene)},
	{name: "billed-free-bounced", billed: true, free: true, scene: billed(bouncedScene)},
	{name: "billed-free-cancel", billed: true, free: true, scene: billed(cancelPaidScene)},
	{name: "billed-placed", billed: true, scene: placedScene},
	{name: "billed-void", billed: true, scene: voidScene},
	{name: "billed-two", billed: true, scene: twoScene},
	{name: "billed-discount", billed: true, scene: discountScene},
	{name: "billed-dispute", billed: true, scene: disputeScene},
	{name: "billed-partial", billed: true, scene: partialScene},
	{name: "billed-prepaid", billed: true, scene: prepaidScene},
	{name: "abroad", abroad: true, scene: abroadScene},
}

// toldAt is a fact that is told now, whenever it was.
func toldAt(now civil.Instant, f *pb.Fact) *pb.Fact {
	f.At = int64(now)
	return f
}

// owed is an order of some days ago, on terms that end so many days after it.
func owed(order string, now civil.Instant, ago, terms int) *pb.Fact {
	return toldAt(now, credited(order, "anna", now-civil.Instant(ago)*civil.FullDay, 100, int32(terms)))
}

// amended is an order as its second revision.
func amended(is *pb.Fact) *pb.Fact {
	o := is.GetOrder()
	o.Revision, o.EventId = 2, "amended-"+o.OrderId
	return is
}

// rest pays what the scene before has left of an item.
func rest(n int, item string, now civil.Instant, major int64) []*pb.Fact {
	if n == 0 {
		return nil
	}
	item = fmt.Sprintf("%s%d", item, n-1)
	return []*pb.Fact{paid("rest-"+item, item, "anna", now, major)}
}

// orderScene is an order that falls due among others.
func orderScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	return nil, credited(fmt.Sprintf("n%d", n), "anna", now, 100, 5)
}

// returnScene is a return of a part of an order that is open.
func returnScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	return append(rest(n, "a", now, 60), owed(order, now, 4, 7)), returned("r"+order, order, "anna", now, 40)
}

// afterReturnScene is an order and what pays it, in turns. Before each order a part of another has been returned and the rest paid.
func afterReturnScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("b%d", n/2)
	if n%2 > 0 {
		return nil, paid("p"+order, order, "anna", now, 100)
	}
	before, back := returnScene(n, now)
	if n > 0 {
		before = before[1:]
	}
	before = append(before, back)
	return append(before, rest(n+1, "a", now, 60)...), credited(order, "anna", now, 100, 7)
}

// noteScene is a credit note on an order with terms that is open.
func noteScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	return append(rest(n, "a", now, 60), owed(order, now, 4, 7)),
		adjusted("c"+order, order, "anna", now, pb.InvoiceAdjusted_CREDIT_NOTE, 40)
}

// noteInvoiceScene is a credit note on an invoice that is open.
func noteInvoiceScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	id := fmt.Sprintf("a%d", n)
	return append(rest(n, "a", now, 60), toldAt(now, invoiced(id, "", "anna", now-3*civil.FullDay, 100))),
		adjusted("c"+id, id, "anna", now, pb.InvoiceAdjusted_CREDIT_NOTE, 40)
}

// spent are two orders that fall due before all others, the first of which free money of today has paid.
func spent(n int, now civil.Instant) (second string, before []*pb.Fact) {
	first := fmt.Sprintf("a%06d", n)
	second = first + "-2"
	return second, []*pb.Fact{owed(first, now, 5, 1), owed(second, now, 5, 1), paid("p"+first, "", "anna", now, 100)}
}

// late is a payment that is told now, of a value day some days ago.
func late(f *pb.Fact, now civil.Instant, days int) *pb.Fact {
	day := (now - civil.Instant(days)*civil.FullDay).Time().Format(time.DateOnly)
	f.GetPayment().GetReceived().ValueDate = day
	return f
}

// lateScene is a payment of three days ago that names what it pays, after free money has been spent.
func lateScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order, before := spent(n, now)
	return before, late(paid("p"+order, order, "anna", now, 100), now, 3)
}

// lateFreeScene is one that names nothing: it pays what today's has paid, which pays the other order now.
func lateFreeScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order, before := spent(n, now)
	return before, late(paid("p"+order, "", "anna", now, 100), now, 3)
}

// refunded gives back a part of the payment of an order's scene.
func refunded(order string, now civil.Instant, major int64) *pb.Fact {
	back := paid("p"+order, "", "anna", now, 0)
	back.GetPayment().EventId = "back-" + order
	back.GetPayment().Kind = &pb.PaymentEvent_Refunded{Refunded: &pb.PaymentRefunded{RefundId: "f" + order, AmountMinor: major * 100, Currency: "CNY"}}
	return back
}

// refundScene gives back a part of a payment that has paid an order.
func refundScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	payment := paid("p"+order, order, "anna", now-2*civil.FullDay, 100)
	return append(rest(n, "a", now, 40), owed(order, now, 5, 7), toldAt(now, payment)), refunded(order, now, 40)
}

// cancelPaidScene cancels an order that is paid in part. The money goes to what falls due first.
func cancelPaidScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order, other := fmt.Sprintf("a%d", n), fmt.Sprintf("b%d", n)
	payment := paid("p"+order, order, "anna", now-2*civil.FullDay, 40)
	return append(rest(n, "b", now, 60), owed(other, now, 5, 1), owed(order, now, 4, 7), toldAt(now, payment)), cancelled(order, "anna", now)
}

// returnPaidScene returns a part of an order that is paid. The money goes to what falls due first.
func returnPaidScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order, other := fmt.Sprintf("a%d", n), fmt.Sprintf("b%d", n)
	payment := paid("p"+order, order, "anna", now-2*civil.FullDay, 100)
	return append(rest(n, "b", now, 60), owed(other, now, 5, 1), owed(order, now, 4, 7), toldAt(now, payment)), returned("r"+order, order, "anna", now, 40)
}

// returnLateScene is one that is told a day late.
func returnLateScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	before, _ := returnPaidScene(n, now)
	order := fmt.Sprintf("a%d", n)
	return before, toldAt(now, returned("r"+order, order, "anna", now-civil.FullDay, 40))
}

// notePaidScene is a credit note on it.
func notePaidScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	before, _ := returnPaidScene(n, now)
	order := fmt.Sprintf("a%d", n)
	return before, adjusted("c"+order, order, "anna", now, pb.InvoiceAdjusted_CREDIT_NOTE, 40)
}

// amendPaidScene has it be of another amount.
func amendPaidScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	before, _ := returnPaidScene(n, now)
	order := fmt.Sprintf("a%d", n)
	return before, amended(toldAt(now, credited(order, "anna", now-4*civil.FullDay, 60, 7)))
}

// writeOffScene writes off a part of an order that is open.
func writeOffScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	return append(rest(n, "a", now, 60), owed(order, now, 4, 7)), adjusted("c"+order, order, "anna", now, pb.InvoiceAdjusted_WRITE_OFF, 40)
}

// netScene sets off a part of it.
func netScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	return append(rest(n, "a", now, 60), owed(order, now, 4, 7)), adjusted("c"+order, order, "anna", now, pb.InvoiceAdjusted_NETTING, 40)
}

// refundSpentScene gives back free money of three days ago, which has paid an order.
func refundSpentScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	before, _ := bouncedScene(n, now)
	return before, refunded(fmt.Sprintf("a%d", n), now, 100)
}

// lateOrderScene is an order that is told three days late, and falls due before what free money has come to since.
func lateOrderScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order, other := fmt.Sprintf("a%d", n), fmt.Sprintf("b%d", n)
	payment := late(paid("p"+order, "", "anna", now, 100), now, 1)
	return append(rest(n, "b", now, 100), owed(other, now, 5, 2), payment), owed(order, now, 4, 1)
}

// bouncedScene takes back what free money of three days ago has paid.
func bouncedScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	order := fmt.Sprintf("a%d", n)
	payment := late(paid("p"+order, "", "anna", now, 100), now, 3)
	back := paid("p"+order, "", "anna", now, 0)
	back.GetPayment().EventId = "bounced-" + order
	back.GetPayment().Kind = &pb.PaymentEvent_Reversed{Reversed: &pb.PaymentReversed{}}
	return append(rest(n, "a", now, 100), owed(order, now, 5, 1), payment), back
}

// abroadScene is an invoice and what pays it, in turns.
func abroadScene(n int, now civil.Instant) ([]*pb.Fact, *pb.Fact) {
	id := fmt.Sprintf("a%d", n/2)
	if n%2 > 0 {
		return nil, inCurrency(paid("p"+id, id, "anna", now, 100), "EUR 1")
	}
	return nil, inCurrency(invoiced(id, "", "anna", now, 100), "EUR 1")
}
