package lintyaml_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/lintyaml"
)

func document(src string) *lintyaml.Document {
	return lintyaml.New(lintyaml.Words{One: "menu", Many: "menus", Shortest: "soup: hot", Apart: "keep one menu per file"}, "m.yaml", []byte(src))
}

// Every kind of file is spoken of by its own name.
func TestWords(t *testing.T) {
	for src, want := range map[string]string{
		"":                     "m.yaml:1:1: the menu is empty\n  hint: the shortest menu is: soup: hot",
		"soup: hot\n---\na: b": "m.yaml:3:1: there is a second document in the file\n  a: b\n  ^\n  hint: keep one menu per file",
		"soop: hot":            "m.yaml:1:1: a menu has no key \"soop\"\n  soop: hot\n  ^\n  hint: did you mean soup?",
		"soup: *hot":           "m.yaml:1:7: \"soup\" begins with a sign that means something else in YAML\n  soup: *hot\n        ^\n  hint: put the value in quotes; tags, anchors and aliases of YAML are not used in menus",
	} {
		d := document(src)
		if root := d.Root(); root != nil {
			if f, ok := d.Fields(root, "a menu", "soup")["soup"]; ok {
				d.Scalar(f)
			}
		}
		if diff := cmp.Diff(want, d.Problems().Error()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", src, diff)
		}
	}
}

// Mistakes come by line, whatever the order in which they were found; warnings apart from them.
func TestOrder(t *testing.T) {
	d := document("a: 1\nb: 2\n")
	d.Fail(lintyaml.Position{Line: 2, Column: 1}, "", "second")
	d.Fail(lintyaml.Position{Line: 1, Column: 4}, "", "first")
	d.Warn(lintyaml.Position{Line: 99, Column: 99}, "", "behind the end")
	want := "m.yaml:1:4: first\n  a: 1\n     ^\nm.yaml:2:1: second\n  b: 2\n  ^"
	if diff := cmp.Diff(want, d.Problems().Error()); diff != "" {
		t.Error(diff)
	}
	if got := d.Warnings().Error(); got != "m.yaml:3:1: warning: behind the end" {
		t.Error(got)
	}
}
