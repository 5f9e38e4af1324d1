package tierctl

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/pipeline"
)

// results are the files of simulate and export.
type results struct {
	customers []codec.CustomerLine
	decisions
	dead      []deadLetterLine
	portfolio []codec.PortfolioLine
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
	if err != nil {
		return err
	}
	return r.customersAsOf(p, t, lines)
}

// customersAsOf adds all customers of one moment, and what they come to together by the cut-offs in force.
func (r *results) customersAsOf(p *pipeline.Pipeline, t civil.Instant, lines []codec.CustomerLine) error {
	view, err := p.View()
	if err != nil {
		return err
	}
	r.customers = append(r.customers, lines...)
	r.portfolio = append(r.portfolio, codec.Portfolio(codec.Instant(t), lines, view.Cutoffs()))
	return nil
}

// write makes the folder and every file of it, empty ones too. The files get their names when all of them are whole: what was
// cut short is never taken for the result.
func (r *results) write(ctx context.Context, dir string) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making --out: %w", err)
	}
	r.sort()
	slices.SortStableFunc(r.dead, byLine)
	names := []string{"customers.jsonl", "tier-changes.jsonl", "credit-alerts.jsonl", "signals.jsonl", "dead-letters.jsonl", "portfolio.jsonl"}
	defer func() {
		for _, n := range names {
			_ = os.Remove(filepath.Join(dir, n+partSuffix)) // those that were renamed are gone
		}
	}()
	err = cmp.Or(
		writeLines(ctx, dir, names[0], r.customers),
		writeLines(ctx, dir, names[1], linesOf(r.changes, codec.Change)),
		writeLines(ctx, dir, names[2], linesOf(r.alerts, codec.Alert)),
		writeLines(ctx, dir, names[3], linesOf(r.signals, codec.Signal)),
		writeLines(ctx, dir, names[4], r.dead),
		writeLines(ctx, dir, names[5], r.portfolio),
	)
	for _, n := range names {
		if err == nil {
			err = os.Rename(filepath.Join(dir, n+partSuffix), filepath.Join(dir, n))
		}
	}
	return err
}

// linesOf makes a line of each.
func linesOf[M, L any](all []M, line func(M) L) []L {
	out := make([]L, 0, len(all))
	for _, m := range all {
		out = append(out, line(m))
	}
	return out
}

// partSuffix is on a file that isn't whole yet.
const partSuffix = ".part"

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

func writeLines[T any](ctx context.Context, dir, name string, lines []T) (err error) {
	f, err := os.Create(filepath.Join(dir, name+partSuffix))
	if err != nil {
		return fmt.Errorf("writing --out: %w", err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	enc := codec.NewEncoder(w)
	for _, l := range lines {
		if err = cmp.Or(enc.Encode(l), ctx.Err()); err != nil {
			break
		}
	}
	if err = cmp.Or(err, w.Flush(), f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w (is the disk full?)", name, err)
	}
	return nil
}
