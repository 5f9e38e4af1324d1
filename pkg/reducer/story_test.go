package reducer_test

import (
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// A customer buys, falls silent, and goes down when the grace after the window has ended, though nobody said a word.
func TestStoryOfSilence(t *testing.T) {
	l := wall(t, standard)
	l.put(bought("o1", "anna", noon(0), 1200))
	l.put(bought("o2", "anna", noon(5), 300))
	l.advance(day(60))
	checkLines(t, levels(l.scores),
		"anna v1 2026-01-01T12:00:00 net 120000",
		"anna v2 2026-01-06T12:00:00 net 150000",
		"anna v3 2026-02-01T00:00:00 net 30000", // the window leaves the first order behind
		"anna v4 2026-02-06T00:00:00 net 0",
	)
	checkLines(t, moves(l.changes),
		"anna 1 >silver 2026-01-01T12:00:00 one",
		"anna 2 silver>base 2026-02-11T00:00:00 one", // ten days after the first
	)
}

// An order within the grace saves the tier.
func TestStoryOfARescue(t *testing.T) {
	l := wall(t, standard)
	l.put(bought("o1", "anna", noon(0), 1200))
	l.advance(day(35)) // below the threshold since day 31
	l.put(bought("o2", "anna", noon(36), 600))
	l.advance(day(60))
	checkLines(t, moves(l.changes), "anna 1 >silver 2026-01-01T12:00:00 one")
}

// The minimum hold is longer than the grace.
func TestStoryOfAHold(t *testing.T) {
	l := wall(t, `
version: "held"
value: {window_days: 30}
tiers:
  - {name: base}
  - {name: silver, enter: "value.net >= 1000", keep: "value.net >= 500", grace: 2d, hold: 50d}
`)
	l.put(bought("o1", "anna", noon(0), 1200))
	l.advance(day(60))
	checkLines(t, moves(l.changes), "anna 1 >silver 2026-01-01T12:00:00 held", "anna 2 silver>base 2026-02-20T12:00:00 held")
}

// A policy counts from its own moment on: not for what came before, for the next order, and for the next due moment.
func TestStoryOfAPolicy(t *testing.T) {
	l := wall(t, standard)
	l.put(bought("o1", "anna", noon(0), 1200), bought("o2", "bert", noon(0), 600), bought("o3", "cleo", noon(1), 1200))
	l.put(policyFact(noon(10), 1, ladder("two", 30, 500, 400, 3)))
	l.put(bought("o4", "bert", noon(12), 1))
	l.advance(day(60))
	checkLines(t, moves(l.changes),
		"anna 1 >silver 2026-01-01T12:00:00 one",
		"bert 1 >base 2026-01-01T12:00:00 one",
		"cleo 1 >silver 2026-01-02T12:00:00 one",
		"bert 2 base>silver 2026-01-13T12:00:00 two",
		"bert 3 silver>base 2026-02-04T00:00:00 two", // day 31 and three days of grace; his next level comes first
		"anna 2 silver>base 2026-02-04T00:00:00 two",
		"cleo 2 silver>base 2026-02-05T00:00:00 two",
	)
}

// An erased customer is forgotten but for the numbers, and comes back as a stranger under the next of them.
func TestStoryOfAnErasure(t *testing.T) {
	l := wall(t, standard)
	l.put(bought("o1", "anna", noon(0), 1200), credited("o2", "anna", noon(1), 100, 14))
	l.put(erasureFact(noon(2), 1, "anna"))
	l.advance(day(60)) // nothing of hers is due any more
	l.put(bought("o3", "anna", noon(61), 10))
	checkLines(t, levels(l.scores),
		"anna v1 2026-01-01T12:00:00 net 120000",
		"anna v2 2026-01-02T12:00:00 net 130000",
		"anna v3 2026-03-03T12:00:00 net 1000",
	)
	checkLines(t, moves(l.changes), "anna 1 >silver 2026-01-01T12:00:00 one", "anna 2 >base 2026-03-03T12:00:00 one")
}

// A history comes in under the event clock; from a record on the wall clock drives the partition, and changes are live.
func TestStoryOfGoingLive(t *testing.T) {
	l := started(t, reducer.Options{}, pb.PartitionInit_EVENT, standard)
	past := bought("o1", "anna", noon(0), 1200)
	past.At = int64(day(100)) // the time of loading says nothing
	l.put(past)
	l.put(liveFact(noon(1), 1))
	late := bought("o2", "bert", noon(0), 1200)
	late.At = int64(noon(2))
	l.put(late)
	l.put(tick(noon(3)))
	if m := l.changes[0].Mode; m != pb.Mode_BACKFILL {
		t.Errorf("a change under the event clock is %s", m)
	}
	if m := l.changes[1].Mode; m != pb.Mode_LIVE {
		t.Errorf("a change under the wall clock is %s", m)
	}
	checkLines(t, moves(l.changes), "anna 1 >silver 2026-01-01T12:00:00 one", "bert 1 >silver 2026-01-03T12:00:00 one")
	if now := l.scorer.Status().Now; now != noon(3) || civil.Instant(l.scores[0].At) != start {
		t.Errorf("the partition is at %s", now)
	}
}

// What time alone had brought before the end of a backfill belongs to it, whenever it fires; what it brings later is live.
func TestStoryOfABacklogAtGoLive(t *testing.T) {
	l := started(t, reducer.Options{}, pb.PartitionInit_EVENT, standard)
	l.put(bought("o1", "anna", noon(0), 1200), bought("o2", "bert", noon(1), 1200), bought("o3", "cleo", noon(0), 1200))
	l.put(liveFact(day(41), 1)) // at the very moment at which anna and cleo go down; nothing has ticked since day 1
	l.put(bought("o4", "cleo", noon(41), 2000))
	l.advance(day(60))
	var modes []string
	for _, c := range l.changes {
		modes = append(modes, c.CustomerId+" "+c.To+" "+c.Mode.String())
	}
	checkLines(t, modes, "anna silver BACKFILL", "bert silver BACKFILL", "cleo silver BACKFILL",
		"cleo base BACKFILL", "cleo silver LIVE", "anna base BACKFILL", "bert base LIVE")
}

// A decision names the next moment after it for a review, also where it falls due at the very midnight at which the figures
// move: silver's grace ends on the day on which the second order leaves the window.
func TestStoryOfAReview(t *testing.T) {
	l := wall(t, `
version: "review"
value: {window_days: 30}
tiers:
  - {name: base}
  - {name: bronze, enter: "value.net >= 100"}
  - {name: silver, enter: "value.net >= 1000", grace: 5d}
`+quiet)
	l.put(bought("o1", "anna", noon(0), 900), bought("o2", "anna", noon(5), 150), bought("o3", "anna", noon(9), 200))
	l.advance(day(60))
	var reviews []string
	for _, c := range l.changes {
		if r := c.ToKeep.ReviewAt; r != nil {
			reviews = append(reviews, c.To+" "+clock(c.DecidedAt.AsTime().UnixMicro())+" "+clock(r.AsTime().UnixMicro()))
		}
	}
	checkLines(t, reviews,
		"bronze 2026-01-01T12:00:00 2026-02-01T00:00:00",
		"silver 2026-01-06T12:00:00 2026-02-01T00:00:00",
		"bronze 2026-02-06T00:00:00 2026-02-10T00:00:00",
	)
}
