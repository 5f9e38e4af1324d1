package porttest

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

func (s slot) due(to civil.Instant, most int) []string {
	s.t.Helper()
	return s.read(processor.Query{Due: true, DueTo: to, DueMost: most}).Due
}

func dueOrder(_ *testing.T, s slot) {
	r := s.put(1, processor.Write{Customers: []processor.CustomerWrite{
		customer("B", "", 20), customer("a10", "", 20), customer("a9", "", 20), customer("z", "", 10), customer("never", "", processor.NoDue),
		customer("later", "", 21),
	}})
	if r.NextDue != 10 {
		s.t.Errorf("next due is %d", r.NextDue)
	}
	s.same("up to 20", []string{"z", "B", "a10", "a9"}, s.due(20, 10))
	s.same("the first three", []string{"z", "B", "a10"}, s.due(20, 3))
	s.same("up to 19", []string{"z"}, s.due(19, 10))
	if got := s.due(9, 10); len(got) != 0 {
		s.t.Errorf("up to 9: %v", got)
	}
}

func dueBetween(_ *testing.T, s slot) {
	s.put(1, processor.Write{Customers: []processor.CustomerWrite{
		customer("a", "", 10), customer("b", "", 20), customer("d", "", 30), customer("c", "", 30), customer("e", "", 31),
	}})
	between := func(from, to civil.Instant, most int) []string {
		return s.read(processor.Query{Due: true, DueFrom: from, DueTo: to, DueMost: most}).Due
	}
	s.same("from 20 up to 30", []string{"b", "c", "d"}, between(20, 30, 10))
	s.same("the first two", []string{"b", "c"}, between(20, 30, 2))
	s.same("from 21", []string{"c", "d", "e"}, between(21, 1<<53, 10))
	s.same("from whenever", []string{"a", "b"}, between(0, 20, 10))
	if got := between(32, 1<<53, 10); len(got) != 0 {
		s.t.Errorf("from 32: %v", got)
	}
}

// secondPlace: it is told from the first by nothing but where it is, and stays as it is where a write doesn't speak of it.
func secondPlace(_ *testing.T, s slot) {
	const beyond = civil.MaxInstant + 1
	waiting := func() []string {
		return s.read(processor.Query{Due: true, DueFrom: beyond, DueTo: beyond + 9, DueMost: 10}).Due
	}
	both, wait := customer("a", "", 10), customer("b", "", processor.NoDue)
	both.Wait, wait.Wait = beyond+5, beyond+3
	if r := s.put(1, processor.Write{Customers: []processor.CustomerWrite{both, wait}}); r.NextDue != 10 {
		s.t.Errorf("next due is %d", r.NextDue)
	}
	s.same("due", []string{"a"}, s.due(100, 10))
	s.same("waiting", []string{"b", "a"}, waiting())
	s.same("all", []string{"a", "b", "a"}, s.due(beyond+9, 10))
	if r := s.put(2, processor.Write{Customers: []processor.CustomerWrite{customer("a", "", 20), customer("b", "", processor.NoDue)}}); r.NextDue != 20 {
		s.t.Errorf("next due is %d after a was put off", r.NextDue)
	}
	s.same("waiting, not spoken of", []string{"b", "a"}, waiting())
	both.Due, both.Wait, wait.Wait = processor.NoDue, beyond+1, processor.NoDue
	if r := s.put(3, processor.Write{Customers: []processor.CustomerWrite{both, wait}}); r.NextDue != beyond+1 {
		s.t.Errorf("next due is %d with nobody but who waits", r.NextDue)
	}
	s.same("due at the end", 0, len(s.due(100, 10)))
	s.same("waiting at the end", []string{"a"}, waiting())
}

func dueRemoved(_ *testing.T, s slot) {
	s.put(1, processor.Write{Customers: []processor.CustomerWrite{customer("a", "", 10), customer("b", "", 20)}})
	r := s.put(2, processor.Write{Customers: []processor.CustomerWrite{customer("a", "", processor.NoDue)}})
	if r.NextDue != 20 {
		s.t.Errorf("next due is %d after a has left", r.NextDue)
	}
	s.same("due", []string{"b"}, s.due(100, 10))
	s.put(3, processor.Write{Customers: []processor.CustomerWrite{customer("b", "", 40), customer("a", "", 30)}})
	s.same("moved", []string{"a", "b"}, s.due(100, 10))
	r = s.put(4, processor.Write{Customers: []processor.CustomerWrite{customer("a", "", processor.NoDue), customer("b", "", processor.NoDue)}})
	if got := s.due(100, 10); r.NextDue != processor.NoDue || len(got) != 0 {
		s.t.Errorf("next due is %d, due %v, with nobody left", r.NextDue, got)
	}
}

