package ingest_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

const word = `{"event_id":"w1","source":"bank","occurred_at":"2026-03-01T09:30:00Z","customer_id":"C1","complete_through":{"feed":"acme","until":"2026-03-01T00:00:00Z"}}`

// words are the words of a feed in each partition of facts, once there are n of them in all.
func (r *rig) words(n int) (by [partitions]int) {
	r.t.Helper()
	for _, m := range r.await(topics.Facts, n+partitions) {
		f := &pb.Fact{}
		if err := proto.Unmarshal(m.Value, f); err != nil {
			r.t.Fatal(err)
		}
		if c := f.GetPayment().GetCompleteThrough(); c != nil {
			if by[m.Partition]++; len(m.Key) != 0 || c.Feed != "acme" || f.At == 0 {
				r.t.Errorf("partition %d has %v under %q", m.Partition, f, m.Key)
			}
		}
	}
	return by
}

// What a feed says of itself goes into every partition of facts, from payments and from events, whomever it names.
func TestWordOfAFeedGoesEverywhere(t *testing.T) {
	r := start(t)
	r.initialise()
	r.put(topics.Payments, 1, kafkalog.Message{Value: []byte(word)})
	r.words(2)
	r.put(topics.Events, 0, kafkalog.Message{Value: []byte(`{"topic":"payments","value":` + word + `}`)})
	if by := r.words(4); by != [partitions]int{2, 2} {
		t.Errorf("the partitions of facts have %v", by)
	}
}

// Where a replay has put a copy into each partition of events, each goes into its own alone.
func TestWordOfAFeedInAReplay(t *testing.T) {
	r := start(t)
	r.initialiseUnder(pb.PartitionInit_EVENT)
	for p, own := range []string{"copy", "own"} {
		r.put(topics.Events, p, kafkalog.Message{Value: []byte(`{"topic":"payments","value":` + word + `}`), Headers: []kafkalog.Header{{Key: topics.SharesHeader, Value: []byte(own)}}},
			line("after", 0))
	}
	if by := r.words(4); by != [partitions]int{1, 1} {
		t.Errorf("the partitions of facts have %v", by)
	}
}
