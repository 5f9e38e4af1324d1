package processor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/processor"
)

// asked is how often the state was asked for a customer's blob or registers.
func (r *rig) asked(id string) (blobs, registers int) {
	for _, q := range r.reads {
		for _, c := range q.Customers {
			if c == id {
				blobs++
			}
		}
		for _, f := range q.Registers {
			if f.Customer == id {
				registers++
			}
		}
	}
	return blobs, registers
}

func (r *rig) wantAsked(id string, blobs, registers int) {
	r.t.Helper()
	if b, g := r.asked(id); b != blobs || g != registers {
		r.t.Errorf("%s: asked %d times for the blob and %d for registers, want %d and %d", id, b, g, blobs, registers)
	}
}

// small batches, so that what one knows the next may lean on.
func small(t *testing.T) *rig {
	r := newRig(t)
	r.cfg.Limits = processor.Limits{Records: 2}
	return r
}

func TestCustomersAreReadOnce(t *testing.T) {
	r := small(t)
	r.put(adds(20, one, 0)...)
	r.mustRun(-1)
	r.wantAsked("c", 1, 0)
	if got := r.out(); got[19] != "c=20" {
		t.Errorf("sent %v", got)
	}
}

// A batch asks for all that it needs at once.
func TestBatchIsReadAtOnce(t *testing.T) {
	r := newRig(t)
	r.put(adds(200, func(i int) string { return fmt.Sprint("c", i%100) }, 0)...)
	r.mustRun(-1)
	n := 0
	for _, q := range r.reads {
		if len(q.Customers) > 0 {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d reads for one batch", n)
	}
}

// One read is of no more customers than a batch may write, however many its records name: the state is busy with it for as long. A
// batch reads on when it gets there, so one that ends before has read nobody in vain.
func TestReadsAreBounded(t *testing.T) {
	for kind, want := range map[string][]int{"all": {3, 3, 3, 1}, "add": {3, 3, 3, 1}} {
		r := newRig(t)
		r.cfg.Limits = processor.Limits{Customers: 3}
		for i := range 10 {
			r.put(order{Kind: kind, Cust: fmt.Sprint("c", i), N: 1})
		}
		r.mustRun(-1)
		var got []int
		asked := map[string]int{}
		for _, q := range r.reads {
			for _, id := range q.Customers {
				asked[id]++
			}
			if len(q.Customers) > 0 {
				got = append(got, len(q.Customers))
			}
		}
		if !slices.Equal(got, want) || len(asked) != 10 {
			t.Errorf("%s: reads of %v customers, want %v, asked for %v", kind, got, want, asked)
		}
	}
}

// Who is new is known to have neither blob nor registers.
func TestAbsentIsKnown(t *testing.T) {
	r := small(t)
	for i := range 6 {
		r.put(order{Kind: "add", Cust: "c", N: int64(i + 1), Name: fmt.Sprint("r", i%3)})
	}
	r.mustRun(-1)
	r.wantAsked("c", 1, 1) // registers are asked for together with the blob, once
	if got := strings.Join(r.out(), ","); got != "c=1 r0 was ,c=3 r1 was ,c=6 r2 was ,c=10 r0 was 1,c=15 r1 was 2,c=21 r2 was 3" {
		t.Errorf("sent %s", got)
	}
}

// The next owner knows nothing: registers are read by name, batch by batch, and all of them once.
func TestAllRegistersAreComplete(t *testing.T) {
	r := small(t)
	for i := range 5 {
		r.put(order{Kind: "add", Cust: "c", N: int64(i + 1), Name: fmt.Sprint("r", i)})
	}
	r.mustRun(-1)
	r.reads = nil
	all := order{Kind: "all", Cust: "c"}
	r.put(order{Kind: "add", Cust: "c", N: 9, Name: "r1"}, order{Kind: "add", Cust: "c", N: 8, Name: "r9"}, all, order{Kind: "add", Cust: "c", N: 7, Name: "r8"}, all)
	r.mustRun(6)
	r.wantAsked("c", 1, 3)
	out := r.out()
	for i, want := range []string{"all of c: map[r0:1 r1:9 r2:3 r3:4 r4:5 r9:8]", "all of c: map[r0:1 r1:9 r2:3 r3:4 r4:5 r8:7 r9:8]"} {
		if got := out[len(out)-3+2*i]; got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
	}
}

// Over its bound the cache is dropped, in mid-batch too, and nothing is wrong but the speed.
func TestFullCacheIsDropped(t *testing.T) {
	run := func(bound int) (string, int) {
		r := small(t)
		r.cfg.Limits.Cache, r.cfg.Limits.Records = bound, 5
		for i := range 60 {
			r.put(order{Kind: "add", Cust: fmt.Sprint("c", i*7%11), N: int64(i), Name: fmt.Sprint("r", i%4)})
			if i%5 == 0 {
				r.put(order{Kind: "all", Cust: fmt.Sprint("c", i%11)})
			}
		}
		r.mustRun(-1)
		return strings.Join(r.out(), ","), len(r.reads)
	}
	want, few := run(1 << 20)
	got, many := run(300)
	if got != want {
		t.Errorf("sent\n%s\nwant\n%s", got, want)
	}
	if many <= few {
		t.Errorf("%d reads with a small cache, %d with a large one", many, few)
	}
}

// Another owner has moved the cursor: what the cache had is asked for again, and last is sent.
func TestDisagreementDropsTheCache(t *testing.T) {
	r := small(t)
	r.put(order{Kind: "add", Cust: "c", N: 1}, order{Kind: "add", Cust: "c", N: 2}, order{Kind: "add", Cust: "c", N: 4})
	first := true
	r.onApply = func(w processor.Write) error {
		if w.Expect.Offset == 2 && first {
			first = false
			other := *r // the same slot, a zombie's process
			other.onApply, other.cfg.Limits.Records = nil, 1
			other.idles = 1
			log := r.broker.Log("zombie", "facts", "facts")
			_ = log
			reply, err := r.slot.Apply(t.Context(), processor.Write{Expect: w.Expect, Part: w.Part, Last: nil,
				Next: processor.Token{Offset: 2, Logic: 1, Nonce: 999}})
			if err != nil || reply.Conflict {
				t.Errorf("the zombie's Apply: %v, %v", reply.Conflict, err)
			}
		}
		return nil
	}
	r.mustRun(-1)
	r.wantAsked("c", 2, 0)
	if got := strings.Join(r.out(), ","); got != "c=1,c=3,c=7" {
		t.Errorf("sent %s", got)
	}
}
