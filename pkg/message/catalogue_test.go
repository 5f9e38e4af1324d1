package message

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/tierstream/tierstream/pkg/policy"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// catalogue is a language's texts; of those with plurals, all forms together.
func catalogue(t *testing.T, locale string) map[string]string {
	t.Helper()
	src, err := catalogues.ReadFile("catalogue/active." + locale + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(src, &raw); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for id, text := range raw {
		out[id] = string(text)
	}
	return out
}

// needed are the texts for everything that the contract, the ladder and policies have.
func needed(t *testing.T) (both, chinese []string) {
	t.Helper()
	values := func(e protoreflect.Enum, prefix string) {
		all := e.Descriptor().Values()
		for i := 1; i < all.Len(); i++ { // 0 is unspecified
			both = append(both, prefix+string(all.Get(i).Name()))
		}
	}
	for _, prefix := range []string{"title.", "action."} {
		values(pb.TierChange_DIRECTION_UNSPECIFIED, prefix)
	}
	for _, prefix := range []string{"kind.", "action."} {
		values(pb.CreditAlert_KIND_UNSPECIFIED, prefix)
		values(pb.CustomerSignal_KIND_UNSPECIFIED, prefix)
	}
	values(pb.CreditAlert_STATE_UNSPECIFIED, "title.")
	values(pb.CustomerSignal_STATE_UNSPECIFIED, "title.")
	for _, code := range codes(t) {
		chinese = append(chinese, "code."+code)
	}
	for _, name := range policy.Figures() {
		chinese = append(chinese, "figure."+name)
	}
	return both, chinese
}

// codes are the constants of pkg/tier and pkg/watch: one that is added there is asked for here.
func codes(t *testing.T) (out []string) {
	t.Helper()
	for _, name := range []string{"../tier/reason.go", "../tier/seen.go", "../watch/watch.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		before := len(out)
		ast.Inspect(file, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(v.Names[0].Name, "Code") {
				code, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, code)
			}
			return true
		})
		if len(out) < before+3 {
			t.Fatalf("%s has the codes %v", name, out[before:])
		}
	}
	return out
}

// What is advised where a policy says nothing is the catalogue's, so that it can be said in every language.
func TestUsualAdvice(t *testing.T) {
	p, err := policy.Parse("p", []byte(`version: "1"`))
	if err != nil {
		t.Fatal(err)
	}
	en := catalogue(t, "en")
	for _, w := range append(p.Alerts, p.Signals...) {
		if got := strconv.Quote(w.Advice()); got != en["action."+string(w.Kind())] {
			t.Errorf("%s advises %s, the catalogue says %s", w.Kind(), got, en["action."+string(w.Kind())])
		}
	}
	if len(p.Alerts) < 2 || len(p.Signals) < 2 {
		t.Errorf("the default policy has %d alerts and %d signals", len(p.Alerts), len(p.Signals))
	}
}

func TestCatalogues(t *testing.T) {
	en, zh := catalogue(t, "en"), catalogue(t, "zh-CN")
	both, chinese := needed(t)
	for id := range en {
		both = append(both, id)
	}
	place, han := regexp.MustCompile(`\{\{\.\w+\}\}`), regexp.MustCompile(`\p{Han}`)
	for _, id := range append(both, chinese...) {
		if zh[id] == "" {
			t.Errorf("Chinese lacks %s", id)
		}
	}
	for _, id := range both {
		if en[id] == "" {
			t.Errorf("English lacks %s", id)
			continue
		}
		a, b := place.FindAllString(en[id], -1), place.FindAllString(zh[id], -1)
		slices.Sort(a)
		slices.Sort(b)
		if a, b = slices.Compact(a), slices.Compact(b); !slices.Equal(a, b) {
			t.Errorf("%s has the places %v in English, %v in Chinese", id, a, b)
		}
	}
	for id, text := range zh { // what is but places, signs and numbers needs no Chinese character
		if plain := regexp.MustCompile(`[\pL]`); plain.MatchString(place.ReplaceAllString(text, "")) && !han.MatchString(text) {
			t.Errorf("%s is not Chinese: %s", id, text)
		}
	}
}
