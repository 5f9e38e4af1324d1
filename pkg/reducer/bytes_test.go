package reducer

import (
	"fmt"
	"testing"

	"github.com/tierstream/tierstream/pkg/processor"
)

// What shares memory doesn't share content: who appends to a list of their own, or asks for more names, changes nobody else's.
func TestSlabKeepsItsListsApart(t *testing.T) {
	var s slab
	var lists [][]processor.Register
	for i := range 300 {
		list := s.lists.room(i % 4)
		for j := range i%4 + 1 { // one more than was asked for, as where a page is written too
			list = append(list, processor.Register{Name: s.name(registerName{orderPrefix, fmt.Sprintf("%d-%d", i, j)})})
		}
		lists = append(lists, list)
	}
	for i, list := range lists {
		for j, r := range list {
			if want := fmt.Sprintf("o/%d-%d", i, j); r.Name != want {
				t.Fatalf("register %d of list %d is %q, want %q", j, i, r.Name, want)
			}
		}
	}
}
