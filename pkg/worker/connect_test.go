package worker_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/rs/zerolog"

	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/redisstate"
	"github.com/tierstream/tierstream/pkg/worker"
)

// standing is what /readyz?verbose says.
func standing(t *testing.T, d process.Deps) string {
	t.Helper()
	w := httptest.NewRecorder()
	d.Ready.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz?verbose", nil))
	return w.Body.String()
}

// A service that starts before its Redis waits for it, says so, and goes on when it is there.
func TestAwaitRedis(t *testing.T) {
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	d := process.NewDeps(zerolog.New(&log), 0)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	done := make(chan error, 1)
	go func() {
		store, err := worker.AwaitRedis(ctx, process.Config{Redis: "redis://" + addr}, d)
		if err == nil {
			err = store.Close()
		}
		done <- err
	}()
	for !strings.Contains(standing(t, d), "[-] redis connecting to Redis at "+addr) {
		select {
		case err := <-done:
			t.Fatalf("ended with %v", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
	m := miniredis.NewMiniRedis()
	if err := m.StartAddr(addr); err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if err := <-done; err != nil {
		t.Errorf("with Redis there: %v", err)
	}
	if s := standing(t, d); strings.Contains(s, "redis") {
		t.Errorf("readiness still says %s", s)
	}
	if strings.Count(log.String(), "waiting for Redis") != 1 {
		t.Errorf("the log says %s, want one line", log.String())
	}
}

func TestAwaitRedisRefuses(t *testing.T) {
	d := process.NewDeps(zerolog.Nop(), 0)
	if _, err := worker.AwaitRedis(t.Context(), process.Config{Redis: "http://h:1"}, d); !errors.Is(err, redisstate.ErrSettings) {
		t.Errorf("a URL that is none gives %v", err)
	}
}
