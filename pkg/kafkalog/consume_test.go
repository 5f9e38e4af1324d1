package kafkalog_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/processor"
)

// consume runs Consume over the only partition of "in" until the test ends. It gives what is taken and what is heard.
func (b broker) consume(t *testing.T, take func([]kafkalog.Message) error) (taken chan int, heard chan error) {
	t.Helper()
	taken, heard = make(chan int, 100), make(chan error, 100)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- b.client.Group(kafkalog.GroupConfig{Group: "g", Topic: "in"}).Run(ctx, func(ctx context.Context, c kafkalog.Claim) {
			err := b.client.Consume(ctx, c, func(ms []kafkalog.Message) error {
				if err := take(ms); err != nil {
					return err
				}
				taken <- len(ms)
				return nil
			}, func(err error) { heard <- err })
			if err != nil && !errors.Is(err, processor.ErrFenced) {
				t.Error(err)
			}
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return taken, heard
}

func always([]kafkalog.Message) error { return nil }

func receive[T any](t *testing.T, from chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(30 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func hears(t *testing.T, heard chan error, part string) {
	t.Helper()
	if err := receive(t, heard); err == nil || !strings.Contains(err.Error(), part) {
		t.Errorf("heard %v, want %q", err, part)
	}
}

func isWell(t *testing.T, heard chan error) {
	t.Helper()
	if err := receive(t, heard); err != nil {
		t.Errorf("heard %v, want that all is well", err)
	}
}

var two = []processor.Message{{Value: []byte("a")}, {Value: []byte("b")}}

// Others wait for the commit of what was taken in: one that fails is tried again, though nothing more ever comes.
func TestConsumeCommitsAgain(t *testing.T) {
	b := start(t)
	b.topic(t, "in", 1)
	b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.RequestTimedOut, Count: 1})
	taken, heard := b.consume(t, always)
	b.put(t, "in", two)
	if n := receive(t, taken); n != 2 {
		t.Errorf("%d records taken", n)
	}
	hears(t, heard, "committing in partition 0")
	isWell(t, heard)
	if at := b.committed(t, "g", "in"); at != 2 || len(taken) > 0 {
		t.Errorf("committed %d, taken again: %d", at, len(taken))
	}
}

// A member whose commit is refused as a stranger's joins anew, though its heartbeats are still answered.
func TestConsumeJoinsAgainWhenFenced(t *testing.T) {
	b := start(t)
	b.topic(t, "in", 1)
	b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.UnknownMemberID, Count: 1})
	taken, _ := b.consume(t, always)
	b.put(t, "in", two)
	for range 2 {
		if n := receive(t, taken); n != 2 {
			t.Errorf("%d records taken", n)
		}
	}
}

// A batch that isn't taken comes again whole.
func TestConsumeTriesAgain(t *testing.T) {
	b := start(t)
	b.topic(t, "in", 1)
	b.put(t, "in", two)
	tries := 0
	taken, heard := b.consume(t, func(ms []kafkalog.Message) error {
		if tries++; tries < 3 {
			return errors.New("not yet")
		}
		if !slices.EqualFunc(ms, two, func(m kafkalog.Message, want processor.Message) bool { return string(m.Value) == string(want.Value) }) {
			t.Errorf("taken: %v", ms)
		}
		return nil
	})
	hears(t, heard, "not yet")
	hears(t, heard, "not yet")
	isWell(t, heard)
	if n := receive(t, taken); n != 2 {
		t.Errorf("%d records taken", n)
	}
}

// What expired unread is told, and the rest is taken.
func TestConsumeTellsWhatExpired(t *testing.T) {
	b := start(t)
	b.topic(t, "in", 1)
	b.put(t, "in", two)
	b.trim(t, "in", 1)
	taken, heard := b.consume(t, always)
	hears(t, heard, "in partition 0 starts at 1, above the group's offset 0")
	if n := receive(t, taken); n != 1 {
		t.Errorf("%d records taken", n)
	}
}

// A group that stands beyond the end says so, instead of waiting for a day that may never come.
func TestConsumeBeyondTheEnd(t *testing.T) {
	b := start(t)
	b.topic(t, "in", 1)
	claims, stop := b.member(t, "g", "in")
	if err := next(t, claims).Commit(7); err != nil {
		t.Fatal(err)
	}
	stop()
	_, heard := b.consume(t, always)
	hears(t, heard, "in partition 0 ends at 0, below the group's offset 7")
}
