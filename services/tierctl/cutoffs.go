package tierctl

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// ranked says whether the deployment's policy asks for classes or ranks, or whether payments have stopped: then midnights come with
// cut-offs, or with that, and no event of the day that begins may come before them.
func (r *remote) ranked() (bool, error) {
	p, err := policy.Parse(r.init.PolicyFile, r.init.Policy)
	if err != nil {
		return false, fmt.Errorf("reading the deployment's policy: %w", err)
	}
	return p.Midnights(), nil
}

// midnights follows which day ends are done: the merger says so on partition 0 of portfolio.
type midnights struct {
	remote *remote
	next   int64         // offset in portfolio
	done   civil.Instant // the latest
	told   civil.Instant // the latest that partition 0 has told
}

// resume waits for a midnight at or before last that is on its way: whoever sent its Tick may have ended before its cut-offs came, and
// nothing of the day that begins with it may come before them.
func (m *midnights) resume(ctx context.Context, last civil.Instant) error {
	err := again(ctx, func() error {
		bounds, err := m.remote.client.Offsets(ctx, m.remote.topic(topics.Portfolio))
		if err != nil {
			return err
		}
		for m.next < bounds[0].End {
			if err := m.look(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || m.told <= m.done || m.told > last {
		return err
	}
	return m.pass(ctx, m.told)
}

// pass puts a Tick at a midnight into every partition, behind what has been sent, and waits until its cut-offs are in facts.
func (m *midnights) pass(ctx context.Context, at civil.Instant) error {
	tick := &pb.Fact{At: int64(at), Body: &pb.Fact_Tick{Tick: &pb.Tick{}}}
	if err := m.remote.control(ctx, tick); err != nil {
		return err
	}
	defer m.remote.status.done()
	for m.done < at {
		err := again(ctx, func() error { return m.look(ctx) })
		switch {
		case ctx.Err() != nil: // which also ends a request in the middle, with an error of its own
			return fmt.Errorf("waiting for the cut-offs of %s: %w (are ingest and scorer running? see their /readyz?verbose)", at, errTimeout)
		case err != nil:
			return err
		case m.done < at:
			m.remote.status.tell(fmt.Sprintf("waiting for the cut-offs of %s", at))
		}
	}
	return nil
}

// pollWait bounds a request that waits for the merger: what comes is answered at once.
const pollWait = 500 * time.Millisecond

func (m *midnights) look(ctx context.Context) error {
	var ms []kafkalog.Message
	var err error
	if ms, m.next, err = m.remote.client.Poll(ctx, m.remote.topic(topics.Portfolio), 0, m.next, pollWait); err != nil {
		return err
	}
	for _, x := range ms {
		d := &pb.PortfolioDay{}
		if err := proto.Unmarshal(x.Value, d); err != nil {
			return fmt.Errorf("portfolio partition 0 offset %d is no day: %w", x.Offset, err)
		}
		switch at := civil.Instant(d.AsOf); {
		case d.Merged:
			m.done = max(m.done, at)
		case d.Ranked:
			m.told = max(m.told, at)
		}
	}
	return nil
}

// replayDays sends a history day by day: the midnights since what the deployment has come to, and those that the lines pass, each
// before what is after it. It says how many lines were acknowledged.
func (r *remote) replayDays(ctx context.Context, lines []numbered, bar *progress) (acknowledged int, err error) {
	calendar, err := civil.NewCalendar(r.init.TimeZone)
	if err != nil {
		return 0, err
	}
	last, err := r.reached(ctx)
	if err != nil {
		return 0, err
	}
	m, out, next := midnights{remote: r}, map[place][]kafkalog.Message{}, civil.Instant(0)
	if err := m.resume(ctx, last); err != nil {
		return 0, err
	}
	flush := func() error {
		n, err := r.sendAll(ctx, out, bar)
		acknowledged += n
		clear(out)
		return err
	}
	for _, l := range lines {
		for l.OccurredAt > 0 && next <= l.OccurredAt {
			if next != 0 {
				if err := flush(); err != nil {
					return acknowledged, err
				}
				if err := m.pass(ctx, next); err != nil {
					return acknowledged, err
				}
				last = next
			}
			next = dayAfter(calendar, last, l.OccurredAt)
		}
		r.lay(l, out)
	}
	return acknowledged, flush()
}

// reached is the smallest time that the partitions have come to with all that was sent; those that have none yet are left
// out. 0: none has.
func (r *remote) reached(ctx context.Context) (least civil.Instant, err error) {
	if err := r.wait(ctx); err != nil {
		return 0, err
	}
	s, err := r.states(ctx)
	if err != nil {
		return 0, err
	}
	defer s.close()
	for p := range r.partitions() {
		v, _, err := s.part(ctx, topics.Scorer, p)
		switch {
		case errors.As(err, new(notBegun)):
		case err != nil:
			return 0, err
		case v.Now() > 0 && (least == 0 || v.Now() < least):
			least = v.Now()
		}
	}
	return least, nil
}

// passTo lets the midnights up to t pass, each with its cut-offs.
func (r *remote) passTo(ctx context.Context, t civil.Instant) error {
	calendar, err := civil.NewCalendar(r.init.TimeZone)
	if err != nil {
		return err
	}
	last, err := r.reached(ctx)
	if err != nil || last == 0 {
		return err
	}
	m := midnights{remote: r}
	if err := m.resume(ctx, last); err != nil {
		return err
	}
	for at := dayAfter(calendar, last, 0); at <= t; at = dayAfter(calendar, at, 0) {
		if err := m.pass(ctx, at); err != nil {
			return err
		}
	}
	return nil
}
