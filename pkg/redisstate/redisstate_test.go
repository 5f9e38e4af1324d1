package redisstate_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/porttest"
	"github.com/tierstream/tierstream/pkg/redisstate"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func store(t testing.TB) (*redisstate.Store, *miniredis.Miniredis) {
	t.Helper()
	server := miniredis.RunT(t)
	return open(t, redisstate.Config{URL: "redis://" + server.Addr()}), server
}

func open(t testing.TB, cfg redisstate.Config) *redisstate.Store {
	t.Helper()
	s, err := redisstate.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// server is the Redis that TIERSTREAM_TEST_REDIS names, with the environment's settings of how to get in; nil: it names none.
func server(t *testing.T) *redisstate.Store {
	t.Helper()
	url := os.Getenv("TIERSTREAM_TEST_REDIS")
	if url == "" {
		return nil
	}
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	process.Flags(fs)
	c, err := process.Load(fs, os.Environ)
	if err != nil {
		t.Fatal(err)
	}
	return open(t, redisstate.Config{URL: url, TLS: c.RedisTLS, Login: c.RedisLogin})
}

// On the Redis that TIERSTREAM_TEST_REDIS names, with the environment's settings of how to get in (make test-servers),
// else on the embedded one.
func TestConformance(t *testing.T) {
	porttest.State(t, func(t *testing.T) processor.State {
		if s := server(t); s != nil {
			return s.Slot(fmt.Sprintf("port%x.", rand.Uint64()), "scorer", 3)
		}
		s, _ := store(t)
		return s.Slot("test.", "scorer", 3)
	})
}

func customers(n int) (ws []processor.CustomerWrite) {
	for i := range n {
		ws = append(ws, processor.CustomerWrite{
			ID: fmt.Sprintf("c%04d", i), Blob: fmt.Appendf(nil, "blob %d", i), Due: processor.NoDue,
			Set: []processor.Register{{Name: "o/1", Value: []byte("x")}},
		})
	}
	return ws
}

// A key of another type is found before anything is written.
func TestWrongTypeWritesNothing(t *testing.T) {
	for _, key := range []string{"due", "part", "last", "idx", "c:c0001", "o:c0001"} {
		s, server := store(t)
		slot := s.Slot("", "scorer", 0)
		if _, err := server.Push("{scorer:p0}:"+key, "a list"); err != nil {
			t.Fatal(err)
		}
		before := server.Keys()
		_, err := slot.Apply(t.Context(), processor.Write{Next: processor.Token{Offset: 1, Nonce: 1}, Part: []byte("p"), Customers: customers(3)})
		if !errors.Is(err, processor.ErrDamaged) || !strings.Contains(err.Error(), "WRONGTYPE") {
			t.Errorf("%s: %v", key, err)
		}
		if diff := cmp.Diff(before, server.Keys()); diff != "" {
			t.Errorf("%s: something was written: %s", key, diff)
		}
	}
}

// A cursor that isn't ours is never taken for an empty slot.
func TestForeignCursor(t *testing.T) {
	s, server := store(t)
	slot := s.Slot("", "scorer", 0)
	for _, text := range []string{"12", "x:1:1:1:1", "1:2:3:zz:5", "1:2:3:4", "1:2:3:4: ", "1:2:3:4:5 ", "1:2:3:4:-5"} {
		if err := server.Set("{scorer:p0}:cursor", text); err != nil {
			t.Fatal(err)
		}
		if r, err := slot.Read(t.Context(), processor.Query{}); !errors.Is(err, processor.ErrDamaged) {
			t.Errorf("%q was read as %+v, %v", text, r, err)
		}
	}
}

// Whatever key of a partition is lost (half of them are where the source of a slot dies while it is being moved), nothing is
// built on what is left: an Apply that leans on it says so, and writes nothing.
func TestLostKeysAreFound(t *testing.T) {
	none := customers(2)
	none[0].Set, none[1].Set = nil, nil
	for _, c := range []struct {
		lost    string
		written []processor.CustomerWrite
	}{{"idx", customers(9)[8:]}, {"c:c0001", customers(2)}, {"o:c0001", customers(2)}, {"c:c0001", none}, {"o:c0001", none}} {
		s, server := store(t)
		slot := s.Slot("", "scorer", 0)
		first := processor.Token{Offset: 1, Nonce: 1}
		if r, err := slot.Apply(t.Context(), processor.Write{Next: first, Customers: customers(3)}); err != nil || r.Conflict {
			t.Fatal(r, err)
		}
		server.Del("{scorer:p0}:" + c.lost)
		before := server.Dump()
		_, err := slot.Apply(t.Context(), processor.Write{Expect: first, Next: processor.Token{Offset: 2, Nonce: 2}, Customers: c.written})
		if !errors.Is(err, processor.ErrDamaged) || !strings.Contains(err.Error(), "lost") {
			t.Errorf("%s: %v", c.lost, err)
		}
		if diff := cmp.Diff(before, server.Dump()); diff != "" {
			t.Errorf("%s: something was written: %s", c.lost, diff)
		}
	}
}

// What a server says before it has changed anything is no damage: the same call is made again. All else that it says is.
func TestWhatTheServerSays(t *testing.T) {
	for text, damaged := range map[string]bool{
		"LOADING Redis is loading the dataset in memory": false, "CLUSTERDOWN The cluster is down": false, "READONLY You can't write": false,
		"NOREPLICAS Not enough good replicas to write.": false, "OOM command not allowed": false, "BUSY Redis is busy": false,
		"NOPERM this user has no permissions": false, "ERR max number of clients reached": false, "MISCONF Redis is configured to": false,
		"WRONGTYPE Operation against a key": true, "ERR Error running script": true, "CROSSSLOT Keys in request": true,
	} {
		s, server := store(t)
		slot := s.Slot("", "scorer", 0)
		server.SetError(text)
		_, onRead := slot.Read(t.Context(), processor.Query{})
		_, onApply := slot.Apply(t.Context(), processor.Write{Next: processor.Token{Offset: 1, Nonce: 1}, Customers: customers(1)})
		for _, err := range []error{onRead, onApply} {
			if err == nil || errors.Is(err, processor.ErrDamaged) != damaged {
				t.Errorf("%s: %v", text, err)
			}
		}
		server.SetError("")
	}
}

// The registers of a customer come and go, and the index keeps their number.
func TestRegistersAreCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		server, err := miniredis.Run()
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		s, err := redisstate.Open(t.Context(), redisstate.Config{URL: "redis://" + server.Addr()})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		slot, token := s.Slot("", "scorer", 0), processor.Token{}
		for n := range rapid.IntRange(1, 8).Draw(t, "applies") {
			next := processor.Token{Offset: int64(n + 1), Nonce: 1}
			w := processor.CustomerWrite{ID: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "customer"), Blob: []byte{}, Due: processor.NoDue}
			names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"1", "2", "3", "4", "5"}), 0, 5, rapid.ID).Draw(t, "registers")
			set := rapid.IntRange(0, len(names)).Draw(t, "of them set")
			for _, name := range names[:set] {
				w.Set = append(w.Set, processor.Register{Name: name, Value: []byte("x")})
			}
			w.Del = names[set:]
			if r, err := slot.Apply(t.Context(), processor.Write{Expect: token, Next: next, Customers: []processor.CustomerWrite{w}}); err != nil || r.Conflict {
				t.Fatal(r, err)
			}
			token = next
		}
	})
}

