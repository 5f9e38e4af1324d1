package delivery_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/delivery"
)

func micros(d time.Duration) civil.Instant { return civil.Instant(d.Microseconds()) }

// The spec's schedule, told as a story: what fails at once, and at each moment after.
func TestSchedule(t *testing.T) {
	s := delivery.StandardSchedule()
	want := []time.Duration{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
	}
	now := civil.Instant(1_000_000_000)
	for failed, rest := range want {
		for chance, spread := range map[float64]float64{0: 1, 0.5: 1.1, 0.999999: 1.1999998} {
			d := s.Decide(failed, delivery.Result{What: "500"}, now, chance)
			if d.Verdict != delivery.Again || d.Due != now+micros(time.Duration(float64(rest)*spread)) {
				t.Errorf("after %d failures, chance %v: %v %v, want again after %v", failed+1, chance, d.Verdict, time.Duration(d.Due-now)*time.Microsecond, rest)
			}
		}
	}
	if d := s.Decide(9, delivery.Result{What: "500"}, now, 0); d.Verdict != delivery.Dead || d.Reason != delivery.GivenUp {
		t.Errorf("after 10 failures: %+v", d)
	}
}

func TestDecideAtOnce(t *testing.T) {
	s := delivery.StandardSchedule()
	for what, c := range map[string]struct {
		r      delivery.Result
		v      delivery.Verdict
		reason string
	}{
		"success":   {delivery.Result{OK: true}, delivery.Done, ""},
		"gone":      {delivery.Result{Gone: true}, delivery.Dead, delivery.Disabled},
		"permanent": {delivery.Result{Permanent: true}, delivery.Dead, delivery.Refused},
	} {
		for failed := range 12 {
			if d := s.Decide(failed, c.r, 5, 0.5); d.Verdict != c.v || d.Reason != c.reason || d.Due != 0 {
				t.Errorf("%s after %d failures: %+v", what, failed, d)
			}
		}
	}
}

// Whatever comes back: an attempt is never earlier than the schedule and Retry-After say, nor much later.
func TestDecideBounds(t *testing.T) {
	s := delivery.StandardSchedule()
	rapid.Check(t, func(t *rapid.T) {
		failed := rapid.IntRange(0, 20).Draw(t, "failed")
		ask := time.Duration(rapid.Int64Range(-1e18, 1e18).Draw(t, "retry after"))
		now := civil.Instant(rapid.Int64Range(0, 1e16).Draw(t, "now"))
		chance := rapid.Float64Range(0, 0.9999999).Draw(t, "chance")
		d := s.Decide(failed, delivery.Result{RetryAfter: ask}, now, chance)
		if (d.Verdict == delivery.Dead) != (failed >= 9) {
			t.Fatalf("after %d failures: %+v", failed+1, d)
		}
		if d.Verdict == delivery.Dead {
			return
		}
		least := max(s.Delays[failed+1], min(ask, 24*time.Hour))
		most := max(s.Delays[failed+1]*12/10, min(ask, 24*time.Hour))
		if rest := time.Duration(d.Due-now) * time.Microsecond; rest < least.Truncate(time.Microsecond) || rest > most {
			t.Fatalf("rests %v, want %v to %v", rest, least, most)
		}
	})
}