// dueExtremes: moments are told apart to the microsecond for 2^53 of them on either side of 1970, up to the year 2255.
func dueExtremes(_ *testing.T, s slot) {
	const far, old = 1<<53 - 1, -(1<<53 - 1)
	s.put(1, processor.Write{Customers: []processor.CustomerWrite{customer("far", "", far), customer("old", "", old), customer("before", "", far-1)}})
	if n := s.read(processor.Query{}).NextDue; n != old {
		s.t.Errorf("next due is %d, want %d", n, old)
	}
	s.same("just before", []string{"old", "before"}, s.due(far-1, 10))
	s.same("at", []string{"old", "before", "far"}, s.due(far, 10))
}

func registers(_ *testing.T, s slot) {
	set := func(pairs ...string) (rs []processor.Register) {
		for i := 0; i < len(pairs); i += 2 {
			rs = append(rs, processor.Register{Name: pairs[i], Value: []byte(pairs[i+1])})
		}
		return rs
	}
	get := func(fs ...processor.Fields) map[string]map[string][]byte {
		got := s.read(processor.Query{Registers: fs}).Registers
		for id, fields := range got {
			if len(fields) == 0 {
				delete(got, id)
			}
		}
		return got
	}
	s.put(1, processor.Write{Customers: []processor.CustomerWrite{
		{ID: "c", Blob: []byte("c"), Due: processor.NoDue, Set: set("o/1", "one", "o/2", "two", "p/1", "pay")},
		{ID: "d", Blob: []byte("d"), Due: processor.NoDue, Set: set("o/1", "other")},
	}})
	s.same("by name", map[string]map[string][]byte{"c": {"o/2": []byte("two")}, "d": {"o/1": []byte("other")}},
		get(processor.Fields{Customer: "c", Names: []string{"o/2", "o/3"}}, processor.Fields{Customer: "d", Names: []string{"o/1"}}))
	s.put(2, processor.Write{Customers: []processor.CustomerWrite{
		{ID: "c", Blob: []byte("c"), Due: processor.NoDue, Set: set("o/1", "uno", "o/3", "tres"), Del: []string{"o/2", "o/9"}},
		{ID: "d", Blob: []byte("d"), Due: processor.NoDue, Del: []string{"o/1"}},
	}})
	s.same("all", map[string]map[string][]byte{"c": {"o/1": []byte("uno"), "o/3": []byte("tres"), "p/1": []byte("pay")}},
		get(processor.Fields{Customer: "c", All: true}, processor.Fields{Customer: "d", All: true}))
}

func absentIsNotEmpty(_ *testing.T, s slot) {
	s.put(1, processor.Write{Part: []byte{}, Customers: []processor.CustomerWrite{
		{ID: "c", Blob: []byte{}, Due: processor.NoDue, Set: []processor.Register{{Name: "o/1", Value: []byte{}}}},
	}})
	r := s.read(processor.Query{Customers: []string{"c", "nobody"}, Registers: []processor.Fields{{Customer: "c", Names: []string{"o/1", "o/2"}}}})
	if r.Blobs["c"] == nil || r.Blobs["nobody"] != nil {
		s.t.Errorf("an empty blob is %v, an absent one %v", r.Blobs["c"], r.Blobs["nobody"])
	}
	_, empty := r.Registers["c"]["o/1"]
	_, absent := r.Registers["c"]["o/2"]
	if !empty || absent {
		s.t.Errorf("the empty register is there: %v; the absent one is: %v", empty, absent)
	}
}

func lastByteForByte(_ *testing.T, s slot) {
	last := []processor.Emission{
		{Topic: "scores", Messages: []processor.Message{
			{Key: "c", Value: []byte{0, 255, '\r', '\n'}},
			{Key: "c", Value: []byte{}, Headers: []processor.Header{{Key: "ce_id", Value: []byte("é\x00")}, {Key: "", Value: []byte{}}, {Key: "ce_id", Value: []byte("2")}}},
			{Key: "", Value: []byte("no key")},
		}},
		{Topic: "portfolio", Messages: []processor.Message{{Key: "0/2026", Value: []byte("p")}}},
	}
	s.put(1, processor.Write{Part: []byte("p"), Last: last})
	s.same("last", last, s.read(processor.Query{Last: true}).Last)
	s.put(2, processor.Write{Part: []byte("p")})
	if got := s.read(processor.Query{Last: true}).Last; len(got) != 0 {
		s.t.Errorf("the next Apply sends nothing, last is %+v", got)
	}
}

