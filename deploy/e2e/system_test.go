//go:build servers

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// programs are built once, as users build them.
var programs = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "tierstream-programs")
	if err != nil {
		return "", err
	}
	for _, p := range []string{"ingest", "scorer", "tierchange", "notifier", "tierctl"} {
		out, err := exec.Command("go", "build", "-o", dir+"/", "../../services/cmd/"+p).CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("building %s: %w: %s", p, err, out)
		}
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := programs(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// server is an address that scripts/servers gives.
func server(t testing.TB, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		t.Fatalf("%s is not set: run make test-servers, or eval \"$(scripts/servers up)\"", name)
	}
	return v
}

// system is a deployment under a topic prefix of its own: several instances of each service, as processes.
type system struct {
	t      testing.TB
	bin    string
	dir    string
	prefix string // of topics, groups and keys
	env    []string
	own    map[string][]string // settings of one program, beside env
	log    *os.File
	mu     sync.Mutex
	procs  map[string]*exec.Cmd // by service-instance
	ended  map[string]chan error
}

var services = []string{"ingest", "scorer", "tierchange", "notifier"}

// start starts n instances of each service, with settings as NAME=VALUE.
func start(t *testing.T, instances int, settings ...string) *system {
	t.Helper()
	s := prepare(t, instances, settings...)
	t.Cleanup(s.stop)
	return s
}

// prepare is start for who stops by themselves.
func prepare(t testing.TB, instances int, settings ...string) *system {
	t.Helper()
	s := assemble(t, settings...)
	s.launchAll(instances)
	return s
}

// assemble is prepare without a running service.
func assemble(t testing.TB, settings ...string) *system {
	t.Helper()
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	s := &system{t: t, bin: bin, dir: t.TempDir(), prefix: fmt.Sprintf("e2e%x.", rand.Uint32()), procs: map[string]*exec.Cmd{}, ended: map[string]chan error{}}
	s.env = append(os.Environ(), "TIERSTREAM_BROKERS="+server(t, "TIERSTREAM_BROKERS"), "TIERSTREAM_REDIS="+server(t, "TIERSTREAM_REDIS"),
		"TIERSTREAM_TOPIC_PREFIX="+s.prefix, "TIERSTREAM_SESSION_TIMEOUT=2s")
	s.env = append(s.env, settings...)
	if s.log, err = os.Create(s.path("services.log")); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *system) launchAll(instances int) {
	for _, service := range services {
		for i := range instances {
			s.launch(fmt.Sprintf("%s-%d", service, i))
		}
	}
}

func (s *system) path(name string) string { return filepath.Join(s.dir, name) }

func (s *system) launch(name string) {
	service, _, _ := strings.Cut(name, "-")
	cmd := exec.Command(filepath.Join(s.bin, service))
	cmd.Env, cmd.Stderr = slices.Concat(s.env, s.own[service]), s.log
	if err := cmd.Start(); err != nil {
		s.t.Errorf("starting %s: %v", name, err)
		return
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	s.mu.Lock()
	s.procs[name], s.ended[name] = cmd, ended
	s.mu.Unlock()
}

// kill ends an instance as a power cut would, and starts it again.
func (s *system) kill(name string) {
	_ = s.procs[name].Process.Kill()
	<-s.ended[name]
	s.launch(name)
}

// signal sends an instance a signal.
func (s *system) signal(name string, sig os.Signal) {
	s.t.Helper()
	if err := s.procs[name].Process.Signal(sig); err != nil {
		s.t.Errorf("%s to %s: %v", sig, name, err)
	}
}

// killsMost bounds a test: an instance that is killed again before the groups have settled gets nothing done.
const killsMost = 20

// killing kills random instances until stop is closed or it has been enough, and gives how many.
func (s *system) killing(seed uint64, every time.Duration, stop <-chan struct{}) int {
	r := rand.New(rand.NewPCG(seed, 1))
	var names []string
	for name := range s.procs {
		names = append(names, name)
	}
	slices.Sort(names)
	for n := range killsMost {
		select {
		case <-stop:
			return n
		case <-time.After(every):
			s.kill(names[r.IntN(len(names))])
		}
	}
	<-stop
	return killsMost
}

// stop asks every instance to end: each must, with 0.
func (s *system) stop() {
	for _, cmd := range s.procs {
		_ = cmd.Process.Signal(syscall.SIGTERM)
	}
	for name, ended := range s.ended {
		s.ends(name, s.procs[name], ended)
	}
	clear(s.procs)
	clear(s.ended)
	if s.t.Failed() {
		s.logs()
	}
}

// ends asks an instance to end: it must, with 0.
func (s *system) ends(name string, cmd *exec.Cmd, ended <-chan error) {
	_ = cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-ended:
		if err != nil {
			s.t.Errorf("%s ended with %v", name, err)
		}
	case <-time.After(30 * time.Second):
		s.t.Errorf("%s didn't end within 30 s of SIGTERM", name)
		_ = cmd.Process.Kill()
	}
}

// logs shows what the services warned of.
func (s *system) logs() {
	b, err := os.ReadFile(s.path("services.log"))
	if err != nil {
		return
	}
	lines := slices.DeleteFunc(strings.Split(string(b), "\n"), func(l string) bool { return strings.Contains(l, `"level":"info"`) })
	s.t.Logf("the services' last words:\n%s", strings.Join(lines[max(0, len(lines)-30):], "\n"))
}

// tierctl runs a command that must succeed and gives its stdout.
func (s *system) tierctl(args ...string) string {
	s.t.Helper()
	out, err := s.try(args...)
	if err != nil {
		s.t.Fatalf("tierctl %s: %v", strings.Join(args, " "), err)
	}
	return out
}

// tryMost bounds one command: a test that is ended by its own time-out leaves the services running.
const tryMost = 10 * time.Minute

func (s *system) try(args ...string) (string, error) {
	ctx, stop := context.WithTimeout(s.t.Context(), tryMost)
	defer stop()
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, "tierctl"), args...)
	var stdout, stderr bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = slices.Concat(s.env, s.own["tierctl"]), &stdout, io.MultiWriter(&stderr, s.log)
	if err := cmd.Run(); err != nil {
		text := stderr.String()
		return "", fmt.Errorf("%w: %s", err, text[max(0, len(text)-500):])
	}
	return stdout.String(), nil
}

func (s *system) read(name string) string {
	s.t.Helper()
	b, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}
