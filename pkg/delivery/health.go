package delivery

import (
	"github.com/tierstream/tierstream/pkg/civil"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// noteEvery is how often a success, or a failure like the one before, is worth a write.
const noteEvery = 60 * civil.Second

// health is how an endpoint is. The zero value is an active one that was never called.
type health struct{ *pb.EndpointState }

// off is the reason for which an endpoint gets nothing; empty: it is active.
func (h health) off() string {
	switch h.GetStatus() {
	case pb.EndpointState_DISABLED:
		return Disabled
	case pb.EndpointState_SET_ASIDE:
		return SetAside
	}
	return ""
}

// after is the state of an endpoint after an attempt that ended now, and whether that is worth remembering. What is off
// stays off: only an operator takes it back.
func (h health) after(s Schedule, r Result, now civil.Instant) (health, bool) {
	if h.off() != "" {
		return h, false
	}
	was := h.EndpointState
	is := &pb.EndpointState{Status: pb.EndpointState_ACTIVE, SucceededAt: was.GetSucceededAt(), FailingSince: was.GetFailingSince(), Error: was.GetError(), ErrorAt: was.GetErrorAt()}
	if r.OK {
		is.FailingSince, is.SucceededAt = 0, int64(now)
		return health{is}, was.GetFailingSince() != 0 || int64(now)-was.GetSucceededAt() >= int64(noteEvery)
	}
	worth := was.GetFailingSince() == 0 || r.What != was.GetError() || int64(now)-was.GetErrorAt() >= int64(noteEvery)
	if is.FailingSince == 0 {
		is.FailingSince = int64(now)
	}
	is.Error, is.ErrorAt = r.What, int64(now)
	switch {
	case r.Gone:
		is.Status, is.Since, worth = pb.EndpointState_DISABLED, int64(now), true
	case now-civil.Instant(is.FailingSince) >= micros(s.SetAsideAfter):
		is.Status, is.Since, worth = pb.EndpointState_SET_ASIDE, int64(now), true
	}
	return health{is}, worth
}
