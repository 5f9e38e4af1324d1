package tierctl

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/pipeline"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// results are the files of simulate and export.
type results struct {
	customers []codec.CustomerLine
	changes   []*pb.TierChange
	dead      []deadLetterLine
}

// deadLetterLine is a line of dead-letters.jsonl.
type deadLetterLine struct {
	Line   *int            `json:"line"`
	Reason string          `json:"ts_reason"`
	Detail string          `json:"ts_detail"`
	Value  json.RawMessage `json:"value"`
}

func deadLine(l numbered, r *codec.Reject) deadLetterLine {
	return deadLetterLine{&l.number, string(r.Code), r.Detail, codec.DeadLetterValue(l.Raw)}
}

// report adds the customers as of t.
func (r *results) report(p *pipeline.Pipeline, t civil.Instant) error {
	if err := p.Advance(t); err != nil {
		return err
	}
	lines, err := p.Customers(t)
	r.customers = append(r.customers, lines...)
	return err
}

// write makes the folder and every file of it, empty ones too.
func (r *results) write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making --out: %w", err)
	}
	slices.SortFunc(r.changes, func(a, b *pb.TierChange) int {
		return cmp.Or(cmp.Compare(a.CustomerId, b.CustomerId), cmp.Compare(a.Seq, b.Seq))
	})
	slices.SortStableFunc(r.dead, byLine)
	changes := make([]codec.ChangeLine, 0, len(r.changes))
	for _, c := range r.changes {
		changes = append(changes, codec.Change(c))
	}
	return cmp.Or(
		writeLines(dir, "customers.jsonl", r.customers),
		writeLines(dir, "tier-changes.jsonl", changes),
		writeLines(dir, "credit-alerts.jsonl", []struct{}{}),
		writeLines(dir, "signals.jsonl", []struct{}{}),
		writeLines(dir, "dead-letters.jsonl", r.dead),
	)
}

func byLine(a, b deadLetterLine) int {
	if a.Line == nil || b.Line == nil {
		return cmp.Compare(btoi(a.Line == nil), btoi(b.Line == nil))
	}
	return cmp.Compare(*a.Line, *b.Line)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func writeLines[T any](dir, name string, lines []T) (err error) {
	f, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		return fmt.Errorf("writing --out: %w", err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	enc := codec.NewEncoder(w)
	for _, l := range lines {
		if err = enc.Encode(l); err != nil {
			break
		}
	}
	if err = cmp.Or(err, w.Flush(), f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w (is the disk full?)", name, err)
	}
	return nil
}