func onlyWhatWasAsked(_ *testing.T, s slot) {
	s.put(1, processor.Write{Part: []byte("part"), Last: []processor.Emission{{Topic: "a", Messages: []processor.Message{{Key: "k", Value: []byte("v")}}}},
		Customers: []processor.CustomerWrite{customer("c", "blob", 10), customer("d", "blob", 10)}})
	r := s.read(processor.Query{Part: true})
	if string(r.Part) != "part" || len(r.Last)+len(r.Due)+len(r.Blobs)+len(r.Registers) != 0 || r.Token != token(1) || r.NextDue != 10 {
		s.t.Errorf("asked for the partition's blob: %+v", r)
	}
	r = s.read(processor.Query{Customers: []string{"c"}})
	if r.Part != nil || len(r.Last)+len(r.Due) != 0 || len(r.Blobs) != 1 {
		s.t.Errorf("asked for one customer: %+v", r)
	}
	r = s.read(processor.Query{Last: true})
	if r.Part != nil || len(r.Last) != 1 || len(r.Blobs) != 0 {
		s.t.Errorf("asked for last: %+v", r)
	}
}

func anyBytes(_ *testing.T, s slot) {
	ids := []string{"plain", "{tag}:c:x", "über 客户 1", "a:b}c{", strings.Repeat("x", 128), " "}
	var ws []processor.CustomerWrite
	for i, id := range ids {
		ws = append(ws, processor.CustomerWrite{ID: id, Blob: []byte(id), Due: civil.Instant(i), Set: []processor.Register{{Name: "o/" + id, Value: []byte(id)}}})
	}
	s.put(1, processor.Write{Customers: ws})
	r := s.read(processor.Query{Customers: ids, Due: true, DueTo: 100, DueMost: 100})
	s.same("due", ids, r.Due)
	for _, id := range ids {
		got := s.read(processor.Query{Registers: []processor.Fields{{Customer: id, Names: []string{"o/" + id}}}}).Registers[id]["o/"+id]
		if string(r.Blobs[id]) != id || string(got) != id {
			s.t.Errorf("%q: blob %q, register %q", id, r.Blobs[id], got)
		}
	}
}

func bigWrite(_ *testing.T, s slot) {
	const n = 1000 // as many as a batch may touch
	var ws []processor.CustomerWrite
	var ids []string
	var fields []processor.Fields
	for i := range n {
		id := fmt.Sprintf("c%04d", i)
		ids = append(ids, id)
		fields = append(fields, processor.Fields{Customer: id, Names: []string{"o/1", "o/2"}})
		w := customer(id, id+strings.Repeat("b", 150), civil.Instant(i%7))
		w.Set = []processor.Register{{Name: "o/1", Value: []byte(id)}, {Name: "o/2", Value: []byte("x")}}
		ws = append(ws, w)
	}
	s.put(1, processor.Write{Part: []byte("p"), Customers: ws})
	r := s.read(processor.Query{Customers: ids, Registers: fields, Due: true, DueTo: math.MaxInt32, DueMost: n + 1})
	if len(r.Blobs) != n || len(r.Registers) != n || len(r.Due) != n {
		s.t.Fatalf("%d blobs, %d customers with registers, %d due; want %d", len(r.Blobs), len(r.Registers), len(r.Due), n)
	}
	for _, id := range ids {
		if string(r.Registers[id]["o/1"]) != id || len(r.Blobs[id]) != len(id)+150 {
			s.t.Fatalf("%s: %q, a blob of %d bytes", id, r.Registers[id], len(r.Blobs[id]))
		}
	}
}

// concurrent: whoever wins a step has written the part, both customers and the token of that step.
func concurrent(_ *testing.T, s slot) {
	const writers, steps = 4, 20
	s.put(0, processor.Write{Part: []byte("0"), Customers: []processor.CustomerWrite{customer("a", "0", 1), customer("b", "0", 1)}})
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for step := range steps {
				if !s.race(w, step) {
					return
				}
			}
		})
	}
	all.Wait()
	if r := s.whole(); r.Token.Offset == 0 {
		s.t.Error("nobody has won a step")
	}
}

// race reads what must be one state and tries to put its own in its place.
func (s slot) race(w, step int) bool {
	r := s.whole()
	mark := fmt.Sprintf("%d.%d", w, step)
	next := processor.Token{Offset: r.Token.Offset + 1, Nonce: uint64(1 + w*1000 + step)}
	_, err := s.Apply(s.t.Context(), processor.Write{Expect: r.Token, Next: next, Part: []byte(mark),
		Customers: []processor.CustomerWrite{customer("a", mark, 1), customer("b", mark, 1)}})
	if err != nil {
		s.t.Errorf("Apply: %v", err)
	}
	return err == nil
}

func (s slot) whole() processor.Reply {
	r, err := s.Read(s.t.Context(), processor.Query{Part: true, Customers: []string{"a", "b"}})
	if err != nil {
		s.t.Errorf("Read: %v", err)
		return r
	}
	if p := string(r.Part); p != string(r.Blobs["a"]) || p != string(r.Blobs["b"]) {
		s.t.Errorf("a mixed state: part %q, a %q, b %q", r.Part, r.Blobs["a"], r.Blobs["b"])
	}
	return r
}
