//go:build servers

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
)

const (
	policyFile = "../policies/starter.yaml"
	end        = "2024-08-01T00:00:00Z"
)

var files = []string{"customers.jsonl", "tier-changes.jsonl", "dead-letters.jsonl", "credit-alerts.jsonl", "signals.jsonl"}

// trade writes a generated trade, and what simulate makes of it.
func (s *system) trade(customers int) (lines []string) {
	s.t.Helper()
	s.tierctl("loadgen", "--customers", fmt.Sprint(customers), "--days", "180", "--seed", "7", "--out", s.path("events.jsonl"))
	s.tierctl("simulate", "--policy", policyFile, "--events", s.path("events.jsonl"), "--as-of", end, "--out", s.path("simulated"))
	return strings.Split(strings.TrimRight(s.read("events.jsonl"), "\n"), "\n")
}

// disturbed runs work while random instances are killed, if every is positive.
func (s *system) disturbed(seed uint64, every time.Duration, work func() error) {
	s.t.Helper()
	stop, killed := make(chan struct{}), make(chan int)
	if every > 0 {
		go func() { killed <- s.killing(seed, every, stop) }()
	}
	err := work()
	close(stop)
	if every > 0 {
		s.t.Logf("%d instances were killed", <-killed)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// Two instances of every service, undisturbed and under kill -9: the files are simulate's, byte for byte.
func TestReplay(t *testing.T) {
	for _, c := range []struct {
		name  string
		every time.Duration
	}{{"undisturbed", 0}, {"killed", 1500 * time.Millisecond}} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, 2)
			s.trade(300)
			s.tierctl("init", "--policy", policyFile, "--clock", "event")
			s.disturbed(11, c.every, func() error {
				if _, err := s.try("send", s.path("events.jsonl")); err != nil {
					return err
				}
				_, err := s.try("clock", "advance", "--to", end)
				return err
			})
			s.sameAsSimulate()
			if c.every == 0 {
				s.rebuilt()
			}
		})
	}
}

// rebuilt forgets all state and lets both stages build it again: nothing is different.
func (s *system) rebuilt() {
	s.t.Helper()
	if _, err := s.try("rebuild", "--yes"); err == nil || !strings.Contains(err.Error(), "stop scorer and tierchange") {
		s.t.Errorf("a rebuild beside running services: %v", err)
	}
	stages := []string{"scorer-0", "scorer-1", "tierchange-0", "tierchange-1"}
	for _, name := range stages {
		s.end(name)
	}
	s.tierctl("rebuild", "--yes")
	for _, name := range stages {
		s.launch(name)
	}
	s.tierctl("wait")
	s.sameAsSimulate()
}

// Under the wall clock, shuffled, doubled and killed: value and credit are simulate's, and every customer's changes are
// dense and the same bytes wherever they stand twice.
func TestWallClockUnderKills(t *testing.T) {
	asOf, err := time.Parse(time.RFC3339, end)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, 2, fmt.Sprintf("TIERSTREAM_CLOCK_OFFSET=%s", time.Until(asOf)-time.Hour))
	lines := remembered(s.trade(300), asOf)
	if err := os.WriteFile(s.path("remembered.jsonl"), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.tierctl("simulate", "--policy", policyFile, "--events", s.path("remembered.jsonl"), "--as-of", end, "--out", s.path("simulated"))
	s.tierctl("init", "--policy", policyFile)
	lines = append(lines, lines...)
	rand.New(rand.NewPCG(3, 3)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	s.disturbed(12, 1500*time.Millisecond, func() error {
		for n := range 10 { // ten producers, one after the other
			part := lines[len(lines)*n/10 : len(lines)*(n+1)/10]
			if err := os.WriteFile(s.path("part.jsonl"), []byte(strings.Join(part, "\n")+"\n"), 0o600); err != nil {
				return err
			}
			if _, err := s.try("send", s.path("part.jsonl")); err != nil {
				return err
			}
			if _, err := s.try("wait"); err != nil {
				return err
			}
		}
		return nil
	})
	s.tierctl("wait")
	s.tierctl("export", "--as-of", end, "--out", s.path("live"))
	if diff := cmp.Diff(figures(t, s.read("simulated/customers.jsonl")), figures(t, s.read("live/customers.jsonl"))); diff != "" {
		t.Errorf("figures differ (-simulated +live):\n%.2000s", diff)
	}
	dense(t, s.read("live/tier-changes.jsonl"))
}

// remembered are the lines without those that the wall clock refuses as of a moment: of what is no register, the last 35 days
// are known again.
func remembered(lines []string, asOf time.Time) []string {
	return slices.DeleteFunc(lines, func(text string) bool {
		l := codec.ParseLine([]byte(text))
		return l.Topic == "engagements" && l.OccurredAt < civil.FromTime(asOf)-34*civil.FullDay
	})
}

// figures is the value and credit of each customer.
func figures(t *testing.T, jsonl string) map[string]string {
	t.Helper()
	out := map[string]string{}
	each(t, jsonl, func(line []byte) error {
		var l struct {
			CustomerID    string `json:"customer_id"`
			Value, Credit json.RawMessage
		}
		err := json.Unmarshal(line, &l)
		out[l.CustomerID] = string(l.Value) + string(l.Credit)
		return err
	})
	return out
}

// dense wants every customer's changes numbered from 1 on, each beginning where the last has ended.
func dense(t *testing.T, jsonl string) {
	t.Helper()
	seq, tier := map[string]int64{}, map[string]string{}
	each(t, jsonl, func(line []byte) error {
		var c struct {
			CustomerID string `json:"customer_id"`
			Seq        int64
			From, To   string
		}
		if err := json.Unmarshal(line, &c); err != nil {
			return err
		}
		if c.Seq != seq[c.CustomerID]+1 || c.From != tier[c.CustomerID] {
			t.Errorf("change %d of a customer, from %q, follows %d, to %q", c.Seq, c.From, seq[c.CustomerID], tier[c.CustomerID])
		}
		seq[c.CustomerID], tier[c.CustomerID] = c.Seq, c.To
		return nil
	})
	if len(seq) == 0 {
		t.Error("there is no tier change at all")
	}
}

func each(t *testing.T, jsonl string, visit func(line []byte) error) {
	t.Helper()
	for line := range bytes.Lines([]byte(jsonl)) {
		if err := visit(line); err != nil {
			t.Fatalf("%v: %.200s", err, line)
		}
	}
}
