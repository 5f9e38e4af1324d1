package processor_test

import (
	"slices"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

func adds(n int, cust func(i int) string, filler int) (orders []order) {
	for i := range n {
		orders = append(orders, order{Kind: "add", Cust: cust(i), N: 1, Filler: filler})
	}
	return orders
}

func one(int) string { return "c" }

func (r *rig) wantBatches(want ...int64) {
	r.t.Helper()
	if !slices.Equal(r.batches, want) {
		r.t.Errorf("batches of %v records, want %v", r.batches, want)
	}
}

func TestBatchEndsAtItsRecords(t *testing.T) {
	r := newRig(t)
	r.cfg.Limits = processor.Limits{Records: 4}
	r.put(adds(8, one, 0)...)
	r.mustRun(-1)
	r.wantBatches(4, 4, 1)
}

// Rule 8: what a batch sends to a topic is one request.
func TestBatchIsSentAtOnce(t *testing.T) {
	r := newRig(t)
	r.cfg.Limits = processor.Limits{Records: 4}
	r.put(adds(8, one, 0)...)
	r.mustRun(-1)
	if !slices.Equal(r.sent, []int{3, 4, 1}) { // record 0 sends nothing
		t.Errorf("requests of %v messages", r.sent)
	}
}

func TestBatchEndsAtItsCustomers(t *testing.T) {
	r := newRig(t)
	r.cfg.Limits = processor.Limits{Customers: 3}
	r.put(adds(8, func(i int) string { return string(rune('a' + i)) }, 0)...)
	r.mustRun(-1)
	r.wantBatches(4, 3, 2) // record 0 names nobody
}

func TestBatchEndsAtItsBytes(t *testing.T) {
	r := newRig(t)
	r.cfg.Limits = processor.Limits{Bytes: 250}
	r.put(adds(7, one, 100)...)
	r.mustRun(-1)
	r.wantBatches(4, 3, 1) // three messages of a good hundred bytes reach the limit

	r = newRig(t)
	r.cfg.Limits = processor.Limits{Bytes: 3 * (len("c=1") + 100)} // to the byte
	r.put(adds(7, one, 100)...)
	r.mustRun(-1)
	r.wantBatches(4, 3, 1)
}

// The defaults are 8,000 records, 1,000 customers, 2 MiB.
func TestDefaultLimits(t *testing.T) {
	r := newRig(t)
	r.put(adds(16500, one, 0)...)
	r.mustRun(-1)
	r.wantBatches(8000, 8000, 501)

	r = newRig(t)
	r.put(adds(1500, func(i int) string { return string(rune('a' + i)) }, 0)...)
	r.mustRun(-1)
	r.wantBatches(1001, 500)

	r = newRig(t)
	r.put(adds(9, one, 400<<10)...)
	r.mustRun(-1)
	r.wantBatches(7, 3)
}

// A Tick is the first record of its batch and the only one.
func TestTickBeginsItsBatch(t *testing.T) {
	r := newRig(t)
	add := order{Kind: "add", Cust: "c", N: 1}
	r.put(add, order{Kind: "tick", At: 5}, add, add, order{Kind: "tick", At: 6}, order{Kind: "tick", At: 7}, add)
	r.mustRun(-1)
	r.wantBatches(2, 3, 1, 2)
}

// What was fetched and not taken is not fetched again.
func TestRecordsAreFetchedOnce(t *testing.T) {
	r := newRig(t)
	r.cfg.Limits = processor.Limits{Bytes: 1}
	r.put(adds(50, one, 0)...)
	r.mustRun(-1)
	if len(r.lags) != 2 || r.lags[0] != 51 || r.lags[1] != 0 {
		t.Errorf("fetches found a lag of %v", r.lags)
	}
}

// A fetch does not wait beyond the next due moment of the wall clock, so that it fires on time; one that has passed
// and is on its way as a Tick does not make the owner spin.
func TestFetchWaitsForTheNextDueMoment(t *testing.T) {
	for _, c := range []struct {
		name      string
		wall      bool
		due, want civil.Instant
	}{
		{"far away", true, 1000 + 5*civil.Second, civil.Second},
		{"soon", true, 1000 + 7, 7},
		{"passed", true, 900, civil.Second / 4},
		{"soon, but the events drive time", false, 1000 + 7, civil.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.stage.wall = c.wall
			r.clock = 1000
			r.put(order{Kind: "add", Cust: "c", Due: c.due, N: 1})
			r.mustRun(-1)
			if got := r.waits[1]; got != c.want {
				t.Errorf("waits %d µs, want %d", got, c.want)
			}
		})
	}
}

// What one fetch brings needn't fill a batch. As long as the log has more, batches are full; what it doesn't give ends one.
func TestBatchesAreFilled(t *testing.T) {
	few := func(f *processor.Fetched) { f.Records = f.Records[:min(3, len(f.Records))] }
	r := newRig(t)
	r.cfg.Limits, r.mangle = processor.Limits{Records: 4}, few
	r.put(adds(8, one, 0)...)
	r.mustRun(-1)
	r.wantBatches(4, 4, 1)
	if !slices.Equal(r.lags, []int64{9, 9, 5, 0}) { // 0 to 2, 3 to 5, 6 to 8 and nothing: each record once
		t.Errorf("fetches found a lag of %v", r.lags)
	}

	for name, mangle := range map[string]func(*processor.Fetched){
		"gives nothing":      func(f *processor.Fetched) { f.Records = nil },
		"has lost its start": func(f *processor.Fetched) { *f = processor.Fetched{Start: f.End, End: f.End} },
		"gives others":       func(f *processor.Fetched) { f.Records = f.Records[1:] },
	} {
		r := newRig(t)
		r.cfg.Limits, r.idles = processor.Limits{Records: 4}, 2
		r.mangle = func(f *processor.Fetched) {
			if few(f); len(r.waits) == 2 {
				mangle(f)
			}
		}
		r.put(adds(8, one, 0)...)
		r.mustRun(-1)
		if len(r.failed) > 0 || !slices.Equal(r.batches, []int64{3, 4, 2}) {
			t.Errorf("the log %s: %v, batches of %v", name, r.failed, r.batches)
		}
	}
}
