package dev_test

import (
	"bytes"
	"context"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/services/ingest"
	"github.com/tierstream/tierstream/services/scorer"
	"github.com/tierstream/tierstream/services/tierchange"
)

// instance is one running service.
type instance struct {
	ready *process.Readiness
	stop  context.CancelFunc
	done  chan struct{}
}

// start starts an instance: its name is the service's, a dash, and a number. skew is how far its clock is off. Like any
// supervisor, it starts a service again that ends with an error: one that comes up while Redis is away does.
func (w *world) start(name string, skew civil.Instant) *instance {
	w.t.Helper()
	service, _, _ := strings.Cut(name, "-")
	run := map[string]process.RunFunc{topics.Ingest: ingest.Run, topics.Scorer: scorer.Run, topics.TierChange: tierchange.Run}[service]
	logger, err := process.Logger(&w.log, name, "info")
	must(w.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	i := &instance{ready: &process.Readiness{}, stop: cancel, done: make(chan struct{})}
	cfg := process.Config{Brokers: w.brokers(), Redis: redisURL, TopicPrefix: prefix, SessionTimeout: sessionTimeout, Rebuild: w.rebuild}
	deps := process.Deps{
		Log: logger, Registry: prometheus.NewRegistry(), Ready: i.ready, Clock: func() civil.Instant { return w.clock.now() + skew },
		DialKafka: w.net.DialContext, DialRedis: w.redisWire.dial,
	}
	go func() {
		defer close(i.done)
		for {
			err := run(ctx, cfg, deps)
			if ctx.Err() != nil {
				if err != nil {
					w.t.Errorf("%s ended with %v when it was stopped", name, err)
				}
				return
			}
			logger.Warn().Err(err).Msg("ended by itself: starting it again")
			time.Sleep(time.Second) // the bubble's: a supervisor's rest
			deps.Registry = prometheus.NewRegistry()
		}
	}()
	w.instances[name] = i
	return i
}

// stop ends an instance, if it runs. That it ends, the bubble sees to.
func (w *world) stop(name string) {
	if i := w.instances[name]; i != nil {
		delete(w.instances, name)
		i.stop()
		<-i.done
	}
}

// startAll starts one instance of each service.
func (w *world) startAll() {
	for _, service := range []string{topics.Ingest, topics.Scorer, topics.TierChange} {
		w.start(service+"-0", 0)
	}
}

// readyz is what an instance's readiness answers.
func (i *instance) readyz() (code int, text string) {
	r := httptest.NewRecorder()
	i.ready.ServeHTTP(r, httptest.NewRequest("GET", "/readyz?verbose", nil))
	return r.Code, r.Body.String()
}

// logBuffer keeps what the services say.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) lines() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Split(strings.TrimRight(b.buf.String(), "\n"), "\n")
}

func (b *logBuffer) tail(n int) string {
	all := b.lines()
	return strings.Join(all[max(0, len(all)-n):], "\n")
}
