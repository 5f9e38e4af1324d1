package kafkalog_test

import (
	"errors"
	"testing"

	"github.com/tierstream/tierstream/pkg/processor"
)

// What a commit says beside the offset comes back with it, a commit without a word takes it away, and one of a member
// that is none any more is refused.
func TestNotes(t *testing.T) {
	b := startAny(t)
	b.topic(t, b.prefix+"in", 1)
	claims, stop := b.member(t, b.prefix+"g", b.prefix+"in")
	claim := next(t, claims)
	note := "as of yesterday"
	claim.Note = func() string { return note }
	for _, want := range []string{note, "", "again"} {
		note = want
		if err := claim.Commit(int64(len(want))); err != nil {
			t.Fatal(err)
		}
		got, err := b.client.Notes(t.Context(), b.prefix+"g", b.prefix+"in", 1)
		if err != nil || got[0] != want {
			t.Errorf("the note is %q (%v), want %q", got, err, want)
		}
		if at := b.committed(t, b.prefix+"g", b.prefix+"in"); at != int64(len(want)) {
			t.Errorf("the offset is %d, want %d", at, len(want))
		}
	}
	stop()
	next(t, first(b.member(t, b.prefix+"g", b.prefix+"in")))
	if err := claim.Commit(9); !errors.Is(err, processor.ErrFenced) {
		t.Errorf("a commit of a member that has left gives %v, want ErrFenced", err)
	}
}

func first[A, B any](a A, _ B) A { return a }
