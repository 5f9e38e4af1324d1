package reducer_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// pure are the folders in which everything is a function of its arguments.
var pure = []string{".", "../civil", "../figure", "../register", "../value", "../credit", "../tier", "../policy", "../codec"}

// impure are the packages that bring in something else: the machine, the process, the network, chance.
var impure = regexp.MustCompile(`^(os|net|log|runtime|syscall|unsafe|io/ioutil|testing|expvar)(/.*)?$|^(math|crypto)/rand(/v2)?$|^hash/maphash$`)

// clocks are what package time has of the present and of the place.
var clocks = []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "Sleep", "NewTimer", "NewTicker", "Local"}

// Rule 1: nothing in the reducers, or in what they compute with, knows a clock, chance, the host or its time zone. What a
// run on one machine can't show, the sources can.
func TestReducersArePure(t *testing.T) {
	for _, folder := range pure {
		files, err := filepath.Glob(folder + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", folder, len(files), err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			checkPure(t, name, f)
		}
	}
}

func checkPure(t *testing.T, name string, f *ast.File) {
	for _, i := range f.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err != nil || impure.MatchString(path) || path == "time" && i.Name != nil {
			t.Errorf("%s imports %s", name, i.Path.Value)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		of, _ := s.X.(*ast.Ident)
		if of != nil && of.Name == "time" && slices.Contains(clocks, s.Sel.Name) || s.Sel.Name == "Local" {
			t.Errorf("%s asks for the present or the place: .%s", name, s.Sel.Name)
		}
		return true
	})
}

// Rule 17: what Redis holds and what one stage tells the other has no map, whose order is nobody's, and no float, whose sum
// depends on order.
func TestStateHasNoMapsAndNoFloats(t *testing.T) {
	seen := map[protoreflect.FullName]bool{}
	state := pb.File_tierstream_v1_state_proto.Messages()
	for i := range state.Len() {
		checkFields(t, state.Get(i), seen)
	}
	for _, m := range []proto.Message{&pb.Score{}, &pb.PortfolioDay{}} {
		checkFields(t, m.ProtoReflect().Descriptor(), seen)
	}
	for _, m := range []proto.Message{&pb.PartState{}, &pb.ScorerCustomer{}, &pb.TierCustomer{}} {
		if name := m.ProtoReflect().Descriptor().FullName(); !seen[name] {
			t.Errorf("%s is not in state.proto any more", name)
		}
	}
}

func checkFields(t *testing.T, m protoreflect.MessageDescriptor, seen map[protoreflect.FullName]bool) {
	if seen[m.FullName()] {
		return
	}
	seen[m.FullName()] = true
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		if f.IsMap() || f.Kind() == protoreflect.FloatKind || f.Kind() == protoreflect.DoubleKind {
			t.Errorf("%s is a map or a float", f.FullName())
		}
		if f.Message() != nil {
			checkFields(t, f.Message(), seen)
		}
	}
}
