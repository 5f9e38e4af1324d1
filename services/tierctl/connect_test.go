package tierctl

import (
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tierstream/tierstream/pkg/process"
)

// A command that begins while a leader is being replaced waits for it; one without a deployment says so at once.
func TestFindingWhileALeaderMoves(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "x.facts"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	asked := 0
	c.ControlKey(int16(kmsg.ListOffsets), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if asked++; asked > 2 {
			return nil, nil, false
		}
		r := req.(*kmsg.ListOffsetsRequest).ResponseKind().(*kmsg.ListOffsetsResponse)
		p := kmsg.NewListOffsetsResponseTopicPartition()
		p.ErrorCode = kerr.NotLeaderForPartition.Code
		r.Topics = []kmsg.ListOffsetsResponseTopic{{Topic: "x.facts", Partitions: []kmsg.ListOffsetsResponseTopicPartition{p}}}
		return r, nil, true
	})
	begun := time.Now()
	_, err = open(t.Context(), process.Config{Brokers: c.ListenAddrs(), TopicPrefix: "x.", SessionTimeout: 6 * time.Second}, true)
	if err == nil || !strings.Contains(err.Error(), "tierctl init") || asked < 3 {
		t.Errorf("asked %d times, %v; want it to ask until a leader answers, and then that there is no deployment", asked, err)
	}
	if took := time.Since(begun); took > patience/2 {
		t.Errorf("it took %v to say that there is no deployment", took)
	}
}
