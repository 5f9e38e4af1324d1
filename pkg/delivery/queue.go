package delivery

import (
	"slices"
	"strings"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// queue finds what is pending for an endpoint; nil: nothing.
func queue(c *pb.DeliveryCustomer, endpoint string) *pb.DeliveryQueue {
	if i, found := place(c, endpoint); found {
		return c.Queues[i]
	}
	return nil
}

func place(c *pb.DeliveryCustomer, endpoint string) (int, bool) {
	return slices.BinarySearchFunc(c.GetQueues(), endpoint, func(q *pb.DeliveryQueue, name string) int { return strings.Compare(q.Endpoint, name) })
}

// enqueue puts a delivery where its seq belongs. One that comes before all others, as one that is sent again may, starts
// the schedule anew.
func enqueue(c *pb.DeliveryCustomer, endpoint string, seq int64, now civil.Instant) {
	i, found := place(c, endpoint)
	if !found {
		c.Queues = slices.Insert(c.Queues, i, &pb.DeliveryQueue{Endpoint: endpoint, Due: int64(now)})
	}
	q := c.Queues[i]
	at, there := slices.BinarySearch(q.Seqs, seq)
	if there {
		return
	}
	q.Seqs = slices.Insert(q.Seqs, at, seq)
	if at == 0 {
		q.Attempts, q.Due, q.Error = 0, int64(now), ""
	}
}

// dequeue takes a delivery out. The one behind the first is due at once.
func dequeue(c *pb.DeliveryCustomer, endpoint string, seq int64, now civil.Instant) bool {
	i, found := place(c, endpoint)
	if !found {
		return false
	}
	q := c.Queues[i]
	at, there := slices.BinarySearch(q.Seqs, seq)
	if !there {
		return false
	}
	if q.Seqs = slices.Delete(q.Seqs, at, at+1); len(q.Seqs) == 0 {
		c.Queues = slices.Delete(c.Queues, i, i+1)
	} else if at == 0 {
		q.Attempts, q.Due, q.Error = 0, int64(now), ""
	}
	return true
}

// wanted says whether any queue still has the seq: then its record must be kept.
func wanted(c *pb.DeliveryCustomer, seq int64) bool {
	for _, q := range c.Queues {
		if _, there := slices.BinarySearch(q.Seqs, seq); there {
			return true
		}
	}
	return false
}

// dueOf is the customer's next attempt.
func dueOf(c *pb.DeliveryCustomer) civil.Instant {
	due := processor.NoDue
	for _, q := range c.Queues {
		due = min(due, civil.Instant(q.Due))
	}
	return due
}
