package reducer

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/processor"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// What a former program has stored: below a day, too, a page was in eight, one of what has no id and seven of what ids are hashed to, and
// so on down to the depth of 12. Such pages are read, and written as today's when the customer is written next.

// formerDeepest is as far as such pages went.
const formerDeepest = 12

// formerPage is a span, and the digits of the way down from it.
type formerPage struct {
	span civil.Day
	path string
}

func (p formerPage) name() string {
	name := dayPrefix + strconv.Itoa(int(p.span))
	if p.path != "" {
		name += "." + p.path
	}
	return name
}

// formerPages are the pages that spans name.
func formerPages(spans []*pb.HistorySpan) (out []formerPage, err error) {
	for i, s := range spans {
		if i > 0 && s.Span <= spans[i-1].Span || !isSpan(int64(s.Span)) {
			return nil, errDirectory
		}
		rest, p := s.Split, formerPage{span: civil.Day(s.Span)}
		if out, rest, err = unmask(out, p, len(rest) > 0, rest); err != nil || len(rest) > 0 {
			return nil, errDirectory
		}
	}
	return out, nil
}

// unmask reads of a page that is split which of the eight under it there are, and which of these are split, whose own come next.
func unmask(out []formerPage, p formerPage, split bool, b []byte) (_ []formerPage, rest []byte, err error) {
	switch {
	case !split:
		return append(out, p), b, nil
	case len(b) < 2 || len(p.path) == formerDeepest:
		return nil, nil, errDirectory
	}
	there, deeper := b[0], b[1]
	b = b[2:]
	for x := range 8 {
		if there>>x&1 == 0 {
			continue
		}
		q := formerPage{p.span, p.path + strconv.Itoa(x)}
		if out, b, err = unmask(out, q, deeper>>x&1 == 1, b); err != nil {
			return nil, nil, err
		}
	}
	return out, b, nil
}

// takeFormer adds what was read of such pages.
func (h *history) takeFormer(all *codec.Days, spans []*pb.HistorySpan) error {
	pages, err := formerPages(spans)
	for _, p := range pages {
		name := p.name()
		if _, err := h.readPage(all, pageOf(p.span), name); err != nil {
			return err
		}
		h.former, h.all = append(h.former, name), true
	}
	return err
}

// dropFormer deletes them, but for those whose name another has now. What is set is in the order of names.
func (w *pageWriter) dropFormer(names []string) {
	for _, name := range names {
		if _, set := slices.BinarySearchFunc(w.Set, name, func(r processor.Register, name string) int { return strings.Compare(r.Name, name) }); !set {
			w.Del = append(w.Del, name)
		}
	}
}
