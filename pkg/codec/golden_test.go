package codec_test

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/codec"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// The files of testdata/golden are what producers sent and what this system wrote with former releases. NAME.bin or
// NAME.json is the message, NAME.txt what it must be read as. They are only ever added to: for a new kind or shape
// delete nothing, run with TIERSTREAM_GOLDEN=add, and look at what was added.
const goldenFolder = "testdata/golden"

// addGolden writes the files that are not there yet, never over one that is.
func addGolden(t *testing.T, name string, content []byte) {
	t.Helper()
	file := filepath.Join(goldenFolder, name)
	if _, err := os.Stat(file); os.Getenv("TIERSTREAM_GOLDEN") != "add" || !errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err := os.WriteFile(file, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// fileName is the name of an input: its topic before the first dot, CloudEvents headers in the ending.
func fileName(parts ...string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.Join(parts, "."), ",", ""), " ", "-")
}

// asText is a message without the random spaces that protobuf's own forms have.
func asText(t *testing.T, m proto.Message) string {
	t.Helper()
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(codec.DeadLetterValue(text)) + "\n"
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	addGolden(t, name, []byte(got))
	want, err := os.ReadFile(filepath.Join(goldenFolder, name))
	if err != nil {
		t.Fatalf("%v: run with TIERSTREAM_GOLDEN=add", err)
	}
	if got != string(want) {
		t.Errorf("%s is read as\n%swant\n%s", name, got, want)
	}
}

func TestGoldenInputs(t *testing.T) {
	for name, e := range events() {
		for shape, in := range shapes(t, e.topic, e.json) {
			if name != "placed" && shape != "JSON" && shape != "protobuf" {
				continue // every shape of one kind, two shapes of every kind
			}
			ending := ".json"
			if in.Value[0] != '{' {
				ending = ".bin"
			}
			if in.Headers != nil {
				ending = ".binary-mode" + ending
			}
			addGolden(t, fileName(in.Topic, name, shape)+ending, in.Value)
		}
	}
	inputs := goldenFiles(t, "input")
	if len(inputs) < len(events()) {
		t.Errorf("%d golden inputs for %d kinds", len(inputs), len(events()))
	}
	for _, file := range inputs {
		in := codec.Input{Value: readGolden(t, file)}
		in.Topic, _, _ = strings.Cut(file, ".")
		if strings.Contains(file, "binary-mode") {
			content := map[bool]string{true: "application/json", false: "application/protobuf"}[strings.HasSuffix(file, ".json")]
			in.Headers = []codec.Header{
				{Key: "ce_specversion", Value: []byte("1.0")}, {Key: "ce_type", Value: []byte("tierstream.v1.OrderEvent")},
				{Key: "content-type", Value: []byte(content)},
			}
		}
		compare(t, file+".txt", asText(t, decode(t, in).Fact))
	}
}

// records are the internal and the published messages by the name of their type, for golden bytes.
func records() map[string]proto.Message {
	return map[string]proto.Message{
		"Fact": &pb.Fact{}, "Score": &pb.Score{}, "TierChange": &pb.TierChange{}, "CreditAlert": &pb.CreditAlert{}, "CustomerSignal": &pb.CustomerSignal{},
		"HistoryPage": &pb.HistoryPage{}, "ScorerCustomer": &pb.ScorerCustomer{},
	}
}

func TestGoldenRecords(t *testing.T) {
	for name, m := range written(t) {
		addGolden(t, fileName("record", string(m.ProtoReflect().Descriptor().Name()), name)+".bin", marshal(t, m))
	}
	files := goldenFiles(t, "record")
	for _, file := range files {
		m := records()[strings.Split(file, ".")[1]]
		if m == nil {
			t.Fatalf("%s is of no type that is known", file)
		}
		if err := proto.Unmarshal(readGolden(t, file), m); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		compare(t, file+".txt", asText(t, m))
		if again := marshal(t, m); string(again) != string(readGolden(t, file)) {
			t.Errorf("%s is written as other bytes: %s", file, base64.StdEncoding.EncodeToString(again))
		}
	}
	if len(files) < len(written(t)) {
		t.Errorf("%d golden records of %d", len(files), len(written(t)))
	}
}

// goldenFiles are the inputs or the records, sorted.
func goldenFiles(t *testing.T, what string) []string {
	t.Helper()
	entries, err := os.ReadDir(goldenFolder)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".txt" && e.Name()[0] != '.' && strings.HasPrefix(e.Name(), "record.") == (what == "record") {
			names[e.Name()] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func readGolden(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(goldenFolder, file))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
