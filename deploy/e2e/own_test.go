//go:build servers

package e2e

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// servers are brokers and a Redis of a test's own, which it may treat badly.
type servers struct {
	t   *testing.T
	dir string
	env []string
	at  []string // NAME=VALUE for whoever is to use them
}

// own starts three brokers and a Redis on free ports.
func own(t *testing.T) *servers {
	t.Helper()
	s := &servers{t: t, dir: t.TempDir()}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "TIERSTREAM_BROKERS=") && !strings.HasPrefix(v, "TIERSTREAM_REDIS=") {
			s.env = append(s.env, v)
		}
	}
	s.env = append(s.env, "TIERSTREAM_SERVERS=local", "TIERSTREAM_SERVERS_DIR="+s.dir+"/servers",
		fmt.Sprintf("TIERSTREAM_KAFKA_PORT=%d", freePorts(t, 0, 1, 2, 100, 101, 102)), fmt.Sprintf("TIERSTREAM_REDIS_PORT=%d", freePorts(t, 0)))
	t.Cleanup(func() { s.script("down") })
	for line := range strings.Lines(s.script("up", "--brokers", "3")) {
		s.at = append(s.at, strings.TrimPrefix(strings.TrimSpace(line), "export "))
	}
	return s
}

// script runs scripts/servers and gives its stdout.
func (s *servers) script(args ...string) string {
	s.t.Helper()
	cmd := exec.Command("../../scripts/servers", args...)
	cmd.Env = s.env
	out, err := cmd.Output()
	if err != nil {
		said := ""
		if e := new(exec.ExitError); errors.As(err, &e) {
			said = string(e.Stderr)
		}
		s.t.Errorf("scripts/servers %s: %v: %s", strings.Join(args, " "), err, said)
	}
	return string(out)
}

// again kills a server and starts it again, after between has been at what it left.
func (s *servers) again(name string, between func()) {
	s.script("kill", name)
	if between != nil {
		between()
	}
	s.script("start", name)
}

// freePorts gives a port that is free, and so are those at the given distances from it.
func freePorts(t *testing.T, distances ...int) int {
	t.Helper()
	var lc net.ListenConfig
	for range 100 {
		first, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		base, free := first.Addr().(*net.TCPAddr).Port, true
		_ = first.Close()
		for _, d := range distances {
			ln, err := lc.Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", base+d))
			if free = free && err == nil; err == nil {
				_ = ln.Close()
			}
		}
		if free {
			return base
		}
	}
	t.Fatal("there are no free ports")
	return 0
}
