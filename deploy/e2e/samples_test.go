//go:build servers

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The samples of the producer guide, as they stand there, send an order each.
func TestProducerSamples(t *testing.T) {
	now := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	s := start(t, 1, fmt.Sprintf("TIERSTREAM_CLOCK_OFFSET=%s", time.Until(now)))
	s.tierctl("init", "--policy", policyFile, "--partitions", "2")
	samples := samplesOf(t, "../../docs/producers.md", s.prefix)
	runs := map[string]func(code string) *exec.Cmd{
		"sh": func(code string) *exec.Cmd { return exec.Command("sh", "-ec", code) },
		"python": func(code string) *exec.Cmd {
			return exec.Command(filepath.Join(tool(t, "confluent-kafka"), "python"), "-c", code)
		},
		"java": func(code string) *exec.Cmd {
			return exec.Command("java", "-cp", kafkaJars(t)+"/*", s.write("Send.java", code))
		},
		"go": func(code string) *exec.Cmd { return exec.Command("go", "run", s.write("main.go", code)) },
	}
	kcat := tool(t, "kcat")
	for language, run := range runs {
		code := samples[language]
		if code == "" {
			t.Errorf("the guide has no sample in %s", language)
			continue
		}
		cmd := run(code)
		cmd.Env = append(os.Environ(), "BROKERS="+server(t, "TIERSTREAM_BROKERS"), "PATH="+kcat+":"+os.Getenv("PATH"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", language, err, out)
		}
	}
	s.tierctl("wait")
	var c struct{ Value struct{ Orders int } }
	if err := json.Unmarshal([]byte(s.tierctl("explain", "C42", "-o", "json")), &c); err != nil || c.Value.Orders != len(runs) {
		t.Errorf("%d orders have come in, %v; want %d", c.Value.Orders, err, len(runs))
	}
}

var sample = regexp.MustCompile("(?s)\n```([a-z]+)\n(.*?)\n```\n")

// samplesOf are the blocks of a guide by language, with the topics of this deployment.
func samplesOf(t *testing.T, path, prefix string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	topic := strings.NewReplacer(`"orders"`, `"`+prefix+`orders"`, "-t orders", "-t "+prefix+"orders")
	out := map[string]string{}
	for _, m := range sample.FindAllStringSubmatch(string(text), -1) {
		out[m[1]] = topic.Replace(m[2])
	}
	return out
}

// tool is the folder of a program that scripts/tools installs.
func tool(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("../../scripts/tools", name).Output()
	if err != nil {
		t.Fatalf("scripts/tools %s: %v", name, err)
	}
	return strings.TrimSpace(string(out))
}

// kafkaJars is where scripts/servers has put Kafka's own client.
func kafkaJars(t *testing.T) string {
	t.Helper()
	cache := os.Getenv("TIERSTREAM_TOOLS")
	if cache == "" {
		home, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		cache = filepath.Join(home, "tierstream-tools")
	}
	dirs, err := filepath.Glob(filepath.Join(cache, "kafka", "*", "libs"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("Kafka's client is not in %s: run scripts/servers up with TIERSTREAM_SERVERS=local", cache)
	}
	return dirs[0]
}

func (s *system) write(name, text string) string {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return s.path(name)
}
