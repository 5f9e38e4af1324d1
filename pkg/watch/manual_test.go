package watch_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/deploy/policies"
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/pipeline"
	"github.com/tierstream/tierstream/pkg/policy"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

var update = flag.Bool("update", false, "write the manual's tables anew")

const manual = "../../docs/alerts.md"

// example is a worked example of the manual: the lines of a customer, and the rows of what is told.
var example = regexp.MustCompile("(?s)```\n((?:\\{\"topic\"[^\n]*\n)+)```(\n.*?\\|---\\|---\\|---\\|---\\|---\\|\n)((?:\\| \\d{4}-[^\n]*\n)*)")

// The examples of the manual are what both stages make of their lines, message by message.
func TestManual(t *testing.T) {
	src, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	text := string(src)
	found := example.FindAllStringSubmatch(text, -1)
	if len(found) == 0 {
		t.Fatal("the manual has no example")
	}
	for i, m := range found {
		rows := told(t, strings.Split(strings.TrimSpace(m[1]), "\n"))
		if len(rows) == 0 {
			t.Errorf("example %d tells nothing", i+1)
		}
		if d := cmp.Diff(m[3], strings.Join(rows, "")); d != "" && !*update {
			t.Errorf("example %d (-manual +told):\n%s", i+1, d)
		}
		text = strings.Replace(text, m[0], strings.TrimSuffix(m[0], m[3])+strings.Join(rows, ""), 1)
	}
	if *update {
		if err := os.WriteFile(manual, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// told is what comes of lines under the starter policy, until 30 days after the last of them.
func told(t *testing.T, lines []string) []string {
	t.Helper()
	p, err := policy.Parse("starter.yaml", policies.Starter)
	if err != nil {
		t.Fatal(err)
	}
	pipe, err := pipeline.New("starter.yaml", p, pb.PartitionInit_EVENT)
	if err != nil {
		t.Fatal(err)
	}
	end := civil.Instant(0)
	for _, l := range lines {
		a, reject := codec.Decoder{Currency: p.Currency}.Decode(codec.ParseLine([]byte(l)).Input(), 0)
		if reject != nil {
			t.Fatalf("%s: %s", l, reject.Detail)
		}
		end = a.OccurredAt
		if err := pipe.Put(a.Fact); err != nil {
			t.Fatal(err)
		}
	}
	if err := pipe.Advance(end + 30*civil.FullDay); err != nil {
		t.Fatal(err)
	}
	type row struct {
		at   time.Time
		text string
	}
	var rows []row
	add := func(at time.Time, topic string, seq int64, what string, rs []*pb.Reason) {
		var why []string
		for _, r := range rs {
			why = append(why, r.Text)
		}
		local := p.Calendar.Local(civil.FromTime(at)).Format("2006-01-02 15:04")
		rows = append(rows, row{at, fmt.Sprintf("| %s | %s | %d | %s | %s |\n", local, topic, seq, what, strings.Join(why, " "))})
	}
	for _, a := range pipe.Alerts() {
		add(a.DecidedAt.AsTime(), "credit-alerts", a.Seq, fmt.Sprintf("%s %s, %s", a.Kind, a.State, a.Severity), a.Reasons)
	}
	for _, s := range pipe.Signals() {
		add(s.DecidedAt.AsTime(), "signals", s.Seq, fmt.Sprintf("%s %s, %s", s.Kind, s.State, s.Severity), s.Reasons)
	}
	slices.SortStableFunc(rows, func(a, b row) int { return a.at.Compare(b.at) })
	var out []string
	for _, r := range rows {
		out = append(out, r.text)
	}
	return out
}
