package redisstate_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/redisstate"
)

// wire is a connection to Redis that notes the commands of its client, but for those that begin it, and lets before see each
// request first.
type wire struct {
	net.Conn
	heard  func(cmd string)
	before func(request string)
}

var command = regexp.MustCompile(`\*\d+\r\n\$\d+\r\n([A-Za-z]+)\r\n`)

func (w wire) Write(b []byte) (int, error) {
	if w.before != nil {
		w.before(string(b))
	}
	for _, m := range command.FindAllSubmatch(b, -1) {
		if cmd := strings.ToUpper(string(m[1])); !slices.Contains([]string{"HELLO", "CLIENT", "AUTH", "SELECT", "PING"}, cmd) {
			w.heard(cmd)
		}
	}
	return w.Conn.Write(b)
}

// listened is a slot over wires. heard gives the commands since it was asked last.
func listened(t *testing.T, before func(server *miniredis.Miniredis, request string)) (slot *redisstate.Slot, heard func() []string) {
	t.Helper()
	server := miniredis.RunT(t)
	var mu sync.Mutex
	var all []string
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, server.Addr())
		w := wire{Conn: c, heard: func(cmd string) {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, cmd)
		}}
		if before != nil {
			w.before = func(request string) { before(server, request) }
		}
		return w, err
	}
	s, err := redisstate.Open(t.Context(), redisstate.Config{URL: "redis://" + server.Addr(), Dialer: dial})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	heard = func() []string {
		mu.Lock()
		defer mu.Unlock()
		got := all
		all = nil
		return got
	}
	heard()
	return s.Slot("", "scorer", 0), heard
}

