package reducer

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// recordOverhead is what a record costs in a batch beside its texts.
const recordOverhead = 32

// sizeOf is what a message takes of a batch, with its headers: they are a fifth of what is told.
func sizeOf(m processor.Message) int {
	n := len(m.Key) + len(m.Value) + recordOverhead
	for _, h := range m.Headers {
		n += len(h.Key) + len(h.Value)
	}
	return n
}

// encode gives the same bytes for the same message. Messages that come from here hold only fields of the contract
// and no maps, so there is nothing that could fail.
func encode(m proto.Message) []byte {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return nil
	}
	return b
}

// slab is memory that the many small texts of a batch share. It is taken in pieces that grow: as a rule a batch is small.
type slab struct {
	free  []byte
	size  int // of the last piece
	names strings.Builder
	lists lists[processor.Register]
}

const slabLeast, slabMost = 1 << 11, 1 << 15

// room is an empty list with room for a number of bytes, to be appended to. What is made of it counts once it is kept.
func (s *slab) room(most int) []byte {
	if cap(s.free) < most {
		s.size = min(max(2*s.size, slabLeast), slabMost)
		s.free = make([]byte, 0, max(s.size, most))
	}
	return s.free[:0:most]
}

// keep takes what was made of the last room. It is b, which nobody writes behind.
func (s *slab) keep(b []byte) []byte {
	if n := len(b); n > 0 && cap(s.free) > 0 && &b[0] == &s.free[:1][0] {
		s.free = s.free[n:n:cap(s.free)]
	}
	return b[:len(b):len(b)]
}

// name is a register's name. It shares memory with those of other customers: it is for what is written, and not to be kept.
func (s *slab) name(n registerName) string {
	if s.names.Cap()-s.names.Len() < len(n.prefix)+len(n.id) {
		s.names = strings.Builder{}
		s.names.Grow(max(slabLeast, len(n.prefix)+len(n.id)))
	}
	from := s.names.Len()
	s.names.WriteString(n.prefix)
	s.names.WriteString(n.id)
	return s.names.String()[from:]
}

// spare is what an earlier batch has left in a pool of them, or a new one.
func spare[T any](pool *sync.Pool) *T {
	if x, ok := pool.Get().(*T); ok {
		return x
	}
	return new(T)
}

// lists is memory that the many short lists of a batch share.
type lists[T any] struct{ all []T }

// room is an empty list with room for n.
func (l *lists[T]) room(n int) []T {
	if cap(l.all)-len(l.all) < n {
		l.all = make([]T, 0, max(n, min(2*cap(l.all), listMost), listLeast))
	}
	from := len(l.all)
	l.all = l.all[:from+n]
	return l.all[from:from:len(l.all)]
}

const listLeast, listMost = 4, 256

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// waits writes a customer's second place in the due set, if it isn't the one that was written last.
func waits(w *processor.CustomerWrite, is civil.Instant, last *civil.Instant) {
	if is != *last {
		w.Wait, *last = is, is
	}
}

// sending is what goes to one topic.
type sending struct {
	topic    string
	messages []processor.Message
}

// emissions leaves out the topics that have nothing.
func emissions(all ...sending) (out []processor.Emission) {
	for _, s := range all {
		if len(s.messages) > 0 {
			out = append(out, processor.Emission{Topic: s.topic, Messages: s.messages})
		}
	}
	return out
}

func portfolioKey(d *pb.PortfolioDay) string {
	return strconv.Itoa(int(d.Partition)) + "/" + civil.Instant(d.AsOf).String()
}

// counts is what a batch has met, for metrics. Nil counts nothing.
type counts struct{ n map[string]int64 }

func (c *counts) add(name string, n int64) {
	if n == 0 || c == nil {
		return
	}
	if c.n == nil {
		c.n = map[string]int64{}
	}
	c.n[name] += n
}

func (c *counts) get(name string) int64 { return c.n[name] }

func (c *counts) list() (out []processor.Count) {
	for _, name := range sortedKeys(c.n) {
		out = append(out, processor.Count{Name: name, N: c.n[name]})
	}
	return out
}
