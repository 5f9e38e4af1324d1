package tierctl

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/codec"
)

func told(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := Main(args, strings.NewReader(""), &stdout, &stderr); code != 0 {
		t.Fatalf("%v: exit %d: %s", args, code, stderr.String())
	}
	return stdout.String()
}

// version and lint speak to programs too.
func TestFormats(t *testing.T) {
	var v struct {
		Version string
		Logic   int
	}
	if err := json.Unmarshal([]byte(told(t, "version", "-o", "json")), &v); err != nil || v.Version == "" || v.Logic == 0 {
		t.Errorf("version: %+v %v", v, err)
	}
	if csv := told(t, "version", "-o", "csv"); !strings.HasPrefix(csv, "version,logic\n"+v.Version+",") {
		t.Errorf("version: %s", csv)
	}
	const starter = "../../deploy/policies/starter.yaml"
	if got := told(t, "policy", "lint", starter, "-o", "json"); strings.TrimSpace(got) != "[]" {
		t.Errorf("lint: %s", got)
	}
	if got := told(t, "policy", "lint", starter, "-o", "csv"); strings.TrimSpace(got) != "file,line,column,what,hint,warning" {
		t.Errorf("lint: %s", got)
	}
	if help := told(t, "demo", "--help"); strings.Contains(help, "true|false") || !strings.Contains(help, "--exit ") {
		t.Errorf("help: %s", help)
	}
}

// Without a terminal the last line says how far it came, where lines have been written at all.
func TestProgressEnds(t *testing.T) {
	for _, c := range []struct {
		total int64
		said  bool
		want  string
	}{
		{10, true, "sending: 3 of 10\nsending: 10 of 10\n"}, {-1, true, "sending: 3\nsending: 10\n"}, {10, false, ""},
	} {
		var out strings.Builder
		p := newProgress(&out, "sending", c.total)
		if c.said {
			p.said = time.Now().Add(-time.Hour)
		}
		p.add(3)
		p.add(7)
		p.done()
		if out.String() != c.want {
			t.Errorf("total %d: %q, want %q", c.total, out.String(), c.want)
		}
	}
}

// Lines that are none are counted: a file of the wrong kind is noticed at once.
func TestStrangers(t *testing.T) {
	var lines []numbered
	for _, text := range []string{
		`{"topic":"orders","value":{}}`, `{"specversion":"1.0","type":"t","id":"1","source":"s","data":{}}`, "customer;amount", `{"event_id":"1"}`, `{"topic":"nowhere","value":{}}`,
	} {
		lines = append(lines, numbered{Line: codec.ParseLine([]byte(text))})
	}
	if got := strangers(lines); !strings.Contains(got, "3 of them are no lines") {
		t.Errorf("%q", got)
	}
	if got := strangers(lines[:2]); got != "" {
		t.Errorf("%q", got)
	}
}
