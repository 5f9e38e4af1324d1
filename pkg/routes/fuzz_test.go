package routes_test

import (
	"errors"
	"testing"

	"github.com/tierstream/tierstream/pkg/routes"
)

// Whatever the bytes: no panic, every problem has a place, and a file that is taken leads only to endpoints that it has.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*/*.yaml", "../../deploy/routes/*.yaml"} {
		for _, file := range corpus(f, pattern) {
			f.Add(read(f, file))
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		parsed, err := routes.Parse("r.yaml", src)
		var problems routes.Problems
		if (parsed == nil) == (err == nil) || err != nil && (!errors.As(err, &problems) || len(problems) == 0) {
			t.Fatalf("%v, %v", parsed, err)
		}
		if parsed == nil {
			for _, p := range problems {
				if p.Line < 1 || p.Column < 1 || p.What == "" {
					t.Errorf("%+v", p)
				}
			}
			return
		}
		leads := parsed.Default
		for _, r := range parsed.Routes {
			leads = append(leads, r.To...)
		}
		for _, m := range parsed.Managers {
			leads = append(leads, m.Endpoints...)
		}
		for _, name := range leads {
			if _, ok := parsed.Endpoint(name); !ok {
				t.Errorf("something leads to %q, which is not there", name)
			}
		}
	})
}