// Customers of one Apply have nothing, few and very many fields to be set and deleted, and each gets their own.
func TestFieldsOfEachCustomer(t *testing.T) {
	s, _ := store(t)
	slot := s.Slot("", "scorer", 0)
	const many = 1<<16 + 1<<8 + 3
	w := processor.Write{Next: processor.Token{Offset: 1, Nonce: 1}, Customers: customers(4)}
	w.Customers[0].Set = nil
	w.Customers[2].Set = make([]processor.Register, many)
	names := make([]string, many)
	for i := range names {
		names[i] = fmt.Sprintf("o/%d", i)
		w.Customers[2].Set[i] = processor.Register{Name: names[i], Value: []byte(names[i][2:])}
	}
	if r, err := slot.Apply(t.Context(), w); err != nil || r.Conflict {
		t.Fatal(r, err)
	}
	w = processor.Write{Expect: w.Next, Next: processor.Token{Offset: 2, Nonce: 2}, Customers: customers(4)}
	w.Customers[1].Set, w.Customers[1].Del = nil, []string{"o/1"}
	w.Customers[2].Set, w.Customers[2].Del = []processor.Register{{Name: "o/7", Value: []byte("new")}}, names[300:]
	if r, err := slot.Apply(t.Context(), w); err != nil || r.Conflict {
		t.Fatal(r, err)
	}
	q := processor.Query{}
	for _, c := range w.Customers {
		q.Registers = append(q.Registers, processor.Fields{Customer: c.ID, All: true})
	}
	r, err := slot.Read(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]map[string][]byte{"c0000": {"o/1": []byte("x")}, "c0001": {}, "c0002": {}, "c0003": {"o/1": []byte("x")}}
	for i, name := range names[:300] {
		want["c0002"][name] = fmt.Append(nil, i)
	}
	want["c0002"]["o/7"] = []byte("new")
	if diff := cmp.Diff(want, r.Registers); diff != "" {
		t.Error(diff)
	}
}

