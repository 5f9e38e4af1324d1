package process

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
)

// Readiness is how a program is, by subject: what keeps it from being ready, and what is only worth knowing. The zero
// value is ready.
type Readiness struct {
	mu sync.Mutex
	of map[string]standing
}

type standing struct{ why, note string }

// Set says why the subject isn't ready; empty: it is.
func (r *Readiness) Set(subject, why string) { r.set(subject, standing{why: why}) }

// Note says that the subject is ready, and what there is to say of it, such as how far behind it is.
func (r *Readiness) Note(subject, note string) { r.set(subject, standing{note: note}) }

func (r *Readiness) set(subject string, s standing) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of == nil {
		r.of = map[string]standing{}
	}
	r.of[subject] = s
}

// Drop forgets a subject: a partition that belongs to somebody else now.
func (r *Readiness) Drop(subject string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.of, subject)
}

// ServeHTTP answers 200 or 503; with ?verbose a line per subject.
func (r *Readiness) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	of := maps.Clone(r.of)
	r.mu.Unlock()
	var lines []string
	code := http.StatusOK
	for _, subject := range slices.Sorted(maps.Keys(of)) {
		if s := of[subject]; s.why == "" {
			lines = append(lines, fmt.Sprintf("[+] %s %s", subject, cmp.Or(s.note, "ok")))
			continue
		}
		code = http.StatusServiceUnavailable
		lines = append(lines, fmt.Sprintf("[-] %s %s", subject, of[subject].why))
	}
	w.WriteHeader(code)
	if req.URL.Query().Has("verbose") {
		for _, l := range lines {
			_, _ = fmt.Fprintln(w, l)
		}
	}
	if code == http.StatusOK {
		_, _ = fmt.Fprintln(w, "ready")
		return
	}
	_, _ = fmt.Fprintln(w, "not ready")
}
