//go:build servers

package e2e

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// burst is how many milliseconds of orders go into one request, as a producer's linger does.
const burst = 5 * time.Millisecond

// latencies sends rate first orders a second for so many seconds, and gives how long each took to its tier change,
// sorted. The time counts from when an order was to be sent, so that a sender that is held up hides nothing.
func (s *system) latencies(seconds, rate int) []time.Duration {
	s.t.Helper()
	client := s.client()
	defer client.Close()
	ends, err := client.Offsets(s.t.Context(), s.prefix+topics.TierChanges)
	if err != nil {
		s.t.Fatal(err)
	}
	run := fmt.Sprintf("%d-%d", seconds, time.Now().UnixNano())
	begin := time.Now().Add(100 * time.Millisecond)
	due := func(n int) time.Time { return begin.Add(time.Duration(n) * time.Second / time.Duration(rate)) }
	total := seconds * rate
	sent := make(chan error, 1)
	go func() { sent <- s.orders(client, run, total, len(ends), due) }()

	var mu sync.Mutex
	took := map[string]time.Duration{}
	var readers sync.WaitGroup
	for p, b := range ends {
		readers.Go(func() {
			log := client.PartitionLog(kafkalog.Claim{Topic: s.prefix + topics.TierChanges, Partition: p}, kafkalog.Topics{})
			for from := b.End; ; {
				mu.Lock()
				done := len(took) == total
				mu.Unlock()
				if done || time.Since(begin) > time.Duration(seconds+60)*time.Second {
					return
				}
				f, err := log.Fetch(s.t.Context(), from, total, civil.Second/4)
				if err != nil {
					continue
				}
				for _, r := range f.Records {
					from = r.Offset + 1
					c := &pb.TierChange{}
					var n int
					if err := proto.Unmarshal(r.Value, c); err != nil || c.Seq != 1 {
						continue
					}
					if _, err := fmt.Sscanf(c.CustomerId, "L"+run+"-%d", &n); err != nil {
						continue
					}
					mu.Lock()
					if _, seen := took[c.CustomerId]; !seen {
						took[c.CustomerId] = time.Since(due(n))
					}
					mu.Unlock()
				}
			}
		})
	}
	readers.Wait()
	if err := <-sent; err != nil {
		s.t.Fatal(err)
	}
	if len(took) != total {
		s.t.Fatalf("%d tier changes of %d came", len(took), total)
	}
	var all []time.Duration
	for _, d := range took {
		all = append(all, d)
	}
	slices.Sort(all)
	return all
}

// orders sends the first orders of new customers when they are due.
func (s *system) orders(client *kafkalog.Client, run string, total, partitions int, due func(int) time.Time) error {
	for n := 0; n < total; {
		time.Sleep(time.Until(due(n)))
		by := map[int][]kafkalog.Message{}
		for now := time.Now().Add(burst); n < total && due(n).Before(now); n++ {
			id := fmt.Sprintf("L%s-%d", run, n)
			value := fmt.Sprintf(`{"event_id":"%[1]s","occurred_at":%[2]q,"customer_id":"%[1]s","order_id":"%[1]s","placed":{"amount_minor":"20000","currency":"CNY"}}`,
				id, time.Now().UTC().Format(time.RFC3339))
			p := kafkalog.Partition(id, partitions)
			by[p] = append(by[p], kafkalog.Message{Key: []byte(id), Value: []byte(value)})
		}
		for p, ms := range by {
			if _, err := client.Produce(s.t.Context(), s.prefix+topics.Orders, p, ms); err != nil {
				return err
			}
		}
	}
	return nil
}
