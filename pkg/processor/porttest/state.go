// Package porttest says in tests what the processor expects of its ports. Every home of a port passes it: in memory,
// embedded, real.
package porttest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

// State runs the suite of processor.State. open gives an empty slot that no other test uses.
func State(t *testing.T, open func(t *testing.T) processor.State) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, slot)
	}{
		{"an empty slot has no token and nothing else", emptySlot},
		{"what was applied is read back", readBack},
		{"another token changes nothing and is told the true one", conflict},
		{"every part of the token is compared", everyPartOfTheToken},
		{"an empty slot takes no other expectation", expectOfTheEmpty},
		{"the same Apply again meets its own token", repeat},
		{"due customers come earliest first, ties by id", dueOrder},
		{"customers due between two moments", dueBetween},
		{"a customer leaves the due set", dueRemoved},
		{"a customer may have a second place in the due set", secondPlace},
		{"due moments are exact at the ends of time", dueExtremes},
		{"registers are set, deleted and read by name or all", registers},
		{"absent is not empty", absentIsNotEmpty},
		{"last comes back byte for byte", lastByteForByte},
		{"a read brings only what was asked for", onlyWhatWasAsked},
		{"ids and names may hold any bytes", anyBytes},
		{"a thousand customers in one Apply", bigWrite},
		{"of concurrent writers one wins, whole", concurrent},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, slot{t, open(t)}) })
	}
}

// slot is a State with what the tests say to it.
type slot struct {
	t *testing.T
	processor.State
}

func token(offset int64) processor.Token {
	return processor.Token{Offset: offset, Epoch: 3, Logic: 2, Nonce: 1<<63 + uint64(offset)}
}

func (s slot) read(q processor.Query) processor.Reply {
	s.t.Helper()
	r, err := s.Read(s.t.Context(), q)
	if err != nil {
		s.t.Fatalf("Read: %v", err)
	}
	return r
}

func (s slot) apply(w processor.Write) processor.Reply {
	s.t.Helper()
	r, err := s.Apply(s.t.Context(), w)
	if err != nil {
		s.t.Fatalf("Apply: %v", err)
	}
	return r
}

// put applies what must succeed, from whatever token there is to the one of offset.
func (s slot) put(offset int64, w processor.Write) processor.Reply {
	s.t.Helper()
	w.Expect, w.Next = s.read(processor.Query{}).Token, token(offset)
	r := s.apply(w)
	if r.Conflict || r.Missing || r.Token != w.Next {
		s.t.Fatalf("Apply to %+v: conflict %v, missing %v, token %+v", w.Next, r.Conflict, r.Missing, r.Token)
	}
	return r
}

