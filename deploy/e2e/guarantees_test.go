package e2e

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The fault table names tests that are there, in the packages that it names, and no row is without one.
func TestGuaranteesNameTheirTests(t *testing.T) {
	text, err := os.ReadFile("../../docs/guarantees.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| fault |") {
			continue
		}
		rows++
		cells := strings.Split(line, "|")
		named := namedTests.FindAllStringSubmatch(cells[3], -1)
		if len(named) == 0 {
			t.Errorf("no test: %s", line)
		}
		for _, m := range named {
			tests := testsOf(t, "../../"+m[2])
			for _, name := range testName.FindAllString(m[1], -1) {
				if !tests[name] {
					t.Errorf("there is no %s in %s", name, m[2])
				}
			}
		}
	}
	if rows < 15 {
		t.Errorf("the table has %d rows", rows)
	}
}

var (
	namedTests = regexp.MustCompile("((?:`Test[A-Za-z]+`(?:, )?)+) \\(([a-z0-9/]+)\\)")
	testName   = regexp.MustCompile("Test[A-Za-z]+")
)

// testsOf are the test functions of a folder, whatever their build tags.
func testsOf(t *testing.T, dir string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok {
				out[fn.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
