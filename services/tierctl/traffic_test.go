package tierctl_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/kafkalog"
)

// exported is what matters of a line of customers.jsonl or tier-changes.jsonl.
type exported struct {
	CustomerID string    `json:"customer_id"`
	AsOf       time.Time `json:"as_of"`
	Seq        int64
	To         string
	DecidedAt  time.Time `json:"decided_at"`
	Tier       struct {
		Name  string
		Seq   int64
		Since time.Time
	}
}

func exportedLines(t *testing.T, jsonl string) (out []exported) {
	t.Helper()
	for line := range strings.SplitSeq(strings.TrimSpace(jsonl), "\n") {
		var e exported
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// An export taken while events come in is of one moment: a customer's changes are those that led to their line, none lies
// behind the moment, and nobody has changes without a line.
func TestExportUnderTraffic(t *testing.T) {
	d := deploy(t, 0)
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "3")
	for n := range 3 {
		var lines []string
		for c := range 1500 {
			lines = append(lines, liveOrder(fmt.Sprintf("o%d-%d", n, c), fmt.Sprintf("C%d", c*(n+1)), time.Now(), 1700))
		}
		d.write(fmt.Sprintf("part%d.jsonl", n), strings.Join(lines, "\n")+"\n")
	}
	d.tierctl("send", d.path("part0.jsonl"))
	d.tierctl("wait")
	stop, sent := make(chan struct{}), make(chan error)
	go func() {
		defer close(sent)
		for n := 0; ; n = (n + 1) % 60 {
			select {
			case <-stop:
				return
			default:
			}
			at := time.Now()
			text := ""
			for c := range 5 {
				text += liveOrder(fmt.Sprintf("t%d-%d", at.UnixNano(), c), fmt.Sprintf("T%d", n*5+c), at, 1700) + "\n"
			}
			d.write("traffic.jsonl", text)
			if code, _, stderr := d.run("send", d.path("traffic.jsonl")); code != 0 {
				sent <- fmt.Errorf("send: %s", stderr)
				return
			}
		}
	}()
	moved := 0
	for n := range 6 {
		d.tierctl("export", "--out", d.path("out"))
		moved += consistent(t, n, exportedLines(t, d.read("out/customers.jsonl")), exportedLines(t, d.read("out/tier-changes.jsonl")))
	}
	close(stop)
	if err := <-sent; err != nil {
		t.Error(err)
	}
	if moved == 0 {
		t.Error("no export caught the traffic: this shows too little")
	}
}

// consistent checks one export, and says how many of its customers are the traffic's.
func consistent(t *testing.T, n int, customers, changes []exported) (moved int) {
	t.Helper()
	of := map[string]exported{}
	for _, c := range customers {
		of[c.CustomerID] = c
		if c.AsOf != customers[0].AsOf || c.Tier.Since.After(c.AsOf) {
			t.Errorf("export %d: %s is %s since %s as of %s, others as of %s", n, c.CustomerID, c.Tier.Name, c.Tier.Since, c.AsOf, customers[0].AsOf)
		}
		if strings.HasPrefix(c.CustomerID, "T") {
			moved++
		}
	}
	last := map[string]exported{}
	for _, c := range changes {
		if c.Seq != last[c.CustomerID].Seq+1 || c.DecidedAt.After(customers[0].AsOf) {
			t.Errorf("export %d: %s has change %d of %s behind %d, as of %s", n, c.CustomerID, c.Seq, c.DecidedAt, last[c.CustomerID].Seq, customers[0].AsOf)
		}
		if _, ok := of[c.CustomerID]; !ok {
			t.Errorf("export %d: %s has a change and no line", n, c.CustomerID)
		}
		last[c.CustomerID] = c
	}
	for id, c := range of {
		if l := last[id]; l.Seq != c.Tier.Seq || l.To != c.Tier.Name {
			t.Errorf("export %d: %s is %s by change %d, and the last change is %d to %s", n, id, c.Tier.Name, c.Tier.Seq, l.Seq, l.To)
		}
	}
	return moved
}

// Straight after init a stage may not have begun: that isn't the log's fault.
func TestExportBeforeTheServices(t *testing.T) {
	d := limited(t, func(kafkalog.Operation, string) bool { return false })
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "1")
	d.refuses(1, "scorer hasn't read record 0 of partition 0 yet: is it running?", "export", "--out", d.path("out"))
}

// explain says who it is, on the policy's clocks, and a program can read it line by line.
func TestExplain(t *testing.T) {
	d := deploy(t, 0)
	d.write("history.jsonl", strings.Join([]string{
		`{"topic":"profiles","value":{"event_id":"p","occurred_at":"2024-01-01T00:00:00Z","customer_id":"anna","name":"Anna & Co","account_manager":"liu"}}`,
		`{"topic":"orders","value":{"event_id":"o","occurred_at":"2024-01-01T16:30:00Z","customer_id":"anna","order_id":"o","placed":{"amount_minor":"500000","currency":"CNY","cost_minor":"300000","terms_days":10}}}`,
		`{"topic":"orders","value":{"event_id":"o2","occurred_at":"2024-01-11T16:30:00Z","customer_id":"anna","order_id":"o2","placed":{"amount_minor":"100000","currency":"CNY","cost_minor":"60000"}}}`,
		`{"topic":"engagements","value":{"event_id":"e","occurred_at":"2024-01-12T02:00:00Z","customer_id":"anna","service_contact":{"minutes":45,"cost_minor":"9000","currency":"CNY","complaint":true}}}`,
	}, "\n")+"\n")
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "2", "--clock", "event")
	d.tierctl("send", d.path("history.jsonl"))
	d.tierctl("clock", "advance", "--to", "2024-02-01")
	table := d.tierctl("explain", "anna")
	for _, want := range []string{"Anna & Co", "liu", "share of all net sales", "100.00 %", "open, 1 to 30 days late", "times of Asia/Shanghai", "2024-01-02 00:30:00 base to silver",
		"2,310.00, which is net less 3,600.00 for goods and 90.00 for serving them", "1 contacts of 45 minutes, 1 complaints, 0 visits, 0 returns in 60 days, at a cost of 90.00",
		"due by habit on 2024-01-22: they buy every 10 days", "overdue, at least 2 times as long as usual", "not known: there are no sales before",
		"new", "score by frequency", "50 of 100, since there is no base", "not computable (no survey)"} {
		if !strings.Contains(table, want) {
			t.Errorf("explain doesn't say %q:\n%s", want, table)
		}
	}
	if strings.Contains(table, "null") {
		t.Errorf("explain says null:\n%s", table)
	}
	for line := range strings.SplitSeq(strings.TrimSpace(d.tierctl("explain", "anna", "-o", "csv")), "\n") {
		if strings.Count(strings.ReplaceAll(line, `""`, ""), `"`)%2 == 1 {
			t.Errorf("a cell of CSV goes on on the next line: %s", line)
		}
	}
}
