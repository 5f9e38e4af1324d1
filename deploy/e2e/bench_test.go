//go:build servers

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
)

const (
	benchCustomers = 10_000
	warmCustomers  = 2_000
	benchYear      = 365
)

// BenchmarkReplay lays a year of trade onto the topics and then starts one instance of each service: how fast they take
// it in, and at what cost of whom. Under the wall clock that is a backlog: each topic by itself, so that payments come
// before their invoices; one of two years shows what is left of it when the start of everything counts for less. Under the event clock it
// is a history in the order of its time, in which every day of every partition ends with a Tick, and with a batch. BenchmarkRaw is what to
// compare with.
func BenchmarkReplay(b *testing.B) {
	// A smaller one goes before, which nobody measures: at first the broker compiles itself more than it does anything else.
	s, _ := laidOut(b, "wall", warmCustomers, benchYear)
	s.through()
	s.stop()
	for _, of := range []struct {
		name, clock string
		days        int
	}{{"wall", "wall", benchYear}, {"wall-two-years", "wall", 2 * benchYear}, {"event", "event", benchYear}} {
		b.Run(of.name, func(b *testing.B) {
			for b.Loop() {
				s, lines := laidOut(b, of.clock, benchCustomers, of.days)
				before := measure(b)
				took := s.through()
				after := measure(b)
				b.ReportMetric(lines/took.Seconds(), "events/s")
				b.ReportMetric(float64(after.redisBytes-before.redisBytes)/lines, "redis-B/event")
				perEvent := func(who string, cpu time.Duration) {
					b.ReportMetric(float64(cpu.Nanoseconds())/1000/lines, who+"-cpu-µs/event")
				}
				perEvent("redis", after.redis-before.redis)
				perEvent("kafka", after.kafka-before.kafka)
				for _, name := range services {
					used := usage(b, s.procs[name+"-0"].Process.Pid)
					perEvent(name, used.cpu)
					b.ReportMetric(float64(used.peak>>20), name+"-peak-MiB")
				}
				s.stop()
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// laidOut is a deployment whose topics hold so many days of trade, up to now, and how many lines that is; nothing runs.
func laidOut(b *testing.B, clock string, customers, days int) (s *system, lines float64) {
	b.Helper()
	settings := []string{"TIERSTREAM_SESSION_TIMEOUT=6s"}
	if clock == "wall" {
		settings = append(settings, "TIERSTREAM_CLOCK_OFFSET="+time.Until(time.Date(2024, 1, 1+days, 0, 0, 0, 0, time.UTC)).String())
	}
	s = assemble(b, settings...)
	s.tierctl("loadgen", "--customers", fmt.Sprint(customers), "--days", fmt.Sprint(days), "--seed", "7", "--out", s.path("events.jsonl"))
	s.tierctl("init", "--policy", policyFile, "--clock", clock)
	s.tierctl("send", s.path("events.jsonl"))
	return s, float64(bytes.Count([]byte(s.read("events.jsonl")), []byte("\n")))
}

// through starts one instance of each service, and gives how long they take for all that there is.
func (s *system) through() time.Duration {
	s.t.Helper()
	begun := time.Now()
	for _, name := range services {
		s.launch(name + "-0")
	}
	s.drained()
	return time.Since(begun)
}

// askEvery is how often a benchmark asks how far the groups are. At 50 times a second that was four in ten of the broker's requests.
const askEvery = 200 * time.Millisecond

// drained waits until every group has read its topic to the end; asking takes its time, which counts as the services'.
func (s *system) drained() {
	s.t.Helper()
	client := s.client()
	defer client.Close()
	type hop struct{ service, topic string }
	hops := []hop{{topics.Scorer, topics.Facts}, {topics.TierChange, topics.Scores}}
	for _, topic := range slices.Backward(topics.Inputs()) {
		hops = slices.Insert(hops, 0, hop{topics.Ingest, topic})
	}
	for _, h := range hops {
		for behind := true; behind; time.Sleep(askEvery) {
			var err error
			if behind, err = s.behind(client, topics.Group(s.prefix, h.service, h.topic), s.prefix+h.topic, 0); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

// behind says that a group has not yet committed all of a topic but so many records at the end of each partition; an error: there is no such topic.
func (s *system) behind(client *kafkalog.Client, group, topic string, but int64) (bool, error) {
	ends, err := client.Offsets(s.t.Context(), topic)
	if err != nil {
		return true, err
	}
	for p := range ends {
		ends[p].End -= but
	}
	at, err := client.Committed(s.t.Context(), group, topic, len(ends))
	return err != nil || kafkalog.Behind(ends, at) >= 0, nil
}

func (s *system) client() *kafkalog.Client {
	s.t.Helper()
	client, err := kafkalog.Open(kafkalog.Config{Brokers: strings.Split(server(s.t, "TIERSTREAM_BROKERS"), ",")})
	if err != nil {
		s.t.Fatal(err)
	}
	return client
}

// everyOrder changes the tier of a customer with their first order.
const everyOrder = "version: \"1\"\ntime_zone: UTC\ntiers:\n  - {name: base}\n  - {name: silver, enter: \"value.net >= 100\"}\n"

// BenchmarkLatency sends first orders of new customers at a steady rate, and takes the time from the moment at which each
// was to be sent until its tier change is read.
func BenchmarkLatency(b *testing.B) {
	for _, rate := range []int{500, 2000} {
		b.Run(fmt.Sprint(rate), func(b *testing.B) {
			for b.Loop() {
				s := prepare(b, 1)
				if err := os.WriteFile(s.path("policy.yaml"), []byte(everyOrder), 0o600); err != nil {
					b.Fatal(err)
				}
				s.tierctl("init", "--policy", s.path("policy.yaml"))
				s.latencies(1, rate) // the groups have settled, and everybody is warm
				all := s.latencies(20, rate)
				for _, q := range []int{50, 99} {
					b.ReportMetric(float64(all[len(all)*q/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", q))
				}
				b.ReportMetric(float64(all[len(all)-1].Microseconds())/1000, "max-ms")
				s.stop()
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
