package tierctl

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/reducer"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

func feedCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "feed",
		Short:   "See how far the feeds of payments are complete, or go on without one that has fallen silent",
		Example: "  tierctl feed status\n  tierctl feed release acme",
		Args:    subcommand(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(feedStatusCommand(), feedReleaseCommand())
	return c
}

func feedStatusCommand() *cobra.Command {
	var out output
	c := &cobra.Command{
		Use:   "status",
		Short: "Say how far silence is judged, and what each feed of payments has said",
		Long: `Say how far silence is judged, and what each feed of payments has said with complete_through.

Whoever hasn't paid gets worse by that only as far as every feed is complete. Without a feed that is as many days behind as
the policy's credit.booking_lag says.`,
		Example: "  tierctl feed status\n  tierctl feed status -o json",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := out.check(); err != nil {
				return err
			}
			r, err := connect(cmd, true)
			if err != nil {
				return err
			}
			defer r.close()
			s, err := r.silence(cmd.Context())
			if err != nil {
				return err
			}
			return s.show(cmd, out)
		},
	}
	out.flag(c)
	return c
}

func feedReleaseCommand() *cobra.Command {
	var source string
	var timeout time.Duration
	c := &cobra.Command{
		Use:   "release [FEED]",
		Short: "Judge silence without a feed of payments until it speaks again; without FEED, without those that hold it",
		Long: `Judge silence without a feed of payments until it says more than it has said. Without FEED that is every feed that holds
it back further than the policy's credit.booking_lag.

Who hasn't paid is judged at once by what is known: grades fall and alerts come that were held back.`,
		Example: "  tierctl feed release\n  tierctl feed release acme --source bank",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("give one FEED, or none for all that hold")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop, err := within(cmd, timeout)
			if err != nil {
				return err
			}
			defer stop()
			r, err := connect(cmd, true)
			if err != nil {
				return err
			}
			defer r.close()
			pick := func(f feedLine) bool { return f.State == feedHolds }
			if len(args) > 0 {
				pick = func(f feedLine) bool {
					return f.Name == args[0] && (source == "" || f.Source == source) && f.State != feedReleased
				}
			}
			n, err := r.release(ctx, pick)
			if err != nil {
				return interrupted(ctx, err, "it may take effect all the same; see tierctl feed status")
			}
			if n == 0 {
				return fmt.Errorf("no such feed holds anything: see tierctl feed status")
			}
			_, err = fmt.Fprintf(cmd.ErrOrStderr(), "%d released: silence is judged without them until they speak again\n", n)
			return err
		},
	}
	c.Flags().StringVar(&source, "source", "", "only the feed of this source")
	timeoutFlag(c, &timeout, time.Minute, "give up after so long")
	return c
}

// What says how far silence is judged, and states of a feed.
const (
	byLag   = "booking lag"
	byFeeds = "feeds"
	byQuiet = "payments that stopped"

	feedCounts   = "counts"
	feedHolds    = "holds"
	feedReleased = "released"
)

// silenceLine is how far silence is judged, in the partition that is furthest behind.
type silenceLine struct {
	AsOf      codec.Instant `json:"as_of"`
	JudgedTo  string        `json:"judged_up_to"` // a date
	By        string        `json:"judged_by"`
	HeldSince *string       `json:"held_since"` // a date; null: it isn't
	Feeds     []feedLine    `json:"feeds"`
}

type feedLine struct {
	Source string        `json:"source"`
	Name   string        `json:"feed"`
	Until  codec.Instant `json:"complete_through"`
	State  string        `json:"state"`

	key string // its name, as the partitions have it
}

// everybody stands for the payments of everybody, which have stopped coming.
const everybody = "(payments of everybody)"

// silence puts together what the partitions know: of each feed the least, since its word may still be on its way to some.
func (r *remote) silence(ctx context.Context) (line silenceLine, err error) {
	s, err := r.states(ctx)
	if err != nil {
		return line, err
	}
	defer s.close()
	views := make([]*reducer.View, r.partitions())
	for p := range views {
		if views[p], _, err = s.part(ctx, topics.Scorer, p); err != nil {
			return line, err
		}
	}
	return silenceOf(views), nil
}

func silenceOf(views []*reducer.View) (line silenceLine) {
	at, judged := civil.Instant(0), civil.Day(0)
	for _, v := range views {
		at = max(at, v.Now())
	}
	line.AsOf, line.Feeds = codec.Instant(at), []feedLine{}
	for i, v := range views {
		s := v.Silence(at)
		if i == 0 || s.Judged < judged {
			judged, line.JudgedTo, line.By = s.Judged, s.Judged.String(), byLag
			switch {
			case slices.ContainsFunc(s.Feeds, func(f reducer.FeedWord) bool { return f.Quiet && f.Slowest }):
				line.By = byQuiet
			case s.Held:
				line.By = byFeeds
			}
			if line.HeldSince = nil; s.Since != 0 {
				since := s.Since.String()
				line.HeldSince = &since
			}
		}
		for _, f := range s.Feeds {
			line.add(f, s.Since != 0)
		}
	}
	return line
}

