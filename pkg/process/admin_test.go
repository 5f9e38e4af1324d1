package process_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/tierstream/tierstream/pkg/process"
)

// admin serves a program's admin port on a free address.
func admin(t *testing.T) (deps process.Deps, get func(path string) (int, string)) {
	t.Helper()
	addr := freeAddress(t)
	d := process.NewDeps(zerolog.Nop(), 0)
	stop, err := process.ServeAdmin(t.Context(), addr, d.Registry, d.Ready)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return d, func(path string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().String()
}

func TestAdminPort(t *testing.T) {
	_, get := admin(t)
	for path, says := range map[string]string{
		"/livez": "ok", "/readyz": "ready", "/metrics": "process_cpu_seconds_total", "/debug/pprof/": "goroutine",
	} {
		if code, body := get(path); code != http.StatusOK || !strings.Contains(body, says) {
			t.Errorf("%s: %d %.200s, want 200 with %q", path, code, body, says)
		}
	}
}

// Readiness says which subject is at fault and why, and is well again when that is mended or belongs to others.
func TestReadiness(t *testing.T) {
	d, get := admin(t)
	d.Ready.Set("scorer/facts/0", "")
	d.Ready.Set("scorer/facts/1", "halted: the state is gone: restore it")
	d.Ready.Set("scorer/facts/2", "redis is away")
	code, body := get("/readyz?verbose")
	want := "[+] scorer/facts/0 ok\n[-] scorer/facts/1 halted: the state is gone: restore it\n[-] scorer/facts/2 redis is away\nnot ready\n"
	if code != http.StatusServiceUnavailable || body != want {
		t.Errorf("%d %q, want 503 %q", code, body, want)
	}
	if code, body = get("/readyz"); code != http.StatusServiceUnavailable || body != "not ready\n" {
		t.Errorf("without verbose: %d %q", code, body)
	}
	if code, _ = get("/livez"); code != http.StatusOK {
		t.Errorf("/livez: %d: a restart mends no halt", code)
	}
	d.Ready.Drop("scorer/facts/1")
	d.Ready.Set("scorer/facts/2", "")
	if code, body = get("/readyz"); code != http.StatusOK || body != "ready\n" {
		t.Errorf("mended: %d %q", code, body)
	}
}

func TestAdminPortInUse(t *testing.T) {
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	d := process.NewDeps(zerolog.Nop(), 0)
	_, err = process.ServeAdmin(t.Context(), ln.Addr().String(), d.Registry, d.Ready)
	if err == nil || !strings.Contains(err.Error(), ln.Addr().String()) || !strings.Contains(err.Error(), "--admin") {
		t.Errorf("got %v, want an error with the address and the flag", err)
	}
}

func TestLogger(t *testing.T) {
	var out bytes.Buffer
	log, err := process.Logger(&out, "scorer", "warn")
	if err != nil {
		t.Fatal(err)
	}
	log.Info().Msg("left out")
	log.Warn().Str("customer", process.Hashed("C-1")).Msg("kept")
	line := map[string]string{}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("not one JSON line: %v in %q", err, out.String())
	}
	if line["service"] != "scorer" || line["level"] != "warn" || line["message"] != "kept" || line["time"] == "" {
		t.Errorf("got %v", line)
	}
	if line["customer"] != process.Hashed("C-1") || strings.Contains(out.String(), "C-1") || process.Hashed("C-1") == process.Hashed("C-2") {
		t.Errorf("hashed ids: %v", line)
	}
	for _, level := range []string{"", "loud"} {
		if _, err := process.Logger(&out, "scorer", level); err == nil || !strings.Contains(err.Error(), "--log-level") {
			t.Errorf("level %q: %v, want an error that names the flag", level, err)
		}
	}
}

// An address that isn't one is told from one that is taken.
func TestAdminAddress(t *testing.T) {
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	for addr, says := range map[string]string{
		ln.Addr().String(): "another program is there", "127.0.0.1:99999": "HOST:PORT", "nonsense": "HOST:PORT",
	} {
		d := process.NewDeps(zerolog.Nop(), 0)
		stop, err := process.ServeAdmin(t.Context(), addr, d.Registry, d.Ready)
		if err == nil {
			stop()
			t.Errorf("%s is taken for an address", addr)
		} else if !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", addr, err, says)
		}
	}
}
