package routes_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/routes"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, file, got string) {
	t.Helper()
	name := strings.TrimSuffix(file, ".yaml") + ".golden"
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

func corpus(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v, %v", pattern, files, err)
	}
	return files
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// Each file's name says what is wrong with it; the golden file is what lint prints. No secret of a file is in it.
func TestBadFiles(t *testing.T) {
	for _, file := range corpus(t, "testdata/bad/*.yaml") {
		f, err := routes.Parse(filepath.Base(file), read(t, file))
		var problems routes.Problems
		if f != nil || !errors.As(err, &problems) || len(problems) == 0 {
			t.Errorf("%s was taken: %v, %v", file, f, err)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: lint prints the secret:\n%v", file, err)
		}
		golden(t, file, problems.Error()+"\n")
	}
}

// What is allowed and likely a mistake is said.
func TestWarnings(t *testing.T) {
	for _, file := range corpus(t, "testdata/warned/*.yaml") {
		f, err := routes.Parse(filepath.Base(file), read(t, file))
		if err != nil || len(f.Warnings) == 0 {
			t.Errorf("%s: %v, %v", file, f, err)
			continue
		}
		golden(t, file, f.Warnings.Error()+"\n")
	}
}
