package processor_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/processor"
)

// keeping is a rig whose stage keeps customers, with twelve records of three of them in batches of two.
func keeping(t *testing.T) *rig {
	r := small(t)
	r.stage.keeps = 100
	for i := range 12 {
		r.put(order{Kind: "add", Cust: fmt.Sprint("c", i%3), N: int64(i + 1), Name: fmt.Sprint("r", i%2)})
	}
	return r
}

// told is what the same records give without anything kept.
func told(t *testing.T) string {
	r := keeping(t)
	r.stage.keeps = 0
	r.mustRun(-1)
	return strings.Join(r.out(), ",")
}

// What is kept is not asked for again, but for the registers that it doesn't have.
func TestWhatIsKeptIsNotAskedFor(t *testing.T) {
	r := keeping(t)
	r.mustRun(-1)
	for _, id := range []string{"c0", "c1", "c2"} {
		if blobs, registers := r.asked(id); blobs != 1 || registers != 2 {
			t.Errorf("%s: asked %d times for the blob and %d for registers, want 1 and 2", id, blobs, registers)
		}
	}
	if got, want := strings.Join(r.out(), ","), told(t); got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
}

// A batch that fails takes what was lent to it along: whatever it did to it, the state is asked again.
func TestWhatAFailedBatchHadIsReadAgain(t *testing.T) {
	for name, err := range map[string]error{"no answer": errors.New("no answer"), "applied and no answer": errors.New("lost")} {
		t.Run(name, func(t *testing.T) {
			r := keeping(t)
			failed := 0
			r.onApply = func(w processor.Write) error {
				if w.Expect.Offset < 7 || failed > 0 {
					return nil
				}
				failed++
				if name == "applied and no answer" {
					if _, err := r.slot.Apply(t.Context(), w); err != nil {
						t.Error(err)
					}
				}
				return err
			}
			r.mustRun(-1)
			if got, want := dense(r.out()), told(t); failed != 1 || got != want {
				t.Errorf("sent %s, want %s", got, want)
			}
		})
	}
}

// dense leaves out what was sent again.
func dense(out []string) string {
	seen, left := map[string]bool{}, []string(nil)
	for _, s := range out {
		if !seen[s] {
			left = append(left, s)
		}
		seen[s] = true
	}
	return strings.Join(left, ",")
}

// A read that fails in mid-batch, after a record has been reduced, ends the batch without a disagreement: what was lent
// is read again then, too.
func TestAReadThatFailsLosesWhatWasLent(t *testing.T) {
	run := func(keeps int) string {
		r := small(t)
		r.stage.keeps = keeps
		add := func(id string, n int64) order { return order{Kind: "add", Cust: id, N: n, Name: "r"} }
		r.put(add("c9", 1), add("c0", 2))
		r.mustRun(-1)
		fail := errors.New("no answer")
		r.onRead = func(q processor.Query) error {
			if len(q.Registers) == 0 || !q.Registers[0].All {
				return nil
			}
			err := fail
			fail = nil
			return err
		}
		r.put(add("c0", 3), add("c0", 4), add("c0", 5), order{Kind: "all", Cust: "c9"}) // the next owner's batches
		r.mustRun(3)
		if fail != nil {
			t.Error("no read failed")
		}
		return strings.Join(r.out(), ",")
	}
	if got, want := run(100), run(0); got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
}

// However little is kept, nothing is wrong but the speed.
func TestLittleIsKept(t *testing.T) {
	r := keeping(t)
	r.stage.keeps, r.cfg.Limits.Cache = 1<<20, 1
	r.mustRun(-1)
	if got, want := strings.Join(r.out(), ","), told(t); got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
}
