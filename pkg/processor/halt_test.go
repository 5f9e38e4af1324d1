package processor_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
)

func (r *rig) wantHalt(committed int64, why, remedy string, cursor int64) {
	r.t.Helper()
	h := r.halts(committed)
	if h.Partition != 7 || !strings.Contains(h.Why, why) || !strings.Contains(h.Remedy, remedy) {
		r.t.Errorf("halted with %q (%q), want %q (%q)", h.Why, h.Remedy, why, remedy)
	}
	if strings.Contains(h.Error(), "\n") || strings.Contains(h.Error(), "%!") {
		r.t.Errorf("not one line: %q", h.Error())
	}
	if got := r.cursor(); got != cursor {
		r.t.Errorf("the cursor is %d, want %d", got, cursor)
	}
}

func three(r *rig) { r.put(adds(3, one, 0)...) }

func TestHaltsBelowTheLogsStart(t *testing.T) {
	r := newRig(t)
	three(r)
	r.mustRun(-1)
	three(r)
	r.broker.Trim("facts", 5)
	r.wantHalt(4, "the log starts at 5, above its cursor 4", "backup", 4)
	r.broker.Trim("facts", 7) // to its end: nothing is left
	r.wantHalt(4, "the log starts at 7, above its cursor 4", "backup", 4)
}

func TestHaltsAboveTheLogsEnd(t *testing.T) {
	r := newRig(t)
	three(r)
	r.mustRun(-1)
	r.broker = memory.NewBroker(func() civil.Instant { return 0 })
	r.put(order{Kind: "init"})
	r.wantHalt(4, "the log ends at 1, below its cursor 4", "rebuild", 4)
	if len(r.failed) < 5 {
		t.Errorf("believed after %d looks: a new leader may show an old end", len(r.failed))
	}
}

// Looks that find it right again count from the start.
func TestOldEndsOfTheLogAreForgotten(t *testing.T) {
	r := newRig(t)
	three(r)
	r.mustRun(-1)
	n := 0
	r.mangle = func(f *processor.Fetched) {
		if n++; n%8 != 0 {
			f.End = 3
		}
	}
	r.idles = 4
	r.mustRun(4)
	if len(r.failed) != 3*7+7 {
		t.Errorf("%d looks found an old end", len(r.failed))
	}
}

// What isn't at the cursor is never applied, wherever the log says that it begins.
func TestOtherRecordsAreNotTaken(t *testing.T) {
	r := newRig(t)
	three(r)
	n := 0
	r.mangle = func(f *processor.Fetched) {
		if n++; n < 4 && len(f.Records) > 1 {
			f.Records = f.Records[1:]
		}
	}
	r.mustRun(-1)
	if got := fmt.Sprint(r.out()); got != "[c=1 c=2 c=3]" || len(r.failed) != 3 {
		t.Errorf("sent %s, %d failures", got, len(r.failed))
	}
}

// State that vanishes under an owner which has committed is missed like that of a new one.
func TestHaltsWhereTheStateVanishes(t *testing.T) {
	r := newRig(t)
	three(r)
	r.idles = 20
	r.onFetch = func() {
		if r.cursor() == 4 {
			r.slot = memory.NewSlot()
		}
	}
	r.wantHalt(-1, "its state is missing although the consumer group has committed offset 4", "rebuild", 0)
}

func TestHaltsWhereTheStateIsMissing(t *testing.T) {
	r := newRig(t)
	three(r)
	r.mustRun(-1)
	r.slot = memory.NewSlot()
	r.wantHalt(4, "its state is missing although the consumer group has committed offset 4", "rebuild", 0)
}

// Nothing committed: the partition is new, or its commit was lost, and is built from the log's start.
func TestBuildsFromTheStartWhereNothingWasCommitted(t *testing.T) {
	for _, committed := range []int64{-1, 0} {
		r := newRig(t)
		three(r)
		r.mustRun(committed)
		if r.cursor() != 4 {
			t.Errorf("committed %d: the cursor is %d", committed, r.cursor())
		}
	}
}

func TestHaltsUnderANewerLogic(t *testing.T) {
	r := newRig(t)
	r.stage.logic = 2
	r.put(order{Kind: "logic", N: 2})
	r.mustRun(-1)
	r.stage.logic = 1
	r.wantHalt(2, "its state was written by logic 2, newer than this program's 1", "upgrade", 2)
}

// A program that is older than the log applies all that it understands and stops exactly at the switch.
func TestHaltsAtASwitchToANewerLogic(t *testing.T) {
	r := newRig(t)
	three(r)
	r.put(order{Kind: "logic", N: 2})
	three(r)
	r.wantHalt(-1, "offset 4 switches to logic 2", "upgrade", 4)
	r.stage.logic = 2
	r.mustRun(4)
	if r.cursor() != 8 {
		t.Errorf("after the upgrade the cursor is %d, want 8", r.cursor())
	}
}

