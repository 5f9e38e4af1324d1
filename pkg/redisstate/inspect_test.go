package redisstate_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/tierstream/tierstream/pkg/redisstate"
)

// anyStore is on the Redis that TIERSTREAM_TEST_REDIS names (make test-servers), else on the embedded one.
func anyStore(t testing.TB) *redisstate.Store {
	t.Helper()
	if url := os.Getenv("TIERSTREAM_TEST_REDIS"); url != "" {
		return open(t, redisstate.Config{URL: url})
	}
	s, _ := store(t)
	return s
}

// The conformance run shows it on the real server too.
func TestConformanceInspect(t *testing.T) {
	s := anyStore(t)
	nodes, clustered, err := s.Inspect(t.Context(), []string{"appendfsync"})
	if err != nil || len(nodes) != 1 || clustered {
		t.Fatalf("%+v %v", nodes, err)
	}
	n := nodes[0]
	if n.Address == "" || n.Ping <= 0 || n.Ping > time.Minute || n.ClockErr != nil || n.Bound < 0 || n.Ahead > time.Minute || n.Ahead < -time.Minute {
		t.Errorf("%+v", n)
	}
	if n.Info["connected_clients"] == "" {
		t.Errorf("INFO gave %v", n.Info)
	}
	if a := s.Access(t.Context(), []*redisstate.Slot{s.Slot("test.", "scorer", 0)}); len(a.Refused) != 0 {
		t.Errorf("refused: %v", a.Refused)
	}
}

// A clock that is ahead shows as that.
func TestInspectClock(t *testing.T) {
	server := miniredis.RunT(t)
	server.SetTime(time.Now().Add(time.Hour))
	nodes, _, err := open(t, redisstate.Config{URL: "redis://" + server.Addr()}).Inspect(t.Context(), nil)
	if err != nil || len(nodes) != 1 || nodes[0].Ahead < 59*time.Minute || nodes[0].Ahead > 61*time.Minute {
		t.Errorf("%+v %v", nodes, err)
	}
}

// Every command that the script and the reads use is one that Access asks for.
func TestAccessKnowsTheScript(t *testing.T) {
	script, err := os.ReadFile("apply.lua")
	if err != nil {
		t.Fatal(err)
	}
	asked := redisstate.Usages()
	for _, m := range regexp.MustCompile(`(?:redis\.call|pieces|length)\('([A-Z]+)'`).FindAllStringSubmatch(string(script), -1) {
		if name := m[1]; !slices.Contains(asked, name) {
			t.Errorf("apply.lua calls %s, which Access doesn't ask for", name)
		}
	}
	for _, name := range []string{"GET", "MGET", "HMGET", "HGETALL", "ZRANGE", "ZRANGEBYSCORE", "EVALSHA", "EVAL", "SCRIPT", "MULTI", "EXEC"} {
		if !slices.Contains(asked, name) {
			t.Errorf("the reads use %s, which Access doesn't ask for", name)
		}
	}
	if !strings.Contains(string(script), "redis.call") {
		t.Error("the script calls nothing: the test is blind")
	}
}
