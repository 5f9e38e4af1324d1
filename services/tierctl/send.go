package tierctl

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

func sendCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "send FILE",
		Short: "Send event lines; done when all are acknowledged",
		Long: `Send the lines of a file ({"topic":"orders","value":{...}}; - is stdin).

Rates (fx-rates) go first. Under the wall clock each goes onto its topic, in the order of the file. Under the event clock all go sorted onto the
topic events, with a Tick at the end of each of the policy's days. Where the policy asks for classes or ranks, send
waits at each for the day's cut-offs.`,
		Example: "  tierctl send events.jsonl",
		Args:    exactly("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := connect(cmd, true)
			if err != nil {
				return err
			}
			defer r.close()
			var lines []numbered
			err = soon(cmd.Context(), func() (err error) {
				lines, err = readLines(cmd.Context(), args[0], cmd.InOrStdin())
				return err
			})
			if err != nil {
				return interrupted(cmd.Context(), err, "nothing has been sent")
			}
			return r.send(cmd.Context(), cmd.ErrOrStderr(), lines)
		},
	}
}

// send puts lines, which are in the order of the event clock, onto the topics.
func (r *remote) send(ctx context.Context, say io.Writer, lines []numbered) error {
	bar := newProgress(say, "sending", int64(len(lines)))
	out := map[place][]kafkalog.Message{}
	event, err := r.eventClock(ctx)
	if err != nil {
		return err
	}
	ranked, err := r.ranked()
	if err != nil {
		return err
	}
	events, acknowledged, err := r.sendRates(ctx, lines, event, bar)
	sent := 0
	switch {
	case err != nil:
	case event && ranked:
		sent, err = r.replayDays(ctx, events, bar)
	case event:
		if err := r.replay(events, out); err != nil {
			return err
		}
		sent, err = r.sendAll(ctx, out, bar)
	default:
		slices.SortFunc(events, func(a, b numbered) int { return cmp.Compare(a.number, b.number) })
		for _, l := range events {
			r.layLive(l, out)
		}
		sent, err = r.sendAll(ctx, out, bar)
	}
	acknowledged += sent
	bar.done()
	if err != nil {
		return interrupted(ctx, err, "%d of %d lines were acknowledged; send the file again, what comes twice counts once", acknowledged, len(lines))
	}
	_, err = fmt.Fprintf(say, "%d lines sent%s\n", len(lines), strangers(lines))
	return err
}

// sendRates sends the rates among lines, so that they are there before any event that counts by them. events are the others; in a
// replay what can't be used is one of them, so that it is a dead letter of its line.
func (r *remote) sendRates(ctx context.Context, lines []numbered, replay bool, bar *progress) (events []numbered, acknowledged int, err error) {
	out := map[place][]kafkalog.Message{}
	d := codec.Decoder{Currency: r.init.Currency}
	for _, l := range lines {
		switch {
		case replay && l.Rates != nil && isUsable(d, l): // on their own topic, where they are known before any event
			p := place{topics.FxRates, partitionOf(l, r.partitions())}
			out[p] = append(out[p], lineMessage(l, l.Rates))
		case !replay && (l.Rates != nil || l.Topic == topics.FxRates && l.Value != nil):
			r.layLive(l, out)
		default:
			events = append(events, l)
		}
	}
	acknowledged, err = r.sendAll(ctx, out, bar)
	return events, acknowledged, err
}

func isUsable(d codec.Decoder, l numbered) bool {
	_, reject := d.Decode(l.Input(), 0)
	return reject == nil
}

// layLive puts a line into its partition of its own topic.
func (r *remote) layLive(l numbered, out map[place][]kafkalog.Message) {
	topic, value := liveTopic(l)
	p := place{topic, partitionOf(l, r.partitions())}
	out[p] = append(out[p], lineMessage(l, value))
}

