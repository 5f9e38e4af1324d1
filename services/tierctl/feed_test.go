package tierctl_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/doctor"
)

// words are what a feed of payments says every morning from one day of the history to another: that the day before is complete.
func words(feed string, from, to int) (lines []string) {
	for n := from; n <= to; n++ {
		day := time.Date(2024, 1, 1+n, 0, 0, 0, 0, time.UTC)
		lines = append(lines, fmt.Sprintf(`{"topic":"payments","value":{"event_id":"%s %d","source":"bank","occurred_at":%q,"complete_through":{"feed":%q,"until":%q}}}`,
			feed, n, day.Add(7*time.Hour).Format(time.RFC3339), feed, day.Add(-8*time.Hour).Format(time.RFC3339)))
	}
	return lines
}

// A feed of payments falls silent for weeks and speaks again. Live, on three partitions, and simulate, on one, hold back the same, and
// come to the same when it does, byte for byte, be there cut-offs or not.
func TestSilentFeedLiveEqualsSimulate(t *testing.T) {
	for name, more := range map[string]string{"plain": "", "ranked": "portfolio: {percentiles: [50]}\n"} {
		t.Run(name, func(t *testing.T) {
			d := deploy(t, 0)
			d.write("policy.yaml", testPolicy+more+"alerts: {overdue: {info: credit.max_days_overdue_judged >= 5, warning: credit.max_days_overdue_judged >= 30}}\n")
			lines := append(d.trade("events.jsonl"), words("acme", 20, 70)...)
			lines = append(append(lines, words("other", 21, 150)...), words("acme", 118, 150)...)
			d.sameAsSimulated(lines)
			raised := d.overdue()
			before, held, after := 0, 0, raised["2024-04-28T07"]
			for at, n := range raised {
				switch {
				case at < "2024-03-11T08":
					before += n
				case at < "2024-04-28T07":
					held += n
				}
			}
			if before == 0 || held != 0 || after == 0 {
				t.Errorf("%d overdue alerts before the silence, %d in it, and %d as it ends: %v", before, held, after, raised)
			}
		})
	}
}

// sameAsSimulated sends a history, to three partitions, and says that simulate makes the same of it, byte for byte.
func (d *deployment) sameAsSimulated(lines []string) {
	d.t.Helper()
	d.write("events.jsonl", strings.Join(lines, "\n")+"\n")
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "3", "--clock", "event")
	d.tierctl("send", d.path("events.jsonl"))
	d.tierctl("clock", "advance", "--to", end)
	d.tierctl("export", "--as-of", end, "--out", d.path("live"))
	d.tierctl("simulate", "--policy", d.path("policy.yaml"), "--events", d.path("events.jsonl"), "--as-of", end, "--out", d.path("simulated"))
	for _, f := range []string{"customers.jsonl", "tier-changes.jsonl", "dead-letters.jsonl", "credit-alerts.jsonl", "signals.jsonl"} {
		if diff := cmp.Diff(d.read("simulated/"+f), d.read("live/"+f)); diff != "" {
			d.t.Errorf("%s differs (-simulated +live):\n%.2000s", f, diff)
		}
	}
}

// overdue counts the alerts of overdue items by the hour in which they were raised.
func (d *deployment) overdue() map[string]int {
	d.t.Helper()
	raised := map[string]int{}
	for line := range strings.SplitSeq(d.read("live/credit-alerts.jsonl"), "\n") {
		if strings.Contains(line, `"OVERDUE"`) && strings.Contains(line, `"RAISED"`) {
			_, at, _ := strings.Cut(line, `"decided_at":"`)
			raised[at[:len("2024-01-01T00")]]++
		}
	}
	return raised
}

