package delivery

import (
	"context"
	"time"
)

// finish lets attempts under way come to their end, within bounds, and puts what they brought into the state.
func (o *Owner) finish(ctx context.Context, err error) {
	left := time.NewTimer(o.cfg.Limits.Grace)
	defer left.Stop()
	for len(o.flying) > 0 {
		select {
		case l := <-o.results:
			o.land(l)
		case <-left.C:
			o.stopSends()
		}
	}
	o.running.Wait()
	if err == nil && o.known {
		ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), o.cfg.Limits.Grace)
		defer stop()
		if e := o.settle(ctx); e == nil {
			_ = o.commitNow(ctx) // whoever is next needn't take it again
		}
	}
	o.tellOld()
	o.pending, o.index = nil, nil
	o.report()
}

// report tells the observer how many are pending and dead.
func (o *Owner) report() {
	now := map[string]counts{}
	for endpoint, n := range o.pending {
		now[endpoint] = counts{pending: n}
	}
	for _, d := range o.index.GetEntries() {
		c := now[d.Endpoint]
		c.dead++
		now[d.Endpoint] = c
	}
	for endpoint := range o.reported {
		if _, still := now[endpoint]; !still {
			now[endpoint] = counts{}
		}
	}
	for endpoint, is := range now {
		was := o.reported[endpoint]
		if is.pending != was.pending {
			o.cfg.Observer.Pending(endpoint, is.pending-was.pending)
		}
		if is.dead != was.dead {
			o.cfg.Observer.Dead(endpoint, is.dead-was.dead)
		}
		o.reported[endpoint] = is
	}
}