func TestTooManyKeysAreRefused(t *testing.T) {
	s, server := store(t)
	_, err := s.Slot("", "scorer", 0).Apply(t.Context(), processor.Write{Next: processor.Token{Offset: 1, Nonce: 1}, Customers: customers(1300)})
	if err == nil || len(server.Keys()) != 0 {
		t.Errorf("%v, keys %d", err, len(server.Keys()))
	}
}

// The largest batch that the processor makes, and somewhat more, goes into one Apply: customers, registers, what it sends.
func TestLargestApplyConformance(t *testing.T) {
	s := server(t)
	if s == nil {
		s, _ = store(t)
	}
	slot := s.Slot(fmt.Sprintf("large%x.", rand.Uint64()), "scorer", 0)
	w := processor.Write{Next: processor.Token{Offset: 8000, Nonce: 1}, Part: []byte("part"), Customers: customers(1190),
		Last: []processor.Emission{{Topic: "scores", Messages: []processor.Message{{Key: "a", Value: bytes.Repeat([]byte("v"), 5<<19)}}}}}
	for i := range w.Customers {
		w.Customers[i].Set = nil
		for r := range 4 {
			w.Customers[i].Set = append(w.Customers[i].Set, processor.Register{Name: fmt.Sprint(r), Value: []byte("x")})
		}
	}
	if r, err := slot.Apply(t.Context(), w); err != nil || r.Conflict || r.Token != w.Next {
		t.Fatalf("%+v, %v", r, err)
	}
	last := w.Customers[len(w.Customers)-1]
	r, err := slot.Read(t.Context(), processor.Query{Last: true, Registers: []processor.Fields{{Customer: last.ID, All: true}}})
	if err != nil || len(r.Registers[last.ID]) != 4 || len(r.Last) != 1 || len(r.Last[0].Messages[0].Value) != 5<<19 {
		t.Errorf("%v, %d registers", err, len(r.Registers[last.ID]))
	}
}

