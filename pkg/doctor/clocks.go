package doctor

import (
	"time"
)

// How far clocks may be apart: decisions by time come that much too early or too late.
const (
	apartWarn = time.Second
	apartFail = 5 * time.Minute
)

const syncClock = "chronyc makestep (or timedatectl set-ntp true) on the machine that is wrong"

// clocks: this machine's beside those of Redis, of the services and of the brokers.
func clocks(f Facts) (all []Finding) {
	if f.Redis != nil {
		for _, n := range f.Redis.Nodes {
			all = append(all, clock("the clock of Redis at "+n.Address, n.Ahead, n.Bound, n.ClockErr))
		}
	}
	newest := time.Time{}
	for _, i := range f.Inits {
		if i.Newest.After(newest) {
			newest = i.Newest
		}
	}
	switch ahead := newest.Sub(f.Now); {
	case newest.IsZero():
	case ahead > apartWarn:
		all = append(all, apart("the clock of the service that wrote the newest record of facts", ahead, 0))
	default:
		all = append(all, ok("clocks", "no record of facts is stamped ahead of this machine's clock"))
	}
	if f.Cluster != nil {
		all = append(all, found(Unknown, "clocks", "date -u (on each broker, beside this machine's)", "the brokers don't tell their time: by theirs, facts refuses records that are stamped too far ahead"))
	}
	return all
}

func clock(whose string, ahead, bound time.Duration, err error) Finding {
	if err != nil {
		return found(Unknown, "clocks", "redis-cli TIME", "%s can't be asked: %v", whose, err)
	}
	if ahead.Abs()-bound > apartWarn {
		return apart(whose, ahead, bound)
	}
	return ok("clocks", "%s is %s from this machine's, give or take %s", whose, round(ahead.Abs()), round(bound))
}

func apart(whose string, ahead, bound time.Duration) Finding {
	state, side := Warn, "ahead of"
	if ahead < 0 {
		side = "behind"
	}
	if ahead.Abs()-bound > apartFail {
		state = Fail
	}
	return found(state, "clocks", syncClock, "%s is %s %s this machine's, give or take %s: what is decided by time comes that much too early or too late", whose, round(ahead.Abs()), side, round(bound))
}

func round(d time.Duration) time.Duration {
	if d > time.Second {
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(10 * time.Microsecond)
}