// A record that can't be reduced stops the partition exactly there: what lies before it is applied and sent.
func TestHaltsAtABadRecord(t *testing.T) {
	r := newRig(t)
	three(r)
	r.put(order{Kind: "bad"})
	three(r)
	r.wantHalt(-1, "offset 4: a bad record", "nothing was skipped", 4)
	if got := fmt.Sprint(r.out()); got != "[c=1 c=2 c=3]" {
		t.Errorf("sent %s", got)
	}
}

// So does one that can't even be read, be it the first of a batch or not.
func TestHaltsAtAnUnreadableRecord(t *testing.T) {
	r := newRig(t)
	three(r)
	r.put(order{Kind: "garbled"})
	three(r)
	r.wantHalt(-1, "offset 4: a bad record", "nothing was skipped", 4)
	if got := fmt.Sprint(r.out()); got != "[c=1 c=2 c=3]" {
		t.Errorf("sent %s", got)
	}
}

func TestHaltsWhereTheStateIsDamaged(t *testing.T) {
	damaged := fmt.Errorf("the due set is a string: %w", processor.ErrDamaged)
	r := newRig(t)
	three(r)
	r.onRead = func(q processor.Query) error {
		if q.Part {
			return damaged
		}
		return nil
	}
	r.wantHalt(-1, "the due set is a string", "verify", 0)
	r.onRead, r.onApply = nil, func(processor.Write) error { return damaged }
	r.wantHalt(-1, "the due set is a string", "verify", 0)
}

func TestUnreadableStateHalts(t *testing.T) {
	r := newRig(t)
	three(r)
	r.mustRun(-1)
	reply, _ := r.slot.Read(t.Context(), processor.Query{})
	next := reply.Token
	next.Nonce++
	_, err := r.slot.Apply(t.Context(), processor.Write{Expect: reply.Token, Next: next, Part: []byte("{"), Customers: nil})
	if err != nil {
		t.Fatal(err)
	}
	three(r)
	r.wantHalt(4, "can't be read", "rebuild", 4)
}

// Everything else is tried again.
func TestOtherErrorsAreTriedAgain(t *testing.T) {
	r := newRig(t)
	three(r)
	n := 0
	fail := func() error {
		if n++; n%2 == 1 && n < 20 {
			return errors.New("i/o timeout")
		}
		return nil
	}
	r.onRead = func(processor.Query) error { return fail() }
	r.onApply = func(processor.Write) error { return fail() }
	r.mustRun(-1)
	if r.cursor() != 4 || len(r.failed) != 10 {
		t.Errorf("cursor %d after %d failures", r.cursor(), len(r.failed))
	}
}

// The longer it goes on, the longer the rest.
func TestPausesGrow(t *testing.T) {
	r := newRig(t)
	n := 0
	r.onRead = func(processor.Query) error {
		if n++; n < 5 || n == 6 {
			return errors.New("i/o timeout")
		}
		return nil
	}
	r.mustRun(-1)
	if want := []int{1, 2, 3, 4, 1}; !slices.Equal(r.paused, want) {
		t.Errorf("pauses of %v failures in a row, want %v", r.paused, want)
	}
}

func TestFencedIsGivenUp(t *testing.T) {
	r := newRig(t)
	three(r)
	r.onCommit = func() error { return fmt.Errorf("partition 7: %w", processor.ErrFenced) }
	r.idles = 100
	r.mustRun(-1)
	if len(r.waits) != 1 {
		t.Errorf("%d fetches after being fenced", len(r.waits)-1)
	}
}

// While records come, commits keep their distance; the last is made up for once nothing comes, soon.
func TestCommitsKeepTheirDistance(t *testing.T) {
	r := newRig(t)
	three(r)
	r.cfg.Limits = processor.Limits{Records: 1}
	var at []int64
	r.onCommit = func() error {
		at = append(at, r.cursor())
		return nil
	}
	r.mustRun(-1)
	if !slices.Equal(at, []int64{1, 4}) {
		t.Errorf("commits at cursors %v, want after the first batch and at the end", at)
	}
	if wait := r.waits[len(r.waits)-1]; wait != civil.Second/10 {
		t.Errorf("the last fetch waits %d µs, want no longer than a commit may be put off", wait)
	}
}

// A commit that failed is made up for when nothing else is to do.
func TestCommitIsMadeUpFor(t *testing.T) {
	r := newRig(t)
	three(r)
	n := 0
	r.onCommit = func() error {
		if n++; n == 1 {
			return errors.New("no answer")
		}
		return nil
	}
	r.mustRun(-1)
	if got := r.broker.Committed("group"); got != 4 {
		t.Errorf("committed %d, want 4", got)
	}
}
