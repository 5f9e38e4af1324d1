package reducer_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// A profile puts a customer into a segment of the policy: their figures are judged by its sections, conditions can ask for it,
// and changes and lines name it. Who is of none has the segment that the profile gives.
func TestStoryOfASegment(t *testing.T) {
	l := wall(t, strings.Replace(worth, `enter: "value.net >= 1000"`, `enter: 'value.net >= 500 && segment == "makers"'`, 1))
	said := func(id string, on int, p *pb.ProfileEvent) { l.put(profiled(id, "anna", noon(on), p)) }
	said("f1", 1, &pb.ProfileEvent{Attributes: map[string]string{"segment": "old friends"}})
	l.put(bought("o1", "anna", noon(2), 600))
	checkFigures(t, l.figures(), "net 60000, contribution 18000") // a margin of 0.3
	said("f2", 3, &pb.ProfileEvent{Industry: proto.String("toys")})
	checkFigures(t, l.figures(), "net 60000, contribution 6000") // the segment's: 0.1
	checkLines(t, moves(l.changes), "anna 1 >base 2026-01-02T12:00:00 one", "anna 2 base>silver 2026-01-04T12:00:00 one")
	for i, want := range []string{"old friends", "makers"} {
		if got := l.changes[i].Segment; got != want {
			t.Errorf("change %d is of segment %q, want %q", i+1, got, want)
		}
	}
	l.put(credited("o2", "anna", noon(3), 400, 1))
	l.advance(day(60))
	if len(l.alerts)+len(l.signals) == 0 {
		t.Error("nothing was told of an item that is 55 days overdue")
	}
	for _, a := range l.alerts {
		if a.Segment != "makers" {
			t.Errorf("alert %s is of segment %q", a.Kind, a.Segment)
		}
	}
	for _, s := range l.signals {
		if s.DecidedAt.AsTime().After(noon(3).Time()) && s.Segment != "makers" {
			t.Errorf("signal %s is of segment %q", s.Kind, s.Segment)
		}
	}
	said("f0", 2, &pb.ProfileEvent{Industry: proto.String("tools")}) // an older word on it
	checkFigures(t, l.figures(), "contribution 10000")
	said("f3", 4, &pb.ProfileEvent{Clear: []string{"industry"}})
	checkFigures(t, l.figures(), "contribution 30000")
}
