package processor_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

func (r *rig) token() processor.Token {
	reply, err := r.slot.Read(r.t.Context(), processor.Query{})
	if err != nil {
		r.t.Fatal(err)
	}
	return reply.Token
}

// Rule 9: Redis falls back under an owner that sits on a quiet log: it notices, adopts the smaller cursor and applies
// again, and since what it had sent stays sent, sends nothing twice.
func TestLostTailIsAppliedAgain(t *testing.T) {
	r := newRig(t)
	r.cfg.Limits = processor.Limits{Records: 1}
	three(r)
	old := r.slot.Clone()
	r.onApply = func(w processor.Write) error {
		if w.Next.Offset == 3 {
			old = r.slot.Clone() // as of offset 2
		}
		return nil
	}
	r.idles = 40
	n := 0
	r.onFetch = func() {
		if r.cursor() != 4 {
			return
		}
		if n++; n == 10 {
			r.slot = old
		}
	}
	r.mustRun(-1)
	if got := fmt.Sprint(r.out()); r.cursor() != 4 || got != "[c=1 c=2 c=3]" || n < 20 {
		t.Errorf("the cursor is %d after %d fetches at the end, sent %s", r.cursor(), n, got)
	}
}

// Rule 15: a batch goes on under the epoch that it found and under the logic that the log says, whatever the program
// could; its nonce is one that nobody else has.
func TestNextToken(t *testing.T) {
	r := newRig(t)
	if _, err := r.slot.Apply(t.Context(), processor.Write{Next: processor.Token{Epoch: 5, Nonce: 77}}); err != nil { // a rebuild
		t.Fatal(err)
	}
	r.stage.logic = 3
	three(r)
	r.onApply = func(w processor.Write) error {
		if w.Next.Nonce != r.nonce || w.Next.Nonce == w.Expect.Nonce {
			t.Errorf("the next nonce is %d, want the %d that was drawn", w.Next.Nonce, r.nonce)
		}
		return nil
	}
	r.mustRun(-1)
	if got := r.token(); got.Epoch != 5 || got.Logic != 1 || got.Offset != 4 {
		t.Errorf("the token is %+v, want epoch 5, logic 1, offset 4", got)
	}
	r.stage.logic = 1 // an older program may go on
	three(r)
	r.mustRun(4)
	if got := r.token(); got.Epoch != 5 || got.Offset != 7 {
		t.Errorf("the token is %+v, want epoch 5, offset 7", got)
	}
}

// Rule 4: every part of the token counts when an answer is taken: another Apply of the same offset is another state.
func TestAnswersOfAnotherState(t *testing.T) {
	for name, change := range map[string]func(*processor.Token){
		"offset": func(k *processor.Token) { k.Offset-- },
		"epoch":  func(k *processor.Token) { k.Epoch++ },
		"logic":  func(k *processor.Token) { k.Logic-- },
		"nonce":  func(k *processor.Token) { k.Nonce += 1000 },
	} {
		for _, of := range []string{"customers", "due", "part", "last"} {
			t.Run(name+" "+of, func(t *testing.T) { anotherState(t, of, change) })
		}
	}
}

// anotherState puts the slot under another token, with other content, just before a read of one kind, and brings the
// first back before the Apply: whoever took the answer writes what it never was.
func anotherState(t *testing.T, of string, change func(*processor.Token)) {
	r := newRig(t)
	r.put(order{Kind: "add", Cust: "c", N: 1, Due: 50}, order{Kind: "add", Cust: "d", N: 1, Due: 60})
	r.mustRun(-1)
	r.put(order{Kind: "tick", At: 55}, order{Kind: "add", Cust: "c", N: 1})
	right := r.slot
	wrong := right.Clone()
	head, err := right.Read(t.Context(), processor.Query{Part: true})
	if err != nil {
		t.Fatal(err)
	}
	w := processor.Write{Expect: head.Token, Next: head.Token, Part: []byte(`{"Started":true,"Now":1,"Next":99,"Logic":1}`),
		Last:      []processor.Emission{{Topic: "out", Messages: []processor.Message{{Value: []byte("wrong")}}}},
		Customers: []processor.CustomerWrite{{ID: "c", Blob: []byte("100"), Due: processor.NoDue}, {ID: "d", Blob: []byte("100"), Due: 40}}}
	change(&w.Next)
	if reply, err := wrong.Apply(t.Context(), w); err != nil || reply.Conflict {
		t.Fatal(reply, err)
	}
	met := false
	r.onRead = func(q processor.Query) error {
		r.slot = right
		if is := map[string]bool{"customers": len(q.Customers) > 0, "due": q.Due, "part": q.Part, "last": q.Last}; is[of] && !met {
			met, r.slot = true, wrong
		}
		return nil
	}
	r.onApply = func(processor.Write) error { r.slot = right; return nil }
	committed := int64(3)
	if of == "last" {
		committed = 1
	}
	before := len(r.out())
	r.mustRun(committed)
	want := []string{"due c", "c=2"}
	if of == "last" {
		want = []string{"c=1", "d=1", "due c", "c=2"}
	}
	if got := r.out()[before:]; !met || !slices.Equal(got, want) {
		t.Errorf("met it: %v; sent %v, want %v", met, got, want)
	}
}

// Rule 23: a new owner looks at what is due before it waits for records, and sends its Tick first.
func TestNewOwnerTicksBeforeItWaits(t *testing.T) {
	r := newRig(t)
	r.stage.wall, r.clock = true, 1000
	r.put(order{Kind: "add", Cust: "c", N: 1, Due: 5000})
	r.mustRun(-1)
	r.clock, r.waits = 6000, nil
	r.onFetch = func() {
		if len(r.ticks) != 1 {
			t.Errorf("%d Ticks before the first fetch", len(r.ticks))
		}
		r.onFetch = nil
	}
	r.mustRun(2)
	r.wantTicks(6000)
	r.put(order{Kind: "add", Cust: "d", N: 1, Due: 6000 + civil.Second/50})
	r.mustRun(3)
	r.waits = nil
	r.mustRun(4)
	if r.waits[0] != civil.Second/50 {
		t.Errorf("a new owner's first fetch waits %d µs, want no longer than to the next moment", r.waits[0])
	}
}
