package tierctl

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRoutesLint(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("version: \"1\"\nendpoint: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args         []string
		code         int
		stdout, tail string
	}{
		{[]string{"../../deploy/routes/example.yaml"}, 0, "../../deploy/routes/example.yaml: version example-1, 6 endpoints, 5 routes, ok\n", ""},
		{[]string{bad}, 1, bad + ":2:1: the routing file has no key \"endpoint\"\n  endpoint: []\n  ^\n  hint: did you mean endpoints?\n", "has 1 mistake(s): mend them and lint again\n"},
		{[]string{bad + "x"}, 1, "", "no such file or directory\n"},
		{nil, 2, "", "see tierctl routes lint --help\n"},
	} {
		var out, problems bytes.Buffer
		code := Main(append([]string{"routes", "lint"}, c.args...), strings.NewReader(""), &out, &problems)
		if code != c.code || out.String() != c.stdout || !strings.HasSuffix(problems.String(), c.tail) {
			t.Errorf("%v: %d\n%s%s", c.args, code, &out, &problems)
		}
	}
}
