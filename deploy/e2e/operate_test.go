//go:build servers

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/tierstream/tierstream/pkg/kafkalog"
)

type finding struct{ State, Check, Says, Fix string }

// findings are what doctor says, and whether it exits with 0.
func (s *system) findings() (all []finding, well bool) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), filepath.Join(s.bin, "tierctl"), "doctor", "-o", "json")
	cmd.Env = s.env
	out, err := cmd.Output()
	if e := json.Unmarshal(out, &all); e != nil {
		s.t.Fatalf("doctor: %v %v %s", err, e, out)
	}
	return all, err == nil
}

// A real Kafka and Redis tell all that doctor asks for, but the brokers' time. What scripts/servers starts has no replicas,
// which is a warning, and one broker or three; nothing fails until a setting is spoilt, and its fix mends it.
func TestDoctor(t *testing.T) {
	s := start(t, 1)
	s.policy("version: \"1\"\ntiers:\n  - {name: base}\n")
	s.tierctl("init", "--policy", s.path("policy.yaml"), "--partitions", "2")
	s.well(func(all []finding, well bool) error {
		for _, f := range all {
			if f.State == "fail" || f.State == "unknown" && f.Check != "clocks" || f.State == "warn" && f.Check == "groups" || f.State != "ok" && f.Fix == "" {
				return fmt.Errorf("%+v", f)
			}
		}
		if !well || len(all) < 25 {
			return fmt.Errorf("exit 0: %v, %d findings", well, len(all))
		}
		return nil
	})
	s.setRetention("1000000")
	s.well(func(all []finding, well bool) error {
		for _, f := range all {
			if f.State == "fail" && f.Check == "retention" && !well && strings.HasSuffix(f.Fix, "--entity-name "+s.prefix+"facts --add-config retention.ms=-1") {
				return nil
			}
		}
		return fmt.Errorf("facts expire, and doctor doesn't say so: exit 0: %v, %v", well, all)
	})
	s.setRetention("-1")
}

func (s *system) policy(text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path("policy.yaml"), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// well waits until what doctor says is right.
func (s *system) well(right func(all []finding, well bool) error) {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) { // between two looks
		all, well := s.findings()
		err := right(all, well)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatal(err)
		}
	}
}

func (s *system) setRetention(ms string) {
	s.t.Helper()
	c := kafka.Client{Addr: kafka.TCP(strings.Split(server(s.t, "TIERSTREAM_BROKERS"), ",")...)}
	r, err := c.IncrementalAlterConfigs(s.t.Context(), &kafka.IncrementalAlterConfigsRequest{Resources: []kafka.IncrementalAlterConfigsRequestResource{{
		ResourceType: kafka.ResourceTypeTopic, ResourceName: s.prefix + "facts",
		Configs: []kafka.IncrementalAlterConfigsRequestConfig{{Name: "retention.ms", Value: ms, ConfigOperation: kafka.ConfigOperationSet}},
	}}})
	if err == nil && len(r.Resources) == 1 {
		err = r.Resources[0].Error
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// Dead letters are put back by a command that is killed again and again: in the end each is there once, as it came.
func TestRetryUnderKill(t *testing.T) {
	const letters, kills = 3000, 8
	s := prepare(t, 1)
	stop := sync.OnceFunc(s.stop)
	t.Cleanup(stop)
	s.policy("version: \"1\"\ntiers:\n  - {name: base}\n")
	var lines strings.Builder
	for i := range letters {
		fmt.Fprintf(&lines, `{"topic":"orders","value":{"event_id":"e%d","order_id":"O","padding":%q}}`+"\n", i, strings.Repeat("x", 1000))
	}
	if err := os.WriteFile(s.path("events.jsonl"), []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	s.tierctl("init", "--policy", s.path("policy.yaml"), "--partitions", "2")
	s.tierctl("send", s.path("events.jsonl"))
	s.tierctl("wait")
	stop() // what is put back would be rejected again, and be letters again
	broken := 0
	for i := range kills {
		cmd := exec.CommandContext(t.Context(), filepath.Join(s.bin, "tierctl"), "dlq", "retry", "--all", "--limit", "1000")
		cmd.Env = s.env
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Duration(60+25*i)*time.Millisecond, func() { _ = cmd.Process.Kill() })
		if cmd.Wait() != nil {
			broken++
		}
	}
	for range 3 {
		s.tierctl("dlq", "retry", "--all", "--limit", "1000")
	}
	s.tierctl("dlq", "retry", "--all")
	seen := map[string]int{}
	client := s.client()
	defer client.Close()
	bounds, err := client.Offsets(t.Context(), s.prefix+"orders")
	if err != nil {
		t.Fatal(err)
	}
	for p, b := range bounds {
		if err := client.ReadRange(t.Context(), s.prefix+"orders", p, b.Start, b.End, func(m kafkalog.Message) error {
			seen[string(m.Value)]++
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	wrong := 0
	for _, n := range seen {
		if n != 2 { // as it was sent, and as it was put back
			wrong++
		}
	}
	if len(seen) != letters || wrong > 0 {
		t.Errorf("%d different records of %d, %d of them not twice", len(seen), letters, wrong)
	}
	t.Logf("%d of %d tries were killed", broken, kills)
}