func (l *silenceLine) add(w reducer.FeedWord, held bool) {
	f := feedLine{w.Source, w.Name, codec.Instant(w.Until), feedCounts, w.Name}
	if w.Quiet {
		f.Name = everybody
	}
	switch {
	case w.Released:
		f.State = feedReleased
	case held && w.Slowest:
		f.State = feedHolds
	}
	i, known := slices.BinarySearchFunc(l.Feeds, f, func(a, b feedLine) int { return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Name, b.Name)) })
	switch {
	case !known:
		l.Feeds = slices.Insert(l.Feeds, i, f)
	case f.Until < l.Feeds[i].Until || f.State == feedHolds:
		l.Feeds[i] = f
	}
}

func (l silenceLine) show(cmd *cobra.Command, out output) error {
	rows := []table.Row{{"silence is judged up to", l.JudgedTo, "by " + l.By}}
	if l.HeldSince != nil {
		rows = append(rows, table.Row{"held since", *l.HeldSince, ""})
	}
	for _, f := range l.Feeds {
		rows = append(rows, table.Row{"feed " + f.title(), when(f.Until), f.State})
	}
	return out.show(cmd.OutOrStdout(), l, table.Row{"what", "complete through", "state"}, rows)
}

// rows is a row for whoever looks at a customer; none where there is no feed to speak of.
func (l silenceLine) rows(in explainer) []table.Row {
	var said []string
	for _, f := range l.Feeds {
		if f.State == feedHolds || f.State == feedCounts && l.HeldSince == nil {
			said = append(said, fmt.Sprintf("%s is complete through %s", f.title(), in.when(f.Until)))
		}
	}
	text := "payments feed " + strings.Join(said, ", ")
	if i := slices.IndexFunc(l.Feeds, func(f feedLine) bool { return f.Name == everybody }); l.By == byQuiet && i >= 0 {
		text = "no payment of anybody has come since " + in.when(l.Feeds[i].Until)
	}
	switch {
	case len(said) == 0:
		return nil
	case l.HeldSince != nil:
		return []table.Row{{"silence", fmt.Sprintf("held since %s: %s; nobody gets worse by it until there is more (see tierctl feed status)", *l.HeldSince, text)}}
	}
	return []table.Row{{"silence", fmt.Sprintf("judged up to %s: %s", l.JudgedTo, text)}}
}

func (f feedLine) title() string {
	if f.Source == "" {
		return plain(f.Name)
	}
	return plain(f.Name) + " of " + plain(f.Source)
}

// release releases the feeds that pick takes, as of what each has said, in every partition, and waits until all know. It says how
// many there are.
func (r *remote) release(ctx context.Context, pick func(feedLine) bool) (int, error) {
	line, err := r.silence(ctx)
	if err != nil {
		return 0, err
	}
	body := &pb.FeedsReleased{}
	for _, f := range line.Feeds {
		if pick(f) {
			body.Feeds = append(body.Feeds, &pb.Feed{Source: f.Source, Name: f.key, Released: int64(f.Until)})
		}
	}
	if len(body.Feeds) == 0 {
		return 0, nil
	}
	if err := r.appendRelease(ctx, body, line.AsOf); err != nil {
		return 0, err
	}
	for {
		line, err := r.silence(ctx)
		if err != nil {
			return 0, err
		}
		if !slices.ContainsFunc(line.Feeds, func(f feedLine) bool { return f.State != feedReleased && asked(body, f) }) {
			return len(body.Feeds), nil
		}
		if err := rest(ctx); err != nil {
			return 0, fmt.Errorf("waiting until every partition knows of it: %w (is the scorer running? see its /readyz?verbose)", err)
		}
	}
}

// asked says that a feed was to be released as of what it says still.
func asked(body *pb.FeedsReleased, is feedLine) bool {
	return slices.ContainsFunc(body.Feeds, func(f *pb.Feed) bool {
		return f.Source == is.Source && f.Name == is.key && int64(is.Until) <= f.Released
	})
}

// appendRelease puts the record into every partition of facts: behind the events that were sent where these drive the time, at once
// where the wall clock does. now is the time of the deployment.
func (r *remote) appendRelease(ctx context.Context, body *pb.FeedsReleased, now codec.Instant) error {
	f := &pb.Fact{At: int64(r.now()), Body: &pb.Fact_FeedsReleased{FeedsReleased: body}}
	event, err := r.eventClock(ctx)
	if err != nil {
		return err
	}
	if event {
		f.At = int64(now)
		return r.control(ctx, f)
	}
	m, err := controlMessage(f)
	if err != nil {
		return err
	}
	m.Headers = nil
	for p := range r.partitions() {
		if err := r.produce(ctx, r.topic(topics.Facts), p, []kafkalog.Message{m}); err != nil {
			return err
		}
	}
	return nil
}