func (s slot) same(what string, want, got any) {
	s.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func customer(id, blob string, due civil.Instant) processor.CustomerWrite {
	return processor.CustomerWrite{ID: id, Blob: []byte(blob), Due: due}
}

func emptySlot(_ *testing.T, s slot) {
	r := s.read(processor.Query{Part: true, Last: true, Due: true, DueTo: processor.NoDue - 1, DueMost: 10, Customers: []string{"c"},
		Registers: []processor.Fields{{Customer: "c", Names: []string{"o/1"}}, {Customer: "d", All: true}}})
	if !r.Missing || r.Conflict || r.Token != (processor.Token{}) || r.NextDue != processor.NoDue {
		s.t.Errorf("missing %v, conflict %v, token %+v, next due %d", r.Missing, r.Conflict, r.Token, r.NextDue)
	}
	if r.Part != nil || len(r.Last) != 0 || len(r.Due) != 0 || r.Blobs["c"] != nil || len(r.Registers["c"])+len(r.Registers["d"]) != 0 {
		s.t.Errorf("something is in it: %+v", r)
	}
}

func readBack(_ *testing.T, s slot) {
	w := s.put(7, processor.Write{Part: []byte("part"), Last: []processor.Emission{{Topic: "a"}}, Customers: []processor.CustomerWrite{
		{ID: "c", Blob: []byte("blob"), Due: 90, Set: []processor.Register{{Name: "o/1", Value: []byte("one")}}},
	}})
	r := s.read(processor.Query{Part: true, Customers: []string{"c"}, Registers: []processor.Fields{{Customer: "c", All: true}},
		Due: true, DueTo: 90, DueMost: 5})
	if r.Missing || r.Token != token(7) || w.NextDue != 90 || r.NextDue != 90 {
		s.t.Errorf("missing %v, token %+v, next due %d after Apply, %d after Read", r.Missing, r.Token, w.NextDue, r.NextDue)
	}
	s.same("part", "part", string(r.Part))
	s.same("blobs", map[string][]byte{"c": []byte("blob")}, r.Blobs)
	s.same("registers", map[string]map[string][]byte{"c": {"o/1": []byte("one")}}, r.Registers)
	s.same("due", []string{"c"}, r.Due)
}

func conflict(_ *testing.T, s slot) {
	s.put(5, processor.Write{Part: []byte("five"), Customers: []processor.CustomerWrite{customer("c", "five", 50)}})
	s.put(9, processor.Write{Part: []byte("nine"), Customers: []processor.CustomerWrite{customer("c", "nine", 90)}})
	r := s.apply(processor.Write{
		Expect: token(5), Next: token(10), Part: []byte("bad"), Last: []processor.Emission{{Topic: "bad"}},
		Customers: []processor.CustomerWrite{customer("c", "bad", 1), customer("new", "bad", 1)},
	})
	if !r.Conflict || r.Missing || r.Token != token(9) || r.NextDue != 90 {
		s.t.Errorf("conflict %v, missing %v, token %+v, next due %d", r.Conflict, r.Missing, r.Token, r.NextDue)
	}
	got := s.read(processor.Query{Part: true, Last: true, Customers: []string{"c", "new"}, Due: true, DueTo: 100, DueMost: 9})
	if got.Token != token(9) || string(got.Part) != "nine" || string(got.Blobs["c"]) != "nine" || got.Blobs["new"] != nil ||
		len(got.Last) != 0 || !slices.Equal(got.Due, []string{"c"}) || got.NextDue != 90 {
		s.t.Errorf("something changed: %+v", got)
	}
}

func everyPartOfTheToken(_ *testing.T, s slot) {
	s.put(5, processor.Write{Part: []byte("five")})
	for name, change := range map[string]func(*processor.Token){
		"offset above": func(k *processor.Token) { k.Offset++ },
		"offset below": func(k *processor.Token) { k.Offset-- },
		"epoch":        func(k *processor.Token) { k.Epoch++ },
		"logic":        func(k *processor.Token) { k.Logic++ },
		"nonce":        func(k *processor.Token) { k.Nonce++ },
		"nothing":      func(k *processor.Token) { *k = processor.Token{} },
	} {
		expect := token(5)
		change(&expect)
		if r := s.apply(processor.Write{Expect: expect, Next: token(6), Part: []byte("bad")}); !r.Conflict || r.Token != token(5) {
			s.t.Errorf("%s: conflict %v, token %+v", name, r.Conflict, r.Token)
		}
	}
	if r := s.read(processor.Query{Part: true}); string(r.Part) != "five" {
		s.t.Errorf("part is %q", r.Part)
	}
}

func expectOfTheEmpty(_ *testing.T, s slot) {
	r := s.apply(processor.Write{Expect: token(5), Next: token(6), Part: []byte("bad")})
	if !r.Conflict || !r.Missing || r.Token != (processor.Token{}) {
		s.t.Errorf("conflict %v, missing %v, token %+v", r.Conflict, r.Missing, r.Token)
	}
	if r := s.read(processor.Query{Part: true}); !r.Missing || r.Part != nil {
		s.t.Errorf("something was written: %+v", r)
	}
}

func repeat(_ *testing.T, s slot) {
	s.put(5, processor.Write{Part: []byte("five")})
	w := processor.Write{Expect: token(5), Next: token(8), Part: []byte("eight"), Customers: []processor.CustomerWrite{customer("c", "x", 10)}}
	if r := s.apply(w); r.Conflict {
		s.t.Fatal("the first one conflicts")
	}
	if r := s.apply(w); !r.Conflict || r.Token != w.Next {
		s.t.Errorf("conflict %v, token %+v", r.Conflict, r.Token)
	}
}
