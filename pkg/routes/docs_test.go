package routes_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/notice"
	"github.com/tierstream/tierstream/pkg/routes"
)

const manual = "../../docs/routes.md"

// Every file in the manual is one that lint has nothing to say about.
func TestManualsFiles(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(read(t, manual)), -1)
	if len(blocks) < 3 {
		t.Fatalf("the manual has %d files", len(blocks))
	}
	for _, b := range blocks {
		if f, err := routes.Parse("docs/routes.md", []byte(b[1])); err != nil || len(f.Warnings) > 0 {
			t.Errorf("%s\n%v\n%v", b[1], err, f)
		}
	}
}

// The manual names every key and value that lint knows. Lint itself tells the keys, where one is wrong.
func TestManualIsComplete(t *testing.T) {
	text := string(read(t, manual))
	var words []string
	for _, where := range []string{"X: 1", "endpoints: [{X: 1}]", "managers: [{X: 1}]", "routes: [{X: 1}]", "routes: [{match: {X: 1}, stop: true}]", "egress: {X: 1}"} {
		_, err := routes.Parse("r", []byte(where))
		if err == nil {
			t.Fatal(where)
		}
		keys := regexp.MustCompile(`its keys are: (.*)`).FindStringSubmatch(err.Error())
		if keys == nil {
			t.Fatal(err)
		}
		for _, key := range strings.Split(keys[1], ", ") {
			if key != "egress" && key != "allow" {
				words = append(words, key)
			}
		}
	}
	words = append(append(append(append(words, notice.Directions()...), notice.AlertKinds()...), notice.SignalKinds()...), notice.States()...)
	for _, k := range routes.Kinds() {
		words = append(words, string(k))
	}
	for _, k := range notice.Types() {
		words = append(words, string(k))
	}
	for _, word := range append(words, "egress.allow", "{customer_id}", "{id}", "{type}") {
		if !strings.Contains(text, "`"+word+"`") {
			t.Errorf("the manual lacks %s", word)
		}
	}
	f, err := routes.Parse("r", []byte("version: \"1\"\nendpoints: [{name: a, type: slack, url_env: A}]"))
	if err != nil {
		t.Fatal(err)
	}
	if e := f.Endpoints[0]; e.Locale != "en" || e.Timeout.Seconds() != 15 || e.MaxInFlight != 8 || e.MaxAge.Hours() != 3*24 {
		t.Errorf("the manual has other defaults than %+v", e)
	}
}
