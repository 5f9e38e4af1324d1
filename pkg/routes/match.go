package routes

import (
	"slices"

	"github.com/tierstream/tierstream/pkg/notice"
)

// For is the endpoints that a notice goes to, each once, in the order of the file. A notice that isn't LIVE goes nowhere.
func (f *File) For(n *notice.Notice) []Endpoint {
	if !n.Live {
		return nil
	}
	wanted := map[string]bool{}
	add := func(names []string) {
		for _, name := range names {
			wanted[name] = true
		}
	}
	taken := false
	for i := range f.Routes {
		r := &f.Routes[i]
		if !r.Match.takes(n) {
			continue
		}
		taken = true
		add(r.To)
		if m, known := f.Managers[n.AccountManager]; r.AccountManager && known {
			add(m.Endpoints)
		} else if r.AccountManager {
			add(f.Default)
		}
		if r.Stop {
			break
		}
	}
	if !taken {
		add(f.Default)
	}
	var out []Endpoint
	for _, e := range f.Endpoints {
		if wanted[e.Name] {
			out = append(out, e)
		}
	}
	return out
}

// Endpoint finds one by its name.
func (f *File) Endpoint(name string) (Endpoint, bool) {
	i, ok := f.byName[name]
	if !ok {
		return Endpoint{}, false
	}
	return f.Endpoints[i], true
}

func (m *Match) takes(n *notice.Notice) bool {
	return in(m.Types, n.Type) && in(m.Directions, n.Direction) && in(m.Kinds, n.Kind) && in(m.States, n.State) &&
		in(m.FromTiers, n.From) && in(m.ToTiers, n.To) && (in(m.Tiers, n.From) || in(m.Tiers, n.To)) &&
		in(m.Segments, n.Segment) && in(m.AccountManagers, n.AccountManager) && in(m.Severity, n.Severity)
}

func in[T comparable](wanted []T, has T) bool {
	return len(wanted) == 0 || slices.Contains(wanted, has)
}
