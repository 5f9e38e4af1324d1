package tierctl_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/services/tierctl"
)

// terminate sends SIGTERM to this process, once. Tests that use it catch it themselves too: it may come before a command
// listens.
func terminate(t *testing.T) func() {
	t.Helper()
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGTERM)
	t.Cleanup(func() { signal.Stop(caught) })
	return sync.OnceFunc(func() {
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	})
}

// onRead gives a text, then does something, and then either ends or blocks.
type onRead struct {
	text io.Reader
	do   func()
	then chan struct{} // nil: it ends
}

func (r onRead) Read(b []byte) (int, error) {
	if n, _ := r.text.Read(b); n > 0 {
		return n, nil
	}
	r.do()
	if r.then != nil {
		<-r.then
	}
	return 0, io.EOF
}

// onWrite does something with the first write.
type onWrite struct {
	bytes.Buffer
	do func()
}

func (w *onWrite) Write(b []byte) (int, error) {
	w.do()
	return w.Buffer.Write(b)
}

// A command that is told to stop says in one line what it leaves behind, within a second, and writes no half of a result.
// If it is told so in the moment in which it ends anyway, it may end with the whole result.
func TestInterrupted(t *testing.T) {
	d := limited(t, func(kafkalog.Operation, string) bool { return false })
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "1")
	d.tierctl("send", d.path("events.jsonl")) // nobody takes it in
	blocked := make(chan struct{})
	t.Cleanup(func() { close(blocked) })
	for i, c := range []struct {
		command string
		stays   chan struct{} // what the command reads never ends
		says    string
	}{
		{"simulate", blocked, "interrupted: no file of the results has been written to"},
		{"simulate", nil, "interrupted: no file of the results has been written to"},
		{"send", blocked, "interrupted: nothing has been sent"},
		{"send", nil, "interrupted: "},
	} {
		out := d.path("out" + strconv.Itoa(i))
		args := append([]string{"send", "-"}, d.args...)
		if c.command == "simulate" {
			args = []string{"simulate", "--policy", d.path("policy.yaml"), "--events", "-", "--out", out}
		}
		stop := terminate(t)
		var began time.Time
		in := onRead{strings.NewReader(nobodys + "\n"), func() { began = time.Now(); stop() }, c.stays}
		var stderr bytes.Buffer
		code := tierctl.Main(args, in, io.Discard, &stderr)
		if took := time.Since(began); took > time.Second {
			t.Errorf("%v ended %v after the signal", args, took)
		}
		left, err := os.ReadDir(out)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if code == 0 && c.stays == nil {
			if c.command == "send" && stderr.String() != "1 lines sent\n" || c.command == "simulate" && len(left) == 0 {
				t.Errorf("%v came through with %q and %v", args, stderr.String(), left)
			}
			continue
		}
		if code != 1 || !strings.Contains(stderr.String(), c.says) || strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%v: exit %d, %q; want 1 and %q", args, code, stderr.String(), c.says)
		}
		if len(left) > 0 {
			t.Errorf("%v leaves %v behind", args, left)
		}
	}

	stop := terminate(t)
	var stderr bytes.Buffer
	timer := time.AfterFunc(300*time.Millisecond, stop)
	defer timer.Stop()
	if code := tierctl.Main(append([]string{"wait"}, d.args...), nil, io.Discard, &stderr); code != 1 || !strings.Contains(stderr.String(), "interrupted: what was sent stays") {
		t.Errorf("wait: exit %d, %q", code, stderr.String())
	}
}

// To end the demo is no failure, in the middle of the replay too.
func TestDemoEnds(t *testing.T) {
	out := &onWrite{do: terminate(t)}
	var stderr bytes.Buffer
	if code := tierctl.Main([]string{"demo", "--exit", "--customers", "300", "--days", "200"}, nil, out, &stderr); code != 0 {
		t.Errorf("exit %d: %s", code, stderr.String())
	}
	if strings.Contains(out.String(), "For the engineer") {
		t.Error("the demo went on to its end")
	}
}

// What couldn't be written whole doesn't take the place of what was there.
func TestResultsAreWhole(t *testing.T) {
	d := &deployment{t: t, dir: t.TempDir()}
	d.write("policy.yaml", testPolicy)
	d.write("events.jsonl", nobodys+"\n")
	if err := os.Mkdir(d.path("signals.jsonl.part"), 0o700); err != nil {
		t.Fatal(err)
	}
	d.write("customers.jsonl", "former\n")
	d.refuses(1, "signals.jsonl", "simulate", "--policy", d.path("policy.yaml"), "--events", d.path("events.jsonl"), "--out", d.dir)
	if got := d.read("customers.jsonl"); got != "former\n" {
		t.Errorf("customers.jsonl is %q, of results that failed", got)
	}
	if _, err := os.Stat(d.path("customers.jsonl.part")); err == nil {
		t.Error("a part is left behind")
	}
}
