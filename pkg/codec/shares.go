package codec

import (
	"crypto/sha256"
	"encoding/hex"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// isOthers says that an allocation is of an item of another customer than the payer.
func isOthers(a *pb.Allocation, payer string) bool {
	return a.CustomerId != "" && a.CustomerId != payer
}

// forOthers is what a payment brings other customers.
func forOthers(p *pb.PaymentReceived, payer string) (sum int64) {
	for _, a := range p.GetAllocations() {
		if isOthers(a, payer) {
			sum += min(max(0, a.AmountMinor), maxAmount)
		}
	}
	return sum
}

// Shares are the facts that an accepted event becomes: itself as a rule. A payment that names items of other customers (a
// parent who pays) is one payment per customer, each with its share and what it names, the payer's first. Of one wholly
// for others the payer's has nothing, which takes the place of what an earlier revision gave. The ids of the others'
// events follow from the payer's, so that a second copy is one.
func (a Accepted) Shares() []Accepted {
	p := a.received()
	if forOthers(p, a.CustomerID) == 0 {
		return []Accepted{a}
	}
	own := a.share(a.CustomerID, a.EventID)
	own.UnknownFields = a.UnknownFields
	shares, at := []Accepted{own}, map[string]int{a.CustomerID: 0, "": 0}
	paid := shares[0].received()
	paid.AmountMinor = p.AmountMinor - forOthers(p, a.CustomerID)
	for _, x := range p.Allocations {
		i, known := at[x.CustomerId]
		if !known {
			i = len(shares)
			at[x.CustomerId] = i
			shares = append(shares, a.share(x.CustomerId, shareID(a.EventID, x.CustomerId)))
		}
		to := shares[i].received()
		if i > 0 {
			to.AmountMinor += x.AmountMinor
		}
		x = proto.CloneOf(x)
		x.CustomerId = ""
		to.Allocations = append(to.Allocations, x)
	}
	return shares
}

func (a Accepted) received() *pb.PaymentReceived { return a.Fact.GetPayment().GetReceived() }

// share is a customer's payment of nothing yet.
func (a Accepted) share(customer, event string) Accepted {
	e := a.Fact.GetPayment()
	r := e.GetReceived()
	return Accepted{Topic: a.Topic, CustomerID: customer, EventID: event, OccurredAt: a.OccurredAt,
		Fact: &pb.Fact{Rate: a.Fact.Rate, Body: &pb.Fact_Payment{Payment: &pb.PaymentEvent{
			EventId: event, Source: e.Source, OccurredAt: e.OccurredAt, RecordedAt: e.RecordedAt, Revision: e.Revision,
			CustomerId: customer, PaymentId: e.PaymentId, Kind: &pb.PaymentEvent_Received{Received: &pb.PaymentReceived{
				Currency: r.Currency, ValueDate: r.ValueDate, Method: r.Method, MaturesOn: r.MaturesOn,
			}},
		}}}}
}

// shareID is the id of another customer's part of a payment: a hash where the plain one would be too long for an id.
func shareID(event, customer string) string {
	id := event + "/" + customer
	if utf8.RuneCountInString(id) <= maxID {
		return id
	}
	sum := sha256.Sum256([]byte(event + "\x00" + customer))
	return hex.EncodeToString(sum[:16])
}
