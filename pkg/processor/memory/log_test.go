package memory_test

import (
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	"github.com/tierstream/tierstream/pkg/processor/porttest"
)

func TestBrokerIsALog(t *testing.T) {
	porttest.Log(t, func(*testing.T) porttest.Partition {
		b := memory.NewBroker(func() civil.Instant { return civil.FromTime(time.Now()) })
		return porttest.Partition{
			Log:       b.Log("g", "in", "facts"),
			Put:       func(_ *testing.T, ms ...processor.Message) { b.Put("in", ms...) },
			Sent:      func(_ *testing.T, topic string) []processor.Message { return b.Messages(topic) },
			Outputs:   [2]string{"scores", "portfolio"},
			Takeover:  func(*testing.T) processor.Log { return b.Log("g", "in", "facts") },
			Committed: func(*testing.T) int64 { return b.Committed("g") },
			Trim:      func(_ *testing.T, offset int64) { b.Trim("in", offset) },
		}
	})
}