func TestSnapshotIsTheWholePartition(t *testing.T) {
	s, _ := store(t)
	slot := s.Slot("", "scorer", 0)
	want := processor.Write{Next: processor.Token{Offset: 9, Logic: 1, Nonce: 5}, Part: []byte("part"), Customers: customers(1100)}
	want.Customers[7].Due, want.Customers[9].Wait = 1784937600_000000, civil.MaxInstant+7
	want.Customers[8].Set = []processor.Register{{Name: "a", Value: []byte("y")}, {Name: "o/1", Value: []byte("x")}, {Name: "z", Value: []byte("z")}}
	if r, err := slot.Apply(t.Context(), want); err != nil || r.Conflict {
		t.Fatal(r, err)
	}
	for i := range want.Customers {
		if i != 8 && i != 1050 {
			want.Customers[i].Set = nil
		}
	}
	want.Customers[8].Set = want.Customers[8].Set[:2]
	got, err := slot.Snapshot(t.Context(), func(blob []byte) ([]string, error) {
		switch string(blob) {
		case "blob 8":
			return []string{"o/1", "not there", "a"}, nil
		case "blob 1050":
			return []string{"o/1"}, nil
		}
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	want.Customers[8].Set, want.Customers[1050].Set = nil, nil
	if got, err = slot.Snapshot(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("without registers: %s", diff)
	}
}

// A wiped stage is empty; other stages, other deployments and what isn't ours stay, whatever letters their names have.
func TestWipe(t *testing.T) {
	s, server := store(t)
	const prefix = "a*[b]."
	put := func(slot *redisstate.Slot) {
		t.Helper()
		if r, err := slot.Apply(t.Context(), processor.Write{Next: processor.Token{Offset: 1, Nonce: 1}, Customers: customers(700)}); err != nil || r.Conflict {
			t.Fatal(r, err)
		}
	}
	put(s.Slot(prefix, "scorer", 0))
	put(s.Slot(prefix, "scorer", 11))
	kept := []*redisstate.Slot{s.Slot(prefix, "tierchange", 0), s.Slot("axb.", "scorer", 0), s.Slot("", "scorer", 0)}
	for _, slot := range kept {
		put(slot)
	}
	if err := server.Set("{other}", "x"); err != nil {
		t.Fatal(err)
	}
	before, gone := len(server.Keys()), int64(0)
	if err := s.Wipe(t.Context(), prefix, "scorer", 12, func(n int64) { gone += n }); err != nil {
		t.Fatal(err)
	}
	if left := len(server.Keys()); left != 3*1404+1 || gone != int64(before-left-2) { // the two cursors went before
		t.Errorf("%d keys are left, %d were told to be gone, of %d", left, gone, before)
	}
	for _, slot := range kept {
		if r, err := slot.Read(t.Context(), processor.Query{}); err != nil || r.Missing {
			t.Errorf("a slot that was to stay: missing %v, %v", r.Missing, err)
		}
	}
}

// A server that is down, or loading, is worth another try; one that refuses isn't.
func TestMoving(t *testing.T) {
	server := miniredis.RunT(t)
	url := "redis://" + server.Addr()
	for says, want := range map[string]bool{"LOADING Redis is loading the dataset in memory": true, "WRONGPASS invalid username-password pair": false} {
		server.SetError(says)
		if _, err := redisstate.Open(t.Context(), redisstate.Config{URL: url}); err == nil || redisstate.Moving(err) != want {
			t.Errorf("%v: moving is %v, want %v", err, !want, want)
		}
	}
	server.Close()
	if _, err := redisstate.Open(t.Context(), redisstate.Config{URL: url}); err == nil || !redisstate.Moving(err) {
		t.Errorf("%v: want it to be moving", err)
	}
	if _, err := redisstate.Open(t.Context(), redisstate.Config{URL: "http://x"}); err == nil || redisstate.Moving(err) {
		t.Errorf("%v: want it not to be moving", err)
	}
}

// No error ever shows what the URL may hold.
func TestErrorsDoNotShowThePassword(t *testing.T) {
	for _, url := range []string{"redis://user:hunter2@127.0.0.1:1", "redis://user:hunter2@", "http://user:hunter2@x", "redis://:hunter2@127.0.0.1:1/nine"} {
		_, err := redisstate.Open(t.Context(), redisstate.Config{URL: url})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
}

// BenchmarkApply is one Apply of 500 of a partition's 1,250 customers, with a state as the scorer's: on the Redis that
// TIERSTREAM_TEST_REDIS names, else on the embedded one, whose interpreter of Lua is another.
func BenchmarkApply(b *testing.B) {
	s := anyStore(b)
	slot := s.Slot("bench.", "scorer", 0)
	if err := s.Wipe(b.Context(), "bench.", "scorer", 1, func(int64) {}); err != nil {
		b.Fatal(err)
	}
	const all, some = 1250, 500
	blob := bytes.Repeat([]byte("b"), 900)
	var token processor.Token
	for i := 0; b.Loop(); i++ {
		var ws []processor.CustomerWrite
		for c := range some {
			w := processor.CustomerWrite{ID: fmt.Sprintf("C%05d", (i*some+c)%all), Blob: blob, Due: civil.Instant(i*1000 + c)}
			for r := range 3 {
				w.Set = append(w.Set, processor.Register{Name: fmt.Sprintf("o/%d", (3*i+r)%50), Value: blob[:60]})
			}
			ws = append(ws, w)
		}
		next := processor.Token{Offset: int64(i + 1), Nonce: uint64(i + 1)}
		if r, err := slot.Apply(b.Context(), processor.Write{Expect: token, Next: next, Part: []byte("p"), Customers: ws}); err != nil || r.Conflict {
			b.Fatal(r, err)
		}
		token = next
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*some), "ns/customer")
}