// Nobody pays any more for weeks, and no feed says why: after three business days nobody gets worse for it. Live and simulate come to
// the same, since the merger decides for all partitions.
func TestStoppedPaymentsLiveEqualsSimulate(t *testing.T) {
	d := deploy(t, 0)
	d.write("policy.yaml", strings.Replace(testPolicy, "credit: {", "credit: {quiet_feed: {}, ", 1)+
		"alerts: {overdue: {info: credit.max_days_overdue_judged >= 5, warning: credit.max_days_overdue_judged >= 30}}\n")
	var lines []string
	for _, line := range d.trade("events.jsonl") {
		_, at, _ := strings.Cut(line, `"occurred_at":"`)
		if !strings.Contains(line, `"topic":"payments"`) || at < "2024-03-10" || at > "2024-04-20" {
			lines = append(lines, line)
		}
	}
	d.sameAsSimulated(lines)
	before, held, after, raised := 0, 0, 0, d.overdue()
	for at, n := range raised {
		switch {
		case at < "2024-03-14T16": // midnight in Shanghai: the 11th to the 14th were business days
			before += n
		case at < "2024-04-20T16":
			held += n
		case at < "2024-04-23":
			after += n
		}
	}
	if before == 0 || held != 0 || after == 0 {
		t.Errorf("%d overdue alerts before it is quiet, %d in it, and %d as it ends: %v", before, held, after, raised)
	}
	d.write("events.jsonl", owed("O9", "C9", time.Date(2024, 6, 20, 0, 0, 0, 0, time.UTC), 10))
	d.tierctl("send", d.path("events.jsonl"))
	d.tierctl("clock", "advance", "--to", "2024-07-20")
	if got := d.tierctl("feed", "status", "-o", "csv"); !strings.Contains(got, "by payments that stopped\n") || !strings.Contains(got, "\nfeed (payments of everybody),2024-05-29T16") || !strings.Contains(got, ",holds\n") {
		t.Errorf("status says\n%s", got)
	}
	if got := d.tierctl("explain", "C9", "-o", "csv"); !strings.Contains(got, "held since 2024-06-06: no payment of anybody has come since 2024-05-30 00:00:00; nobody") {
		t.Errorf("explain says\n%s", got)
	}
	if f := d.findings(0)["silence"]; len(f) != 1 || f[0].State != doctor.Warn || !strings.Contains(f[0].Says, "no payment of anybody has come since 2024-05-30 00:00") {
		t.Errorf("doctor says %+v", f)
	}
	d.tierctl("feed", "release")
	if got := d.tierctl("feed", "status", "-o", "csv"); !strings.Contains(got, "up to,2024-07-19,by booking lag\n") || !strings.Contains(got, ",released\n") {
		t.Errorf("status says\n%s", got)
	}
}

const strict = `alerts: {grade_changed: off, overdue: {info: credit.max_days_overdue_judged >= 1, warning: credit.max_days_overdue_judged >= 60}}
`

// owed is a line of an order on terms.
func owed(id, customer string, at time.Time, terms int) string {
	return fmt.Sprintf(`{"topic":"orders","value":{"event_id":%q,"occurred_at":%q,"customer_id":%q,"order_id":%q,"placed":{"amount_minor":"100000","currency":"CNY","terms_days":%d}}}`,
		id, at.UTC().Format(time.RFC3339), customer, id, terms)
}

