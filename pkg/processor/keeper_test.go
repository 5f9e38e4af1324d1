package processor_test

import (
	"fmt"
	"testing"

	"github.com/tierstream/tierstream/pkg/processor"
)

// borrower is a batch that counts whom it was lent.
type borrower struct {
	processor.Batch
	lent int
}

func (b *borrower) Load(n processor.Needs, _ processor.Reply) error {
	b.lent += len(n.Customers)
	return nil
}

// round has a batch use customers, each of 1,000 bytes with what it takes to keep them, and says how many were there.
func round(t *testing.T, k *processor.Keeper, from, to int) int {
	t.Helper()
	var b borrower
	for i := from; i < to; i += 10 { // as the records of a batch come
		n := processor.Needs{}
		for j := i; j < i+10; j++ {
			n.Customers = append(n.Customers, fmt.Sprintf("c%07d", j))
		}
		if _, err := k.Lend(&b, n); err != nil {
			t.Fatal(err)
		}
	}
	for i := from; i < to; i++ {
		k.Put(processor.Kept{ID: fmt.Sprintf("c%07d", i), Value: i, Size: 1000 - 64 - 8})
	}
	return b.lent
}

// Of more customers than there is room for, used again and again, most of those are there whom there is room for.
func TestWhoIsKeptStays(t *testing.T) {
	k := processor.NewKeeper(600 * 1000)
	for n := range 50 {
		if lent := round(t, k, 0, 1000); n > 0 && lent < 500 || lent > 600 {
			t.Errorf("in round %d %d of 1,000 customers were there, and there is room for 600", n, lent)
		}
	}
}

// Customers whom nobody uses any more make room for others, not at once.
func TestWhoIsNotUsedGoes(t *testing.T) {
	k := processor.NewKeeper(600 * 1000)
	for range 10 {
		round(t, k, 0, 600)
	}
	used := 0
	for range 10 {
		used = round(t, k, 1000, 1600)
	}
	if used < 590 {
		t.Errorf("of 600 other customers %d are there after ten rounds", used)
	}
	if former := round(t, k, 0, 600); former > 10 {
		t.Errorf("%d of the former customers are there still", former)
	}
}

// Nor do those who went by themselves take room any more.
func TestWhoHasGoneTakesNoRoom(t *testing.T) {
	k := processor.NewKeeper(600 * 1000)
	round(t, k, 0, 600)
	for range 20 {
		round(t, k, 0, 300)
	}
	for range 3 {
		round(t, k, 0, 590)
	}
	if lent := round(t, k, 0, 590); lent != 590 {
		t.Errorf("%d of 590 customers are there", lent)
	}
}

// Those who are used seldom don't drive away those who are used often.
func TestSeldomUsedCustomersComeAndGo(t *testing.T) {
	k := processor.NewKeeper(600 * 1000)
	hits := 0
	for n := range 100 {
		hits += round(t, k, 0, 300)
		round(t, k, 10_000+400*n, 10_000+400*(n+1))
	}
	if hits < 60*300 { // where those used last stayed it was a fourth
		t.Errorf("the 300 customers of every round were there in %d of 30,000 cases", hits)
	}
}
