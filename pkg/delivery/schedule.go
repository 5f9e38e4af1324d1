package delivery

import (
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
)

// Schedule is when attempts are made.
type Schedule struct {
	// Delays before each attempt, the first included: the last one's failure is the end.
	Delays []time.Duration
	// Spread is how much of a delay chance may add to it, so that what failed together doesn't come back together.
	Spread float64
	// RetryAfterMost bounds what an endpoint may ask for.
	RetryAfterMost time.Duration
	// SetAsideAfter is how long an endpoint may do nothing but fail.
	SetAsideAfter time.Duration
}

// StandardSchedule is the one of the Standard Webhooks spec: ten attempts in a little over three days.
func StandardSchedule() Schedule {
	return Schedule{
		Delays: []time.Duration{
			0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour,
			20 * time.Hour, 24 * time.Hour,
		},
		Spread: 0.2, RetryAfterMost: 24 * time.Hour, SetAsideAfter: 5 * 24 * time.Hour,
	}
}

// Verdict is what is to be done with a delivery after an attempt.
type Verdict int

// The verdicts.
const (
	Done Verdict = iota
	Again
	Dead
)

// Decision is a verdict with its reason, and the moment of the next attempt.
type Decision struct {
	Verdict Verdict
	Due     civil.Instant // Again
	Reason  string        // Dead
}

// Decide says what follows from the result of an attempt. failed is how many attempts had failed before it; chance is in
// [0, 1).
func (s Schedule) Decide(failed int, r Result, now civil.Instant, chance float64) Decision {
	switch {
	case r.OK:
		return Decision{Verdict: Done}
	case r.Gone:
		return Decision{Verdict: Dead, Reason: Disabled}
	case r.Permanent:
		return Decision{Verdict: Dead, Reason: Refused}
	case failed+1 >= len(s.Delays):
		return Decision{Verdict: Dead, Reason: GivenUp}
	}
	rest := s.Delays[failed+1]
	rest += time.Duration(float64(rest) * s.Spread * chance)
	return Decision{Verdict: Again, Due: now + micros(max(rest, s.rest(r)))}
}

// rest is what the endpoint asked for, within bounds.
func (s Schedule) rest(r Result) time.Duration {
	return min(max(0, r.RetryAfter), s.RetryAfterMost)
}

func micros(d time.Duration) civil.Instant { return civil.Instant(d / time.Microsecond) }
