package tierctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/tierstream/tierstream/pkg/processor"
)

// What passes is tried again for as long as patience lasts; what doesn't is told at once.
func TestAgain(t *testing.T) {
	for _, c := range []struct {
		name     string
		err      error
		failing  int // tries
		tries    int
		wantFail bool
	}{
		{"well", nil, 0, 1, false},
		{"a leader moves", kafka.NotLeaderForPartition, 5, 6, false},
		{"a broker is restarted", kafka.Unknown, 5, 6, false},
		{"a connection is cut", fmt.Errorf("sending: %w", io.ErrUnexpectedEOF), 5, 6, false},
		{"too large for the broker", kafka.MessageSizeTooLarge, 1, 1, true},
		{"not allowed", fmt.Errorf("sending: %w", kafka.TopicAuthorizationFailed), 1, 1, true},
		{"the state is damaged", fmt.Errorf("reading: %w", processor.ErrDamaged), 1, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				err := again(t.Context(), func() error {
					if tries++; tries <= c.failing {
						return c.err
					}
					return nil
				})
				if tries != c.tries || c.wantFail != (err != nil) || c.wantFail && !errors.Is(err, c.err) {
					t.Errorf("%d tries, %v; want %d, failing %v", tries, err, c.tries, c.wantFail)
				}
			})
		})
	}
}

func TestAgainGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		if err := again(t.Context(), func() error { return io.EOF }); !errors.Is(err, io.EOF) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(begun); took < patience || took > 2*patience {
			t.Errorf("gave up after %v", took)
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		begun = time.Now()
		if err := again(ctx, func() error { return io.EOF }); !errors.Is(err, io.EOF) || time.Since(begun) > 2*time.Second {
			t.Errorf("got %v after %v", err, time.Since(begun))
		}
	})
}
