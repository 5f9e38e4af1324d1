package processor_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tierstream/tierstream/pkg/processor"
)

// The order in which a stage takes the records of a batch can't be seen in what is sent.
func TestRunsAreSentInTheLogsOrder(t *testing.T) {
	r := newRig(t)
	r.put(adds(5, func(i int) string { return string("ab"[i%2]) }, 0)...)
	r.mustRun(-1)
	r.wantBatches(6)
	if got := r.out(); !slices.Equal(got, []string{"a=1", "b=1", "a=2", "b=2", "a=3"}) {
		t.Errorf("sent %v", got)
	}
}

// A record that can't be reduced stops the partition there, whatever was taken before it that comes after it, and whichever of several
// is met first.
func TestStopsAtTheFirstBadRecordOfARun(t *testing.T) {
	for _, customers := range [][]string{{"a", "b", "bad b", "a", "a"}, {"a", "bad b", "bad a", "b"}, {"bad a"}, {"a", "bad b", "c", "bad a", "bad c"}} {
		r := newRig(t)
		first := int64(0)
		for i, id := range customers {
			o := order{Kind: "add", Cust: id, N: 1}
			if n := len(id); n > 1 {
				o.Kind, o.Cust = "bad", id[n-1:]
				if first == 0 {
					first = int64(i + 1)
				}
			}
			r.put(o)
		}
		r.wantHalt(-1, fmt.Sprintf("offset %d: a bad record", first), "nothing was skipped", first)
		if got := len(r.out()); got != int(first-1) {
			t.Errorf("%v: sent %v", customers, r.out())
		}
	}
}

// What records come to is not known before a run. One that comes to much more than a batch may send is given up, and runs are shorter
// until batches fit again.
func TestRunsThatSendTooMuchAreShorter(t *testing.T) {
	r := newRig(t)
	const limit = 512 * 100
	r.cfg.Limits = processor.Limits{Bytes: limit}
	var most int
	var runs []int
	r.stage.runs = func(n int) { runs = append(runs, n) }
	r.onApply = func(w processor.Write) error {
		for _, e := range w.Last {
			n := 0
			for _, m := range e.Messages {
				n += len(m.Value)
			}
			most = max(most, n)
		}
		return nil
	}
	r.put(adds(400, one, 1000)...)
	r.put(adds(20_000, one, 0)...)
	r.mustRun(-1)
	if most > limit*3/2 {
		t.Errorf("a batch sent %d bytes", most)
	}
	if len(r.out()) != 20_400 {
		t.Errorf("sent %d messages", len(r.out()))
	}
	if len(runs) > 100 || slices.Max(runs[1:10]) > limit/1000 || slices.Max(runs[1:]) < 5000 {
		t.Errorf("runs of %v records", runs)
	}
}

// The very first record of a run may come to too much. Then it is a run of its own.
func TestFirstOfARunSendsTooMuch(t *testing.T) {
	r := newRig(t)
	r.cfg.Limits = processor.Limits{Bytes: 100}
	r.put(adds(3, one, 400)...)
	r.mustRun(-1)
	r.wantBatches(2, 1, 1)
}