// strangers says how many lines aren't lines of events at all. They are sent too: nothing is lost on the way.
func strangers(lines []numbered) string {
	n := 0
	for _, l := range lines {
		if l.Value == nil || !slices.Contains(topics.Inputs(), l.Topic) {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(`; %d of them are no lines like {"topic":"orders","value":{...}} and will be dead letters: see tierctl dlq list`, n)
}

// place is a partition of a topic.
type place struct {
	topic     string
	partition int
}

// liveTopic is where a line goes under the wall clock. What has no topic that exists goes to events as it is, and from
// there to dead-letters: nothing is lost on the way.
func liveTopic(l numbered) (topic string, value []byte) {
	for _, t := range topics.Inputs() {
		if l.Topic == t && l.Value != nil {
			return t, l.Value
		}
	}
	return topics.Events, l.Raw
}

func lineMessage(l numbered, value []byte) kafkalog.Message {
	return kafkalog.Message{Key: []byte(l.CustomerID), Value: value, Headers: []kafkalog.Header{{Key: topics.LineHeader, Value: []byte(strconv.Itoa(l.number))}}}
}

func partitionOf(l numbered, n int) int { return kafkalog.Partition(l.CustomerID, n) }

// replay lays out a history: each line in its partition, and in every partition a Tick at each day end that the lines
// pass.
func (r *remote) replay(lines []numbered, out map[place][]kafkalog.Message) error {
	calendar, err := civil.NewCalendar(r.init.TimeZone)
	if err != nil {
		return err
	}
	var next civil.Instant
	for _, l := range lines {
		if l.OccurredAt > 0 {
			for next == 0 || next <= l.OccurredAt {
				if next != 0 {
					if err := r.tickAll(next, out); err != nil {
						return err
					}
				}
				next = dayAfter(calendar, next, l.OccurredAt)
			}
		}
		r.lay(l, out)
	}
	return nil
}

// lay puts a line of a replay into its partition. A payment for customers of several partitions goes into each of them, at
// its place among what these have, so that it comes when it should wherever it belongs; and so does what a feed says into all.
func (r *remote) lay(l numbered, out map[place][]kafkalog.Message) {
	m, home := lineMessage(l, l.Raw), partitionOf(l, r.partitions())
	homes := r.homes(l)
	if len(homes) > 1 {
		m.Headers = append(m.Headers, kafkalog.Header{Key: topics.SharesHeader, Value: []byte("own")})
	}
	for _, other := range homes {
		if other != home {
			p, copied := place{topics.Events, other}, m
			copied.Headers = append(slices.Clone(m.Headers[:1]), kafkalog.Header{Key: topics.SharesHeader, Value: []byte(copyOfLine)})
			out[p] = append(out[p], copied)
		}
	}
	p := place{topics.Events, home}
	out[p] = append(out[p], m)
}

const copyOfLine = "copy"

// homes are the partitions of the customers that a line is for, where it may be for several; what a feed of payments says is for
// all.
func (r *remote) homes(l numbered) (out []int) {
	several := bytes.Count(l.Raw, []byte("ustomer_id"))+bytes.Count(l.Raw, []byte("ustomerId")) >= 2
	if !several && !bytes.Contains(l.Raw, []byte("complete_through")) && !bytes.Contains(l.Raw, []byte("completeThrough")) {
		return nil
	}
	a, reject := codec.Decoder{}.Decode(l.Input(), 0) // of whatever currency
	if reject != nil {
		return nil
	}
	if a.OfFeed() {
		for p := range r.partitions() {
			out = append(out, p)
		}
		return out
	}
	for _, s := range a.Shares() {
		if p := kafkalog.Partition(s.CustomerID, r.partitions()); !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// dayAfter is the day end after one, or, before the first, after the first event.
func dayAfter(c civil.Calendar, last, first civil.Instant) civil.Instant {
	if last == 0 {
		last = first
	}
	return c.Start(c.DayOf(last) + 1)
}

func (r *remote) tickAll(at civil.Instant, out map[place][]kafkalog.Message) error {
	m, err := controlMessage(&pb.Fact{At: int64(at), Body: &pb.Fact_Tick{Tick: &pb.Tick{}}})
	if err != nil {
		return err
	}
	for n := range r.partitions() {
		p := place{topics.Events, n}
		out[p] = append(out[p], m)
	}
	return nil
}

// controlMessage is a record that ingest passes on to facts of the same partition number.
func controlMessage(f *pb.Fact) (kafkalog.Message, error) {
	value, err := proto.Marshal(f)
	if err != nil {
		return kafkalog.Message{}, fmt.Errorf("encoding a control record: %w", err)
	}
	return kafkalog.Message{Value: value, Headers: []kafkalog.Header{{Key: topics.ControlHeader, Value: []byte("1")}}}, nil
}

// sendBytes bounds one produce request.
const sendBytes = 512 << 10

// sendAll sends partitions side by side, one request in flight for each, and stops at the first error. It says how many lines
// were acknowledged.
func (r *remote) sendAll(ctx context.Context, out map[place][]kafkalog.Message, bar *progress) (acknowledged int, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	done := make(chan int)
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		for n := range done {
			acknowledged += n
			bar.add(int64(n))
		}
	}()
	for p, ms := range out {
		group.Go(func() error {
			for _, chunk := range kafkalog.Chunks(ms, sendBytes) {
				if err := r.produce(ctx, r.topic(p.topic), p.partition, chunk); err != nil {
					return err
				}
				done <- countLines(chunk)
			}
			return nil
		})
	}
	err = group.Wait()
	close(done)
	<-finished
	return acknowledged, err
}

// countLines leaves out the Ticks, and copies of a line.
func countLines(ms []kafkalog.Message) (n int) {
	for _, m := range ms {
		if !slices.ContainsFunc(m.Headers, func(h kafkalog.Header) bool {
			return h.Key == topics.ControlHeader || h.Key == topics.SharesHeader && string(h.Value) == copyOfLine
		}) {
			n++
		}
	}
	return n
}
