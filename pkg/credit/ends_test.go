package credit_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/credit"
)

// A list that gives way at either end has what one has that doesn't, whatever else is done with it in between.
func TestEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var ends credit.Ends
		var is, want []int
		for x := range rapid.IntRange(1, 200).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"insert", "insert", "insert", "remove", "remove", "append", "first", "clip", "clone"}).Draw(t, "what") {
			case "insert":
				at := rapid.IntRange(0, len(want)).Draw(t, "at")
				is, want = ends.Insert(is, at, x), slices.Insert(want, at, x)
			case "remove":
				if len(want) > 0 {
					at := rapid.IntRange(0, len(want)-1).Draw(t, "at")
					is, want = ends.Remove(is, at), slices.Delete(want, at, at+1)
				}
			case "append":
				is, want = append(is, x), append(want, x)
			case "first":
				if len(want) > 0 {
					is, want = is[1:], want[1:]
				}
			case "clip":
				is = slices.Clip(is)
			case "clone":
				is = slices.Clone(is)
			}
			if !slices.Equal(is, want) {
				t.Fatalf("%v, want %v", is, want)
			}
		}
	})
}

// What comes and goes near the beginning of a long list moves only what is before it, in the memory that there is.
func TestEndsGiveWay(t *testing.T) {
	var ends credit.Ends
	list := make([]int, 1000)
	for i := range list {
		list[i] = i
	}
	last := &list[999]
	list = ends.Remove(ends.Remove(list, 2), 1)
	if list = ends.Insert(list, 1, -1); &list[len(list)-1] != last || list[1] != -1 || list[2] != 3 {
		t.Fatalf("the end has moved: %v", list[:5])
	}
}
