package reducer_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// The manual's signal of a key customer by share and potential comes and goes by the cut-offs of the day.
func TestKeyCustomerOfTheManual(t *testing.T) {
	text, err := os.ReadFile("../../docs/alerts.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "    signals:\n      key_customer:\n")
	keys, _, found := strings.Cut(rest, "\n\n")
	if !found {
		t.Fatal("the manual has no example of key customers")
	}
	l := wall(t, "version: k\nvalue: {score: {growth: {weight: 0}, referrals: {weight: 0}, engagement: {weight: 0}}}\ntiers:\n  - {name: base}\n  - {name: top, enter: value.net > 1}\nsignals:\n      rising_star: off\n      near_upgrade: off\n      lifecycle_changed: off\n      reorder_overdue: off\n      key_customer:\n"+keys+"\n")
	for i, c := range []string{"anna", "bert", "cleo"} {
		l.put(profiled("f1", c, noon(0), &pb.ProfileEvent{Ratings: map[string]float64{"outlook": float64(80 - 30*(i/2))}})) // cleo's potential is 50
		l.put(bought("o1", c, noon(0), int64(500+500*i)))
	}
	borders := func(at civil.Instant, seq, a, b int64) {
		l.put(bordersFact(at, seq, a, b))
		l.advance(at)
	}
	borders(noon(1), 1, 900, 600) // bert is A, and so is cleo
	borders(noon(2), 2, 1200, 600)
	borders(noon(3), 3, 400, 200)   // anna too
	borders(noon(4), 4, 1200, 1100) // both are C
	var got []string
	for _, s := range l.signals {
		if s.Kind == pb.CustomerSignal_KEY_CUSTOMER {
			got = append(got, fmt.Sprintf("%s %s %s", s.CustomerId, s.State, clock(s.DecidedAt.AsTime().UnixMicro())))
		}
	}
	checkLines(t, got, "bert RAISED 2026-01-02T12:00:00", "anna RAISED 2026-01-04T12:00:00", "anna WITHDRAWN 2026-01-05T12:00:00", "bert WITHDRAWN 2026-01-05T12:00:00")
}
