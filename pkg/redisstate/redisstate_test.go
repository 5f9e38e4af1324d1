package redisstate_test

import (
	"fmt"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/redisstate"
)

func TestQuick(t *testing.T) {
	m := miniredis.RunT(t)
	st, err := redisstate.Open(t.Context(), redisstate.Config{URL: "redis://" + m.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	s := st.Slot("x.", "scorer", 3)
	r, err := s.Read(t.Context(), processor.Query{Part: true, Last: true, Customers: []string{"a"}, Due: true, DueTo: 10, DueMost: 3})
	if err != nil || !r.Missing || r.NextDue != processor.NoDue || r.Blobs["a"] != nil {
		t.Fatal(r, err)
	}
	tok := processor.Token{Offset: 5, Epoch: 1, Logic: 1, Nonce: 77}
	w := processor.Write{Next: tok, Part: []byte("p"), Last: []processor.Emission{{Topic: "t", Messages: []processor.Message{{Key: "k", Value: []byte("v"), Headers: []processor.Header{{Key: "h", Value: []byte{}}}}}}}}
	for i := range 300 {
		w.Customers = append(w.Customers, processor.CustomerWrite{ID: fmt.Sprint("c", i), Blob: []byte("b"), Due: 1784937600000000, Set: []processor.Register{{Name: "o/1", Value: []byte("x")}}, Del: []string{"o/2"}})
	}
	if r, err = s.Apply(t.Context(), w); err != nil || r.Conflict || r.NextDue != 1784937600000000 {
		t.Fatal(r, err)
	}
	if r, err = s.Apply(t.Context(), w); err != nil || !r.Conflict || r.Token != tok {
		t.Fatal(r, err)
	}
	r, err = s.Read(t.Context(), processor.Query{Part: true, Last: true, Customers: []string{"c1", "zz"}, Registers: []processor.Fields{{Customer: "c1", Names: []string{"o/1", "o/3"}}, {Customer: "c2", All: true}}, Due: true, DueTo: processor.NoDue - 1, DueMost: 3})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(w.Last, r.Last); d != "" || string(r.Part) != "p" || len(r.Due) != 3 || string(r.Registers["c2"]["o/1"]) != "x" || len(r.Registers["c1"]) != 1 {
		t.Fatal(d, r)
	}
}

func BenchmarkApply(b *testing.B) {
	m := miniredis.RunT(b)
	st, err := redisstate.Open(b.Context(), redisstate.Config{URL: "redis://" + m.Addr()})
	if err != nil {
		b.Fatal(err)
	}
	s := st.Slot("x.", "scorer", 3)
	var tok processor.Token
	for i := 0; b.Loop(); i++ {
		next := processor.Token{Offset: int64(i + 1), Nonce: uint64(i + 1)}
		w := processor.Write{Expect: tok, Next: next, Part: []byte("p")}
		for i := range 50 {
			w.Customers = append(w.Customers, processor.CustomerWrite{ID: fmt.Sprint("c", i), Blob: make([]byte, 400), Due: 1784937600000000, Set: []processor.Register{{Name: "o/1", Value: []byte("x")}}})
		}
		if r, err := s.Apply(b.Context(), w); err != nil || r.Conflict {
			b.Fatal(r, err)
		}
		tok = next
	}
}
