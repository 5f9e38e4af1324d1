package credit

import (
	"cmp"
	"slices"
	"sort"

	"github.com/tierstream/tierstream/pkg/civil"
)

// journalFrom is how many documents a book has before it is worth a journal: a smaller one is settled in less than what going back
// takes.
const journalFrom = 500

// sinceMost is how many entries are remembered for a journal. Who goes on for longer without it asks it for nothing more than what it
// knew then.
const sinceMost = 10_000

// keepJournal settles a book with a journal, if it is one for that.
func (r *Running) keepJournal(w *Settler, b *Book, cfg Config) bool {
	if b.size() < cmp.Or(w.JournalFrom, journalFrom) {
		return false
	}
	g := newJournals(b, cfg)
	*r = Running{ledger: g.ledger(), rules: rulesOf(cfg), uses: map[string]use{}, refunded: r.refunded, journal: g, reopens: g.reopens(), sweeps: r.sweeps}
	r.ledger.room = &itemRoom{due: r.due}
	r.Watch(func(civil.Day, string) {}, nil)
	r.followJournal(cfg)
	return true
}

// lookedAt is how many entries that have changed last are looked at for an id.
const lookedAt = 32

// due is when an item of an id may be due: that of the journal, or one that has changed since.
func (r *Running) due(id string) (civil.Day, bool) {
	for _, e := range slices.Backward(r.since[max(0, len(r.since)-lookedAt):]) {
		if e.ID == id {
			return e.Day, true
		}
	}
	return r.journal.due(id)
}

// Journaled says that Rewrite may do where a document is refused.
func (r *Running) Journaled() bool { return r.journal != nil && !r.behind }

// note remembers an entry that has changed.
func (r *Running) note(e entryAt) {
	if n := len(r.since); !r.Journaled() || n > 0 && r.since[n-1] == e {
		return
	}
	if r.since = append(r.since, e); len(r.since) > sinceMost {
		if r.since = compact(r.since); len(r.since) > sinceMost/2 {
			r.behind, r.since = true, nil
		}
	}
}

func compact(list []entryAt) []entryAt {
	slices.SortFunc(list, func(a, b entryAt) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.ID, b.ID)) })
	return slices.Compact(list)
}

// Rewrite has the journal take all that has changed since it was made, or rewritten, whatever of it r has taken or refused: r
// may go on then. False: it is of no use any more, and the book is settled again.
func (r *Running) Rewrite(changes []Change, cfg Config) bool {
	if !r.Journaled() || rulesOf(cfg) != r.rules || !r.journal.rewrite(changes) {
		return false
	}
	clear(r.uses)
	r.reopens = r.journal.reopens()
	l := &r.ledger
	for _, e := range compact(r.journal.told(r.since)) {
		r.journal.copyTo(l, e)
		r.changed(e.Day, e.ID)
	}
	r.since = r.since[:0]
	r.journal.copyRest(l)
	r.followJournal(cfg)
	return true
}

// followJournal is follow for the journal of one currency.
func (r *Running) followJournal(cfg Config) {
	j, has := r.journal.parts[0], r.ledger.sweeps != nil
	switch {
	case r.ledger.Foreign || cfg.Hold:
		r.ledger.sweeps = nil
	case has: // what it has changed of them since may be of a document that is gone
		r.followFrom(&j.sweeps, min(j.swept, r.sweeps.same))
	default:
		r.follow(&j.sweeps)
	}
}

func replaceDay[T any](list, is []T, day civil.Day, of func(*T) civil.Day) []T {
	from, to := daySpan(list, day, of)
	return slices.Replace(list, from, to, is...)
}

func itemSpan(list []Item, due civil.Day, id string) (from, to int) {
	from = sort.Search(len(list), func(i int) bool {
		x := &list[i]
		return x.Due > due || x.Due == due && x.Ref.ID >= id
	})
	for to = from; to < len(list) && list[to].Due == due && list[to].Ref.ID == id; to++ {
	}
	return from, to
}

// use is what refers to an id.
func (r *Running) use(id string) use {
	u := r.uses[id]
	if r.journal == nil {
		return u
	}
	return u.and(r.journal.use(id))
}

// refunds says that something of a payment has gone back.
func (r *Running) refunds(payer docKey) bool {
	return r.refunded[payer] || r.journal != nil && r.journal.refunds(payer)
}
