package delivery_test

import (
	"fmt"
	"sync"
	"time"

	"github.com/tierstream/tierstream/pkg/delivery"
)

// seen is an observer that counts.
type seen struct {
	mu      sync.Mutex
	counts  map[string]int
	pending map[string]int
	dead    map[string]int
	stuck   string
	changes []string
	errors  []error
}

func newSeen() *seen {
	return &seen{counts: map[string]int{}, pending: map[string]int{}, dead: map[string]int{}}
}

func (s *seen) add(what string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[what] += n
}

func (s *seen) count(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[what]
}

func (s *seen) changed(endpoint, off, line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes = append(s.changes, fmt.Sprintf("%s %s: %s", endpoint, off, line))
}

func (s *seen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("%v pending %v dead %v %s %v %v", s.counts, s.pending, s.dead, s.stuck, s.changes, s.errors)
}

func (s *seen) Taken(outcome string, n int)         { s.add(outcome, n) }
func (s *seen) Old(n int)                           { s.add("old", n); s.add("old lines", 1) }
func (s *seen) Gap(string, int64, int64)            { s.add("gap", 1) }
func (s *seen) Died(endpoint, reason string, n int) { s.add(endpoint+" "+reason, n) }
func (s *seen) Dropped(endpoint string, n int)      { s.add(endpoint+" dropped", n) }
func (s *seen) Lag(int64)                           {}
func (s *seen) Lost(offset int64)                   { s.add(fmt.Sprintf("lost at %d", offset), 1) }
func (s *seen) Expired(from, to int64)              { s.add(fmt.Sprintf("expired %d to %d", from, to), 1) }
func (s *seen) Attempted(endpoint string, _ delivery.Result, _ time.Duration) {
	s.add(endpoint+" attempts", 1)
}

func (s *seen) Pending(endpoint string, more int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending[endpoint] += more
}

func (s *seen) Dead(endpoint string, more int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dead[endpoint] += more
}

func (s *seen) Stuck(why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stuck = why
}

func (s *seen) Failed(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.errors = append(s.errors, err)
}
