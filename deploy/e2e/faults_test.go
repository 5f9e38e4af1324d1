//go:build servers

package e2e

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
)

// little is what Redis has written down when not every partition has begun yet.
const little = 1 << 20

// faultEvery is the time between two faults: enough for the groups to settle and for something to be done.
const faultEvery = 2 * time.Second

// replayed sends a trade under the event clock while a goroutine goes through faults, and compares what comes out with
// simulate.
func (s *system) replayed(faults ...func()) {
	s.t.Helper()
	s.trade(300)
	s.tierctl("init", "--policy", policyFile, "--clock", "event")
	done := make(chan int)
	go func() { done <- s.cycle(faults) }()
	_, err := s.try("send", s.path("events.jsonl"))
	if err == nil {
		_, err = s.try("clock", "advance", "--to", end)
	}
	s.t.Logf("%d faults", <-done)
	if err != nil {
		s.t.Fatal(err)
	}
	s.tierctl("wait")
	s.sameAsSimulate()
}

// cycle goes through the faults once, one after the other whatever else is done: who is disturbed again before the groups have
// settled gets nothing done.
func (s *system) cycle(faults []func()) int {
	for _, fault := range faults {
		fault()
		<-time.After(faultEvery)
	}
	return len(faults)
}

func (s *system) sameAsSimulate() {
	s.t.Helper()
	s.exportsAs(end, files)
}

// exportsAs says that an export has simulate's files, byte for byte.
func (s *system) exportsAs(asOf string, files []string) {
	s.t.Helper()
	s.tierctl("export", "--as-of", asOf, "--out", s.path("live"))
	for _, f := range files {
		if diff := cmp.Diff(s.read("simulated/"+f), s.read("live/"+f)); diff != "" {
			s.t.Errorf("%s differs (-simulated +live):\n%.2000s", f, diff)
		}
	}
}

// Brokers are killed one after the other, so that every partition's leader moves, and Redis is killed, loses its tail, its
// scripts, and for a moment its speech: the files are simulate's, byte for byte.
func TestServersFail(t *testing.T) {
	own := own(t)
	s := start(t, 2, own.at...)
	db := redis.NewClient(&redis.Options{Addr: own.redis()})
	t.Cleanup(func() { _ = db.Close() })
	random := rand.New(rand.NewPCG(5, 5))
	s.replayed(
		func() { own.again("kafka-1", nil) },
		func() { own.again("redis", func() { own.cutTail(random.Int64N(64 << 10)) }) },
		func() { own.again("kafka-2", nil) },
		func() { ignoring(db.ScriptFlush(t.Context()).Err()) },
		func() { own.again("kafka-3", nil) },
		func() { ignoring(db.Do(t.Context(), "client", "pause", "4000", "all").Err()) },
	)
}

// ignoring is for a fault that may hit a server which is down already.
func ignoring(error) {}

func (s *servers) redis() string {
	for _, v := range s.at {
		if url, ok := strings.CutPrefix(v, "TIERSTREAM_REDIS=redis://"); ok {
			return url
		}
	}
	s.t.Fatal("scripts/servers told no TIERSTREAM_REDIS")
	return ""
}

// cutTail takes up to so many of the last bytes off what Redis has written down, as a machine that goes down before they are on
// its disk. A little is left alone: a partition whose whole state is gone halts, rightly.
func (s *servers) cutTail(bytes int64) {
	logs, err := filepath.Glob(s.dir + "/servers/redis/appendonlydir/*.incr.aof")
	if err != nil || len(logs) == 0 {
		s.t.Errorf("Redis keeps no log: %v", err)
		return
	}
	for _, path := range logs {
		if info, err := os.Stat(path); err == nil && info.Size() > little {
			if err := os.Truncate(path, info.Size()-min(bytes, info.Size()/4)); err != nil {
				s.t.Error(err)
			}
		}
	}
}

// From one instance of each service to three and back, while a trade comes in: the files are simulate's, byte for byte, and who
// is asked to end does so, with 0.
func TestScaleOutAndIn(t *testing.T) {
	s := start(t, 1)
	var faults []func()
	for _, service := range services {
		faults = append(faults, func() { s.launch(service + "-1") }, func() { s.launch(service + "-2") })
	}
	for _, service := range services {
		faults = append(faults, func() { s.end(service + "-0") }, func() { s.end(service + "-2") }, func() { s.end(service + "-1"); s.launch(service + "-0") })
	}
	s.replayed(faults...)
}

// end asks an instance to end, and waits until it has.
func (s *system) end(name string) {
	s.mu.Lock()
	cmd, ended := s.procs[name], s.ended[name]
	delete(s.procs, name)
	delete(s.ended, name)
	s.mu.Unlock()
	if cmd == nil {
		return
	}
	s.ends(name, cmd, ended)
}
