package reducer_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/reducer"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// State that was written before items had terms and directories had pages goes on as if it were written today.
func TestStateOfAFormerProgram(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := history(t)
		opts := reducer.Options{InlineMost: rapid.SampledFrom([]int{1, 8}).Draw(t, "inline most"), PageMost: rapid.IntRange(1, 9).Draw(t, "page most")}
		today, former := newLine(t, opts), newLine(t, opts)
		today.put(facts...)
		n := rapid.IntRange(1, len(facts)).Draw(t, "before")
		former.put(facts[:n]...)
		for _, who := range []string{"anna", "bert", "cleo"} {
			former.rewrite(who)
		}
		former.restart(opts)
		former.put(facts[n:]...)
		if a, b := bytesOf(today.records), bytesOf(former.records); !slices.Equal(a, b) {
			t.Fatalf("scores differ:\n%v\n%v", kinds(today.scores), kinds(former.scores))
		}
	})
}

// rewrite has what is stored of a customer be as a former program wrote it.
func (l *line) rewrite(who string) {
	l.t.Helper()
	r, err := l.first.Read(background, processor.Query{Registers: []processor.Fields{{Customer: who, All: true}}})
	blob := l.first.Blob(who)
	if err != nil || blob == nil {
		return
	}
	c := read(l.t, blob, &pb.ScorerCustomer{})
	if err := codec.ReadSpans(c); err != nil {
		l.t.Fatal(err)
	}
	formerItems(c.GetLedger().GetItems())
	x := processor.CustomerWrite{ID: who, Blob: marshal(c), Due: l.first.Due(who), Wait: l.first.Wait(who)}
	for name, value := range r.Registers[who] {
		if strings.HasPrefix(name, "d/") {
			p := read(l.t, value, &pb.HistoryPage{})
			formerItems(p.Items)
			x.Set = append(x.Set, processor.Register{Name: name, Value: marshal(p)})
		}
	}
	w := processor.Write{Expect: r.Token, Next: r.Token, Part: l.first.Part(), Customers: []processor.CustomerWrite{x}}
	w.Next.Nonce++
	if _, err := l.first.Apply(background, w); err != nil {
		l.t.Fatal(err)
	}
}

func formerItems(list []*pb.LedgerItem) {
	for _, i := range list {
		i.Due, i.Left = i.Opened+i.GetTerms(), i.Amount-i.Cleared
		i.Terms, i.Cleared = nil, 0
	}
}