// Rules 2 and 3: a Read is one transaction, with the token in it, and an Apply is one script and nothing beside it.
// What two commands could be driven between would show only now and then in a race.
func TestReadAndApplyAreOneEach(t *testing.T) {
	slot, heard := listened(t, nil)
	var at processor.Token
	for i := range int64(2) {
		next := processor.Token{Offset: i + 1, Nonce: 1}
		if r, err := slot.Apply(t.Context(), processor.Write{Expect: at, Next: next, Part: []byte("p"), Customers: customers(3)}); err != nil || r.Conflict {
			t.Fatal(r, err)
		}
		at = next
		if got := heard(); !slices.Equal(got, []string{"EVALSHA"}) {
			t.Errorf("Apply is %v", got)
		}
	}
	for _, q := range []processor.Query{
		{}, {Part: true, Last: true, Due: true, DueTo: 9, DueMost: 9},
		{Customers: []string{"c0001"}, Registers: []processor.Fields{{Customer: "c0001", All: true}, {Customer: "c0002", Names: []string{"o/1"}}}},
	} {
		if _, err := slot.Read(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		got := heard()
		inside := len(got) > 3 && got[0] == "MULTI" && got[len(got)-1] == "EXEC" && slices.Contains(got, "GET")
		if !inside || slices.Contains(got[1:len(got)-1], "EXEC") {
			t.Errorf("a Read is %v", got)
		}
	}
}

// Rule 2: a whole partition read in pages is of one state, or it is none.
func TestSnapshotOfOneState(t *testing.T) {
	for _, page := range []string{"0", "500", "1000"} {
		for name, cursor := range map[string]string{"the next batch": "10:0:1:6:1100", "the same offset again": "9:0:1:6:1100", "a restored backup": "9:1:1:5:1100", "nothing": ""} {
			armed := false
			slot, heard := listened(t, func(server *miniredis.Miniredis, request string) {
				if armed && strings.Contains(strings.ToLower(request), "\r\nzrange\r\n") && strings.Contains(request, "idx\r\n$"+fmt.Sprint(len(page))+"\r\n"+page+"\r\n") {
					server.Del("{scorer:p0}:cursor")
					_ = cursor != "" && server.Set("{scorer:p0}:cursor", cursor) == nil
				}
			})
			_, err := slot.Apply(t.Context(), processor.Write{Next: processor.Token{Offset: 9, Logic: 1, Nonce: 5}, Part: []byte("part"), Customers: customers(1100)})
			if err != nil {
				t.Fatal(err)
			}
			armed = true
			heard()
			if _, err := slot.Snapshot(t.Context(), nil); !errors.Is(err, redisstate.ErrMoved) {
				t.Errorf("%s came before page %s: %v", name, page, err)
			}
			inside := false
			for _, cmd := range heard() {
				inside = cmd == "MULTI" || inside && cmd != "EXEC"
				if cmd == "MGET" && !inside {
					t.Errorf("a page is read apart from its token")
				}
			}
		}
	}
}

// Rule 13: nothing of the state ever expires.
func TestNothingExpires(t *testing.T) {
	s, server := store(t)
	slot := s.Slot("", "scorer", 0)
	ws := customers(3)
	ws[1].Due = 7
	if _, err := slot.Apply(t.Context(), processor.Write{Next: processor.Token{Offset: 1, Nonce: 1}, Part: []byte("p"), Customers: ws}); err != nil {
		t.Fatal(err)
	}
	if len(server.Keys()) != 11 {
		t.Errorf("keys %v", server.Keys())
	}
	for _, key := range server.Keys() {
		if ttl := server.TTL(key); ttl != 0 {
			t.Errorf("%s expires in %s", key, ttl)
		}
	}
}

// The keys of an Apply are all that it may touch (a cluster refuses others, the embedded server doesn't), and its
// arguments are checked to the last before the first write.
func TestScriptChecksItsArguments(t *testing.T) {
	const cursor, new = "{scorer:p0}:cursor", "1:0:0:1"
	keys := []string{cursor, "{scorer:p0}:last", "{scorer:p0}:due", "{scorer:p0}:part", "{scorer:p0}:idx"}
	one := append(slices.Clone(keys), "{scorer:p0}:x", "{scorer:p0}:y") // the script has no other names than these
	const one1 = "\x00\x00\x01\x00\x00\x01"                             // a field to set, and one to delete
	for name, c := range map[string]struct {
		keys []string
		args []string
		ok   bool
	}{
		"as it should be":           {one, []string{"", new, "p", "", "1", "0", one1, "id", "b", "5", "f", "v", "g"}, true},
		"who waits":                 {one, []string{"", new, "p", "", "1", "1", one1, "id", "b", "5", "f", "v", "g", "9", "id"}, true},
		"a wait that is none":       {one, []string{"", new, "p", "", "1", "1", "", "id", "b", "5", "soon", "id"}, false},
		"a wait too few":            {one, []string{"", new, "p", "", "1", "1", "", "id", "b", "5"}, false},
		"a wait of nobody":          {one, []string{"", new, "p", "", "1", "1", "", "id", "b", "5", "9"}, false},
		"no number of waits":        {one, []string{"", new, "p", "", "1", "", "", "id", "b", "5"}, false},
		"a key too few":             {one[:6], []string{"", new, "p", "", "1", "0", "", "id", "b", "5"}, false},
		"a key too many":            {append(one[:7:7], "{scorer:p0}:z"), []string{"", new, "p", "", "1", "0", "", "id", "b", "5"}, false},
		"no number of any":          {one, []string{"", new, "p", "", "", "0", "", "id", "b", "5"}, false},
		"a due that is none":        {one, []string{"", new, "p", "", "1", "0", "", "id", "b", "soon"}, false},
		"numbers of fields too few": {one, []string{"", new, "p", "", "1", "0", "\x00\x00\x01", "id", "b", "5", "f", "v"}, false},
		"numbers of fields of two":  {one, []string{"", new, "p", "", "1", "0", one1 + one1, "id", "b", "5", "f", "v", "g"}, false},
		"no numbers of anything":    {one, []string{"", new, "p", "", "1", "0"}, false},
		"an argument too few":       {one, []string{"", new, "p", "", "1", "0", one1, "id", "b", "5", "f", "v"}, false},
		"an argument too many":      {one, []string{"", new, "p", "", "1", "0", "", "id", "b", "5", "f"}, false},
		"of nobody, and it has":     {keys, []string{"", new, "p", "", "0", "0", "", "id"}, false},
	} {
		m := miniredis.RunT(t)
		err := evaluate(t, m, c.keys, c.args)
		if got := m.Keys(); (err == nil) != c.ok || !c.ok && len(got) != 0 {
			t.Errorf("%s: %v, keys %v", name, err, got)
		}
		if c.ok && !slices.Equal(m.Keys(), slices.Sorted(slices.Values(c.keys))) {
			t.Errorf("%s: it wrote %v of %v", name, m.Keys(), c.keys)
		}
	}
}

// What can't be right stops the partition; what Redis refuses for a while, or leaves unanswered, doesn't.
func TestDamageIsTold(t *testing.T) {
	s, m := store(t)
	slot := s.Slot("", "scorer", 0)
	w := processor.Write{Next: processor.Token{Offset: 1, Nonce: 1}, Part: []byte("p"), Customers: customers(2),
		Last: []processor.Emission{{Topic: "scores", Messages: []processor.Message{{Key: "k", Value: []byte("v"), Headers: []processor.Header{{Key: "a", Value: []byte("b")}}}}}}}
	all := processor.Query{Part: true, Last: true, Due: true, DueTo: 9, DueMost: 9, Customers: []string{"c0000", "c0001"}, Registers: []processor.Fields{{Customer: "c0001", All: true}}}
	read := func() error { _, err := slot.Read(t.Context(), all); return err }
	apply := func() error { _, err := slot.Apply(t.Context(), w); return err }
	damaged := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, processor.ErrDamaged) || strings.Contains(fmt.Sprint(err), "\n") {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, key := range []string{"due", "part", "last", "idx", "c:c0001", "o:c0001"} {
		m.FlushAll()
		if _, err := m.Push("{scorer:p0}:"+key, "a list"); err != nil {
			t.Fatal(err)
		}
		damaged("Apply with a list as "+key, apply())
		if key != "idx" && key != "c:c0001" { // no Read needs the index, and MGET takes a list for nothing
			damaged("Read with a list as "+key, read())
		}
	}
	m.FlushAll()
	if err := apply(); err != nil {
		t.Fatal(err)
	}
	whole, err := m.Get("{scorer:p0}:last")
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n < len(whole); n++ {
		_ = m.Set("{scorer:p0}:last", whole[:n])
		damaged(fmt.Sprintf("the first %d of %d bytes of last", n, len(whole)), read())
	}
	_ = m.Set("{scorer:p0}:last", whole)
	_ = m.Set("{scorer:p0}:cursor", "12")
	damaged("a foreign cursor", read())
	for _, says := range []string{"LOADING Redis is loading the dataset in memory", "OOM command not allowed", "READONLY You can't write against a read only replica.",
		"NOREPLICAS Not enough good replicas to write.", "CLUSTERDOWN The cluster is down", "TRYAGAIN Multiple keys request during rehashing of slot", "ERR max number of clients reached"} {
		m.SetError(says)
		if err := apply(); err == nil || errors.Is(err, processor.ErrDamaged) {
			t.Errorf("Apply on %q: %v", says, err)
		}
	}
}

// evaluate runs the script as it stands in the source, without its first line, which the embedded server doesn't know.
func evaluate(t *testing.T, m *miniredis.Miniredis, keys, args []string) error {
	t.Helper()
	source, err := os.ReadFile("apply.lua")
	if err != nil {
		t.Fatal(err)
	}
	first, script, _ := strings.Cut(string(source), "\n")
	if first != "#!lua" { // without it, or with flags, a real one doesn't refuse before the first write
		t.Errorf("the script begins with %q", first)
	}
	c := redis.NewClient(&redis.Options{Addr: m.Addr(), DisableIdentity: true})
	defer func() { _ = c.Close() }()
	var all []any
	for _, a := range args {
		all = append(all, a)
	}
	return c.Eval(t.Context(), script, keys, all...).Err()
}
