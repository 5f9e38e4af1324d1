package delivery

import (
	"container/heap"

	"github.com/tierstream/tierstream/pkg/civil"
)

// agenda is the customers of one endpoint by their next attempt. An entry that no longer holds is passed over when its
// turn comes.
type agenda []appointment

type appointment struct {
	due      civil.Instant
	customer string
}

// Len, Less, Swap, Push and Pop are heap.Interface.
func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].due < a[j].due }
func (a agenda) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }

// Push is heap.Interface.
func (a *agenda) Push(x any) { *a = append(*a, x.(appointment)) }

// Pop is heap.Interface.
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// plan puts a customer's next attempt on an endpoint's agenda.
func (o *Owner) plan(endpoint, customer string, due civil.Instant) {
	if o.agenda[endpoint] == nil {
		o.agenda[endpoint] = &agenda{}
	}
	heap.Push(o.agenda[endpoint], appointment{due, customer})
}

// first is the earliest appointment of an endpoint that still holds; without it the agenda is empty.
func (o *Owner) first(endpoint string) (appointment, bool) {
	a := o.agenda[endpoint]
	for a.Len() > 0 {
		at := (*a)[0]
		q := queue(o.customers[at.customer], endpoint)
		if q != nil && civil.Instant(q.Due) == at.due && !o.flying[flight{at.customer, endpoint}] {
			return at, true
		}
		heap.Pop(a)
	}
	return appointment{}, false
}
