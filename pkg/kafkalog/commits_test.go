package kafkalog

import (
	"errors"
	"maps"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/segmentio/kafka-go"
)

// While one request is under way the others are put together, and each hears what came of its own.
func TestCommitsArePutTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests, answer := make(chan map[int]int64), make(chan error)
		c := newCommits(func(offsets map[int]int64) error {
			requests <- offsets
			return <-answer
		})
		heard := make([]error, 4)
		var all sync.WaitGroup
		commit := func(p int) { all.Go(func() { heard[p] = c.commit(p, int64(10+p)) }) }
		next := func(want map[int]int64) {
			t.Helper()
			if got := <-requests; !maps.Equal(got, want) {
				t.Errorf("a request with %v, want %v", got, want)
			}
		}
		commit(0)
		next(map[int]int64{0: 10})
		commit(1)
		commit(2)
		synctest.Wait()
		answer <- nil
		next(map[int]int64{1: 11, 2: 12})
		commit(3)
		synctest.Wait()
		answer <- kafka.IllegalGeneration
		next(map[int]int64{3: 13})
		answer <- nil
		all.Wait()
		for p, err := range heard {
			if fenced := p == 1 || p == 2; errors.Is(err, kafka.IllegalGeneration) != fenced || !fenced && err != nil {
				t.Errorf("partition %d heard %v", p, err)
			}
		}
	})
}