// Operators see what holds, by the feed and by the customer, and go on without it.
func TestFeedIsReleased(t *testing.T) {
	d := deploy(t, 0)
	d.write("policy.yaml", testPolicy+strict)
	start := time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC)
	d.write("events.jsonl", strings.Join(append(words("acme", 0, 5), append(words("other", 0, 20), owed("O1", "C1", start, 10), owed("O2", "C2", start, 60))...), "\n")+"\n")
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "3", "--clock", "event")
	d.tierctl("wait")
	if got := d.tierctl("feed", "status", "-o", "csv"); strings.Contains(got, "held") || strings.Contains(got, "feed") {
		t.Errorf("before the first event:\n%s", got)
	}
	d.tierctl("send", d.path("events.jsonl"))
	d.tierctl("clock", "advance", "--to", "2024-01-25")
	want := `what,complete through,state
silence is judged up to,2024-01-06,by feeds
held since,2024-01-08,
feed acme of bank,2024-01-05T16:00:00Z,holds
feed other of bank,2024-01-20T16:00:00Z,counts
`
	if got := d.tierctl("feed", "status", "-o", "csv"); got != want {
		t.Errorf("status says\n%s\nwant\n%s", got, want)
	}
	for who, says := range map[string][]string{
		"C1": {"silence,held since 2024-01-08: payments feed acme of bank is complete through 2024-01-06 00:00:00; nobody gets worse", "silence_held: what has not been paid"},
		"C2": {"silence,held since"},
	} {
		got := d.tierctl("explain", who, "-o", "csv")
		for _, s := range says {
			if !strings.Contains(got, s) {
				t.Errorf("explain %s doesn't say %q:\n%s", who, s, got)
			}
		}
		if strings.Contains(got, "silence_held") != (who == "C1") || strings.Contains(got, "alert") {
			t.Errorf("explain %s says\n%s", who, got)
		}
	}
	if code, _, stderr := d.run("feed", "release", "acme", "--source", "elsewhere"); code != 1 || !strings.Contains(stderr, "no such feed") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if f := d.findings(0)["silence"]; len(f) != 1 || f[0].State != doctor.Warn || !strings.HasSuffix(f[0].Fix, "tierctl feed release 'acme' --source 'bank'") ||
		!strings.Contains(f[0].Says, "acme of bank has said nothing since it was complete through 2024-01-06 00:00: nobody has got worse for not paying since 2024-01-08") {
		t.Errorf("doctor says %+v", f)
	}
	d.tierctl("feed", "release")
	d.tierctl("clock", "advance", "--to", "2024-01-25")
	if got := d.tierctl("feed", "status", "-o", "csv"); !strings.Contains(got, "judged up to,2024-01-21,by feeds\nheld since,2024-01-23,\n") ||
		!strings.Contains(got, "acme of bank,2024-01-05T16:00:00Z,released") || !strings.Contains(got, "other of bank,2024-01-20T16:00:00Z,holds") {
		t.Errorf("status says\n%s", got)
	}
	if got := d.tierctl("explain", "C1", "-o", "csv"); !strings.Contains(got, "OVERDUE (info) since 2024-01-25 00:00:00") {
		t.Errorf("explain says\n%s", got)
	}
	d.tierctl("feed", "release", "other", "--source", "bank")
	if f := d.findings(0)["silence"]; len(f) != 1 || f[0].State != doctor.OK || !strings.Contains(f[0].Says, "judged up to 2024-01-24, by booking lag") {
		t.Errorf("doctor says %+v", f)
	}
	if got := d.tierctl("feed", "status", "-o", "json"); !strings.Contains(got, `"judged_up_to": "2024-01-24"`) || !strings.Contains(got, `"held_since": null`) {
		t.Errorf("status says\n%s", got)
	}
}

// Under the wall clock a feed's word counts within seconds, also for whoever has no event, once all that was sent before it is in.
func TestFeedUnderTheWallClock(t *testing.T) {
	d := deploy(t, 0)
	d.write("policy.yaml", strings.Replace(testPolicy, "credit: {", "credit: {booking_lag: 3d, ", 1)+strict)
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "3")
	now := time.Now()
	said := func(n int, until time.Time) string {
		return fmt.Sprintf(`{"topic":"payments","value":{"event_id":"w%d","occurred_at":%q,"complete_through":{"feed":"acme","until":%q}}}`,
			n, now.UTC().Format(time.RFC3339), until.UTC().Format(time.RFC3339)) + "\n"
	}
	d.write("events.jsonl", said(1, now.AddDate(0, 0, -9)))
	d.tierctl("send", d.path("events.jsonl"))
	d.tierctl("wait")
	d.comesTo("the feed's first word counts", func() bool { return strings.Contains(d.tierctl("feed", "status", "-o", "csv"), "by feeds") })
	d.write("events.jsonl", owed("O1", "C1", now.AddDate(0, 0, -12), 10)+"\n"+owed("O2", "C2", now.AddDate(0, 0, -5), 10)+"\n"+said(2, now))
	d.tierctl("send", d.path("events.jsonl"))
	alerts := ""
	d.comesTo("something comes of its second", func() bool {
		d.tierctl("export", "--out", d.path("live"))
		alerts = d.read("live/credit-alerts.jsonl")
		return alerts != ""
	})
	if strings.Count(alerts, "\n") != 1 || !strings.Contains(alerts, `"customer_id":"C1"`) || !strings.Contains(alerts, `"mode":"LIVE"`) {
		t.Errorf("the alerts are\n%s", alerts)
	}
	if got := d.tierctl("feed", "status", "-o", "csv"); strings.Contains(got, "held since") || !strings.Contains(got, "feed acme,") {
		t.Errorf("status says\n%s", got)
	}
}

// comesTo waits for the services.
func (d *deployment) comesTo(what string, ok func() bool) {
	d.t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(100 * time.Millisecond) { // between two looks
		if time.Now().After(deadline) {
			d.t.Fatalf("in a minute it hasn't come to this: %s", what)
		}
	}
}
