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
	r.put(adds(60_000, one, 0)...)
	r.mustRun(-1)
	if most > limit*3/2 {
		t.Errorf("a batch sent %d bytes", most)
	}
	if len(r.out()) != 60_400 {
		t.Errorf("sent %d messages", len(r.out()))
	}
	if r.givenUp < 1 || r.givenUp > 3 || slices.Max(runs[:12]) > limit/256 || slices.Max(runs) < 1000 {
		t.Errorf("%d given up, runs of %v records", r.givenUp, runs)
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

// What says nothing of what records come to, such as the word of a feed, doesn't make the next run too long.
func TestSilentRecordsSayNothingOfOthers(t *testing.T) {
	for _, every := range []int{3000, 6000, 9000} {
		r := newRig(t)
		for i := range 30_000 {
			if i%every == every-1 {
				r.put(order{Kind: "logic", N: 1})
			}
			r.put(order{Kind: "add", Cust: fmt.Sprint("c", i%800), N: 1, Filler: 600})
		}
		r.mustRun(-1)
		if r.givenUp > 1 {
			t.Errorf("one in %d says nothing, and %d runs were given up", every, r.givenUp)
		}
	}
}

// Records that are runs by themselves don't cut what is read at once.
func TestBatchOfManyRunsIsReadAtOnce(t *testing.T) {
	r := newRig(t)
	for i := range 200 {
		r.put(order{Kind: "add", Cust: fmt.Sprint("c", i%100), N: 1, Name: fmt.Sprint("r", i)}, order{Kind: "logic", N: 1})
	}
	r.mustRun(-1)
	r.wantBatches(401)
	n, asked := 0, 0
	for _, q := range r.reads {
		if len(q.Customers)+len(q.Registers) > 0 {
			n, asked = n+1, asked+len(q.Customers)
		}
	}
	if n != 1 || asked != 100 {
		t.Errorf("%d reads of %d customers for one batch", n, asked)
	}
}

// A batch of many runs, each of which finds something to be read, doesn't ask again and again what comes behind them.
func TestRecordsAreAskedAFewTimes(t *testing.T) {
	r := newRig(t)
	asked := 0
	r.stage.asked = func() { asked++ }
	const n = 300
	for i := range n {
		id := fmt.Sprint("c", i)
		r.put(order{Kind: "add", Cust: id, N: 1}, order{Kind: "logic", N: 1}, order{Kind: "late", Cust: id})
	}
	r.mustRun(-1)
	if asked > 12*n {
		t.Errorf("%d records were asked %d times", 3*n, asked)
	}
}
