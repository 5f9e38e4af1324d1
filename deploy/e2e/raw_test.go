//go:build servers

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tierstream/tierstream/pkg/kafkalog"
)

// Sizes of what the raw benchmarks move: those of a fact and of a customer's state.
const (
	rawRecord   = 200
	rawState    = 1000
	rawPerBatch = 1000
)

// BenchmarkRaw is what the same clients do on the same servers without us, one connection each.
func BenchmarkRaw(b *testing.B) {
	s := prepare(b, 0)
	client := s.client()
	defer client.Close()
	topic := s.prefix + "raw"
	if err := client.EnsureTopics(b.Context(), []kafkalog.Topic{{Name: topic, Partitions: 1}}); err != nil {
		b.Fatal(err)
	}
	batch := make([]kafkalog.Message, rawPerBatch)
	for i := range batch {
		batch[i] = kafkalog.Message{Key: fmt.Appendf(nil, "C%05d", i), Value: make([]byte, rawRecord)}
	}
	b.Run("produce", func(b *testing.B) {
		for b.Loop() {
			if _, err := client.Produce(b.Context(), topic, 0, batch); err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b, "records/s")
	})
	b.Run("fetch", func(b *testing.B) {
		bounds, err := client.Offsets(b.Context(), topic)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for b.Loop() { // all of it, in its order: whatever a request brings is used
			err := client.ReadRange(b.Context(), topic, 0, 0, bounds[0].End, func(kafkalog.Message) error { n++; return nil })
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
		b.ReportMetric(0, "ns/op")
	})
	b.Run("redis-set", func(b *testing.B) {
		db := store(b)
		state := strings.Repeat("s", rawState)
		for b.Loop() {
			_, err := db.Pipelined(b.Context(), func(p redis.Pipeliner) error {
				for i := range rawPerBatch {
					p.Set(b.Context(), fmt.Sprintf("{%sraw}:%d", s.prefix, i), state, time.Minute)
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b, "keys/s")
	})
}

func perSecond(b *testing.B, unit string) {
	b.ReportMetric(float64(b.N*rawPerBatch)/b.Elapsed().Seconds(), unit)
	b.ReportMetric(0, "ns/op")
}

func store(b *testing.B) *redis.Client {
	b.Helper()
	address := server(b, "TIERSTREAM_REDIS")
	if !strings.Contains(address, "://") {
		address = "redis://" + address
	}
	options, err := redis.ParseURL(address)
	if err != nil {
		b.Fatal(err)
	}
	db := redis.NewClient(options)
	b.Cleanup(func() { _ = db.Close() })
	return db
}

// measured is what the servers have used so far.
type measured struct {
	redis, kafka time.Duration // of CPU
	redisBytes   int64         // received
}

// measure asks Redis, and the kernel where Kafka runs on this machine.
func measure(b *testing.B) (m measured) {
	b.Helper()
	info, err := store(b).Info(b.Context(), "cpu", "stats").Result()
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(info) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), ":")
		value, err := strconv.ParseFloat(text, 64)
		switch {
		case err != nil:
		case name == "used_cpu_user" || name == "used_cpu_sys":
			m.redis += time.Duration(value * float64(time.Second))
		case name == "total_net_input_bytes":
			m.redisBytes = int64(value)
		}
	}
	commands, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		b.Fatal(err)
	}
	for _, path := range commands {
		text, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(text), "kafka.Kafka") {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
				m.kafka += usage(b, pid).cpu
			}
		}
	}
	return m
}

// used is what a process has used: CPU so far, and memory at most, in bytes.
type used struct {
	cpu  time.Duration
	peak int64
}

// tick is the kernel's unit of CPU time on every Linux that Go runs on.
const tick = 10 * time.Millisecond

func usage(b *testing.B, pid int) (u used) {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return u
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	for _, f := range fields[11:13] { // utime, stime
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		u.cpu += time.Duration(n) * tick
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return u
	}
	for line := range strings.Lines(string(status)) {
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &u.peak); err == nil {
			u.peak <<= 10
			break
		}
	}
	return u
}
