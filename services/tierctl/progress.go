package tierctl

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far long work is: a bar on a terminal, a plain line every few seconds elsewhere.
type progress struct {
	bar   *progressbar.ProgressBar
	out   io.Writer
	what  string
	total int64
	at    int64
	said  time.Time
	told  int64 // what the last plain line said; -1: there was none
}

// sayEvery is the rest between two plain lines.
const sayEvery = 5 * time.Second

func newProgress(out io.Writer, what string, total int64) *progress {
	p := &progress{out: out, what: what, total: total, said: time.Now(), told: -1}
	if terminal(out) {
		p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	return p
}

func (p *progress) add(n int64) {
	p.at += n
	if p.bar != nil {
		_ = p.bar.Add64(n)
		return
	}
	p.plain()
}

// set moves to an absolute place of a total that may have grown.
func (p *progress) set(at, total int64) {
	p.at, p.total = at, total
	if p.bar != nil {
		p.bar.ChangeMax64(max(1, total))
		_ = p.bar.Set64(at)
		return
	}
	p.plain()
}

// clear takes the bar away, so that a line can be written in its place.
func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

func (p *progress) plain() {
	if time.Since(p.said) > sayEvery {
		p.line()
	}
}

func (p *progress) line() {
	p.said, p.told = time.Now(), p.at
	if p.total <= 0 {
		_, _ = fmt.Fprintf(p.out, "%s: %d\n", p.what, p.at)
		return
	}
	_, _ = fmt.Fprintf(p.out, "%s: %d of %d\n", p.what, p.at, p.total)
}

// done ends the display: where lines have been written, the last one says how far it came.
func (p *progress) done() {
	switch {
	case p.bar != nil:
		_ = p.bar.Finish()
	case p.told >= 0 && p.told != p.at:
		p.line()
	}
}

// terminal says whether somebody is looking.
func terminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
