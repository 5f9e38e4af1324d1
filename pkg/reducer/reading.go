package reducer

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// reading is the facts of a batch.
type reading struct {
	codec.FactReader
	parsed  []parsedFact // by offset: parsing is paid once
	parties parties[customer]
}

type parsedFact struct {
	offset int64
	fact   *pb.Fact
	about  *party[customer] // nil: nobody
	t      civil.Instant    // the partition's time with it, once it is in a run
	run    bool
}

func (p *parsedFact) at() int64 { return p.offset }

// fact is a record, good until the next is read.
func (b *scorerBatch) fact(r processor.Record) (*parsedFact, error) {
	if b.read == nil {
		b.read = spare[reading](b.readers)
	}
	i, found := find(b.read.parsed, r.Offset)
	if found {
		return &b.read.parsed[i], nil
	}
	f, err := b.read.Read(r.Value)
	if err != nil {
		return nil, fmt.Errorf("facts offset %d is no fact: %w", r.Offset, err)
	}
	p := parsedFact{offset: r.Offset, fact: f}
	if id := customerOf(f); id != "" {
		p.about = of(&b.read.parties, id)
	}
	b.read.parsed = slices.Insert(b.read.parsed, i, p)
	return &b.read.parsed[i], nil
}

// forgetFacts leaves the memory of the facts to those of a later batch. A batch that fails doesn't.
func (b *scorerBatch) forgetFacts() {
	if r := b.read; r != nil {
		clear(r.parsed)
		r.parsed, b.read = r.parsed[:0], nil
		r.parties.clear()
		r.Reset()
		b.readers.Put(r)
	}
}

// find says where the record of an offset is among those that were read, or belongs. As a rule there are no gaps between offsets, and
// new ones come last.
func find[T any, P interface {
	*T
	at() int64
}](parsed []T, offset int64) (int, bool) {
	n := len(parsed)
	if n == 0 || offset > P(&parsed[n-1]).at() {
		return n, false
	}
	if i := offset - P(&parsed[0]).at(); i >= 0 && i < int64(n) && P(&parsed[i]).at() == offset {
		return int(i), true
	}
	return slices.BinarySearchFunc(parsed, offset, func(p T, offset int64) int { return cmp.Compare(P(&p).at(), offset) })
}

// settle is the partition's time with a record: in a run that which it has in the log's order.
func (b *scorerBatch) settle(p *parsedFact, r processor.Record) civil.Instant {
	if p.run {
		return p.t
	}
	return b.part.settle(p.fact, r.Appended)
}

// alone says that a fact is an event of one customer, and of nobody and nothing else.
func (p *parsedFact) alone() bool {
	e, _ := eventOf(p.fact)
	return p.about != nil && e != nil
}
