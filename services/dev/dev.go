// Package dev is the whole product in one process: embedded Kafka and Redis, and the Run of every service over them.
// It is the only package that imports more than one service.
//
//	kfake ◀──▶ ingest, scorer, tierchange, notifier ◀──▶ miniredis
package dev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/tierstream/tierstream/pkg/embedded"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/services/ingest"
	"github.com/tierstream/tierstream/services/notifier"
	"github.com/tierstream/tierstream/services/scorer"
	"github.com/tierstream/tierstream/services/tierchange"
)

// Config says where to listen. Port 0 is a free one.
type Config struct {
	Kafka, Redis string // addresses
	DataDir      string // where the embedded Kafka keeps its logs; empty: nowhere
	Log          io.Writer
	Settings     process.Config // topic prefix, admin, session timeout, clock offset, log level
}

// System is the running product.
type System struct {
	Settings process.Config // with Brokers and Redis filled in
	Registry *prometheus.Registry
	kafka    *embedded.Kafka
	redis    *embedded.Redis
	services *errgroup.Group
	stop     context.CancelFunc
	admin    func()
}

// Start starts the servers and then every service.
func Start(ctx context.Context, cfg Config) (_ *System, err error) {
	s := &System{Settings: cfg.Settings, stop: func() {}, admin: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.kafka, err = embedded.StartKafka(cfg.Kafka, cfg.DataDir); err != nil {
		return nil, err
	}
	if s.redis, err = embedded.StartRedis(cfg.Redis); err != nil {
		return nil, err
	}
	s.Settings.Brokers, s.Settings.Redis, s.Settings.Rebuild = []string{s.kafka.Broker}, s.redis.URL, true
	s.Settings.Security = process.Security{} // the embedded servers ask for nothing
	return s, s.run(ctx, cfg.Log)
}

func (s *System) run(ctx context.Context, log io.Writer) error {
	ctx, s.stop = context.WithCancel(ctx)
	s.Registry = prometheus.NewRegistry()
	ready := &process.Readiness{}
	stop, err := process.ServeAdmin(ctx, s.Settings.Admin, s.Registry, ready)
	if err != nil {
		return err
	}
	s.admin = stop
	s.services = &errgroup.Group{}
	for name, run := range map[string]process.RunFunc{
		"ingest": ingest.Run, "scorer": scorer.Run, "tierchange": tierchange.Run, "notifier": notifier.Run,
	} {
		logger, err := process.Logger(log, name, s.Settings.LogLevel)
		if err != nil {
			return err
		}
		d := process.Deps{Log: logger, Registry: s.Registry, Ready: ready, Clock: process.WallClock(s.Settings.ClockOffset)}
		s.services.Go(func() error {
			if err := run(ctx, s.Settings, d); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		})
	}
	return nil
}

// closeWithin bounds how long the services may take to end.
const closeWithin = 20 * time.Second

// Close ends the services, then the servers.
func (s *System) Close() error {
	s.stop()
	var err error
	if s.services != nil {
		done := make(chan error, 1)
		go func() { done <- s.services.Wait() }()
		select {
		case err = <-done:
		case <-time.After(closeWithin):
			err = errors.New("the services didn't end in time")
		}
	}
	s.admin()
	if s.redis != nil {
		s.redis.Close()
	}
	if s.kafka != nil {
		s.kafka.Close()
	}
	return err
}
