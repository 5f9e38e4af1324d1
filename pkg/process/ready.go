package process

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
)

// Readiness is what keeps a program from being ready, by subject. The zero value is ready.
type Readiness struct {
	mu  sync.Mutex
	why map[string]string
}

// Set says why the subject isn't ready; empty: it is.
func (r *Readiness) Set(subject, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.why == nil {
		r.why = map[string]string{}
	}
	r.why[subject] = why
}

// Drop forgets a subject: a partition that belongs to somebody else now.
func (r *Readiness) Drop(subject string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.why, subject)
}

// ServeHTTP answers 200 or 503; with ?verbose a line per subject.
func (r *Readiness) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	why := maps.Clone(r.why)
	r.mu.Unlock()
	var lines []string
	code := http.StatusOK
	for _, subject := range slices.Sorted(maps.Keys(why)) {
		if why[subject] == "" {
			lines = append(lines, fmt.Sprintf("[+] %s ok", subject))
			continue
		}
		code = http.StatusServiceUnavailable
		lines = append(lines, fmt.Sprintf("[-] %s %s", subject, why[subject]))
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
