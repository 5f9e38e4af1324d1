package redisstate_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	"go.uber.org/goleak"

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

// On the Redis that TIERSTREAM_TEST_REDIS names, with the environment's settings of how to get in (make test-servers),
// else on the embedded one.
func TestConformance(t *testing.T) {
	porttest.State(t, func(t *testing.T) processor.State {
		if url := os.Getenv("TIERSTREAM_TEST_REDIS"); url != "" {
			fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
			process.Flags(fs)
			c, err := process.Load(fs, os.Environ)
			if err != nil {
				t.Fatal(err)
			}
			return open(t, redisstate.Config{URL: url, TLS: c.RedisTLS, Login: c.RedisLogin}).Slot(fmt.Sprintf("port%x.", rand.Uint64()), "scorer", 3)
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
		if err == nil || !strings.Contains(err.Error(), "WRONGTYPE") {
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
	for _, text := range []string{"12", "x:1:1:1", "1:2:3:zz", "1:2:3:4 "} {
		if err := server.Set("{scorer:p0}:cursor", text); err != nil {
			t.Fatal(err)
		}
		if r, err := slot.Read(t.Context(), processor.Query{}); err == nil {
			t.Errorf("%q was read as %+v", text, r)
		}
	}
}

func TestTooManyKeysAreRefused(t *testing.T) {
	s, server := store(t)
	_, err := s.Slot("", "scorer", 0).Apply(t.Context(), processor.Write{Next: processor.Token{Offset: 1, Nonce: 1}, Customers: customers(1300)})
	if err == nil || len(server.Keys()) != 0 {
		t.Errorf("%v, keys %d", err, len(server.Keys()))
	}
}

func TestSnapshotIsTheWholePartition(t *testing.T) {
	s, _ := store(t)
	slot := s.Slot("", "scorer", 0)
	want := processor.Write{Next: processor.Token{Offset: 9, Logic: 1, Nonce: 5}, Part: []byte("part"), Customers: customers(1100)}
	want.Customers[7].Due = 1784937600_000000
	if r, err := slot.Apply(t.Context(), want); err != nil || r.Conflict {
		t.Fatal(r, err)
	}
	got, err := slot.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range want.Customers {
		want.Customers[i].Set = nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
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

func BenchmarkApply(b *testing.B) {
	s, _ := store(b)
	slot := s.Slot("", "scorer", 0)
	var token processor.Token
	ws := customers(50)
	for i := 0; b.Loop(); i++ {
		next := processor.Token{Offset: int64(i + 1), Nonce: uint64(i + 1)}
		if r, err := slot.Apply(b.Context(), processor.Write{Expect: token, Next: next, Part: []byte("p"), Customers: ws}); err != nil || r.Conflict {
			b.Fatal(r, err)
		}
		token = next
	}
}
