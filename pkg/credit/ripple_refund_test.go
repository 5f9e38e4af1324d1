package credit_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
)

// Where money is free for long, some of it goes back and comes again, and orders come late, a journal comes to what the plain settlement gives.
func TestWhereWhatIsLeftGoesBack(t *testing.T) {
	trades(t, 2*books, func(seed uint64) int { return []int{3, 5, 9, 24}[seed%4] }, goesBack)
}

func goesBack(seed uint64, changes int) (followed int, wrong string) {
	r := rand.New(rand.NewPCG(seed, 79))
	cfg := credit.Config{WindowDays: 9, PromptnessDays: 9, DSODays: 9}
	pay := func(n int, day civil.Day) credit.Payment {
		p := credit.Payment{ID: fmt.Sprint("P", n), ValueDay: day, Amount: int64(10 * (1 + r.IntN(9)))}
		switch r.IntN(5) {
		case 0:
			p.Allocations = []credit.Allocation{{Ref: credit.Ref{ID: "cash"}}}
		case 1:
			p.Allocations = []credit.Allocation{{Ref: credit.Ref{ID: fmt.Sprint("O", r.IntN(n+1))}}}
		}
		return p
	}
	docs := []document{credit.Order{ID: "cash", Day: 1, Amount: 5}}
	spread := 4 + r.IntN(30)
	for n := range 6 {
		docs = append(docs, pay(n, civil.Day(3+r.IntN(spread))))
	}
	b := bookOf(docs)
	j := credit.NewJournal(&b, cfg)
	for n := range changes {
		n += 6
		day := civil.Day(3 + r.IntN(spread))
		var d document
		gone := false
		switch x := r.IntN(12); {
		case x < 5:
			d = credit.Order{ID: fmt.Sprint("O", n), Day: day, Amount: int64(10 * (1 + r.IntN(6))), Credit: true, Due: day + civil.Day(r.IntN(6))}
		case x < 8:
			d = pay(n, day)
		case x < 10:
			d = credit.Refund{ID: fmt.Sprint("F", n), PaymentID: fmt.Sprint("P", r.IntN(n)), Day: day, Amount: int64(10 * (1 + r.IntN(4)))}
		case x < 11:
			d = credit.Return{ID: fmt.Sprint("R", n), OrderID: fmt.Sprint("O", r.IntN(n)), Day: civil.Day(3 + spread), Amount: int64(10 * r.IntN(4))}
		default:
			i := r.IntN(len(docs))
			d, gone = docs[i], true
			docs = slices.Delete(docs, i, i+1)
		}
		if !gone {
			docs = append(docs, d)
		}
		b := bookOf(docs)
		if !j.Rewrite(changesOf([]document{d}, docs)) {
			followed += j.Followed()
			j = credit.NewJournal(&b, cfg)
		}
		if got, want := j.Ledger(), credit.PlainSettle(b, cfg); !reflect.DeepEqual(got, want) {
			return 0, fmt.Sprintf("after %T%+v of\n%s\n got %+v\nwant %+v", d, d, lines(docs), got, want)
		}
	}
	followed += j.Followed()
	return followed, undone(j, docs, cfg)
}
