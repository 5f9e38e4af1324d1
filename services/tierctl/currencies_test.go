package tierctl_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/pkg/doctor"
)

// abroad is a trade of which a part is in other currencies: some customers trade in euros, some in yen, and of some every
// other document is in dollars, so that payments name orders of another currency.
func abroad(lines []string) (out []string) {
	for i, l := range lines {
		_, rest, found := strings.Cut(l, `"customer_id":"C`)
		currency := "CNY"
		if found && len(rest) > 7 {
			switch rest[6] {
			case '2', '6':
				currency = "EUR"
			case '3':
				currency = "JPY"
			case '4', '8':
				currency = []string{"CNY", "USD"}[i%2]
			}
		}
		out = append(out, strings.ReplaceAll(l, `"currency":"CNY"`, `"currency":"`+currency+`"`))
	}
	return out
}

// rates are those of every third day of the trade's months, but for some weeks; of a few days they were corrected.
func rates() (lines []string) {
	first := time.Date(2023, 12, 30, 0, 0, 0, 0, time.UTC)
	for n := 0; n < 180; n += 3 {
		if n > 90 && n < 103 {
			continue
		}
		for version := 1; version <= 1+n%2; version++ {
			lines = append(lines, fmt.Sprintf(`{"topic":"fx-rates","value":{"version":%d,"as_of":%q,"base":"CNY","rates":{"EUR":"7.%02d","JPY":"0.04%d","USD":"7.2%d"}}}`,
				version, first.AddDate(0, 0, n).Format(time.DateOnly), 70+n%30+version, n%10, n%7))
		}
	}
	return lines
}

// enveloped puts two of three lines of rates into what may be around any event: a line of events, and a CloudEvent.
func enveloped(lines []string) (out []string) {
	for i, l := range lines {
		value := strings.TrimSuffix(strings.TrimPrefix(l, `{"topic":"fx-rates","value":`), "}")
		out = append(out, [...]string{l, `{"topic":"events","value":` + l + "}",
			fmt.Sprintf(`{"specversion":"1.0","id":"rates-%d","source":"bank","type":"tierstream.v1.FxRates","data":%s}`, i, value)}[i%3])
	}
	return out
}

// Rates count in whatever envelope they come.
func TestRatesInEnvelopes(t *testing.T) {
	d := deploy(t, 0)
	trade := abroad(d.trade("events.jsonl"))
	for name, list := range map[string][]string{"plain": rates(), "enveloped": enveloped(rates())} {
		d.write("events.jsonl", strings.Join(append(list, trade...), "\n")+"\n")
		d.tierctl("simulate", "--policy", d.path("policy.yaml"), "--events", d.path("events.jsonl"), "--as-of", end, "--out", d.path(name))
	}
	if diff := cmp.Diff(d.read("plain/customers.jsonl"), d.read("enveloped/customers.jsonl")); diff != "" {
		t.Errorf("enveloped rates count otherwise (-plain +enveloped):\n%.2000s", diff)
	}
}

// Several currencies go the same way live as in simulate, byte for byte, with a rate missing now and then. The rates may stand
// anywhere in the file.
func TestForeignTradeLiveEqualsSimulate(t *testing.T) {
	d := deploy(t, 0)
	d.tierctl("loadgen", "--customers", "40", "--days", "150", "--seed", "11", "--foreign", "30", "--out", d.path("generated.jsonl"))
	generated := strings.Split(strings.TrimRight(d.read("generated.jsonl"), "\n"), "\n")
	generated = slices.DeleteFunc(generated, func(l string) bool { return strings.Contains(l, `"fx-rates"`) }) // there are others, with gaps
	lines := append(abroad(append(generated, ledger()...)), enveloped(rates())...)
	lines = append(lines, `{"topic":"fx-rates","value":{"version":1,"as_of":"2024-03-01","base":"EUR","rates":{"CNY":"0.13"}}}`,
		`{"topic":"fx-rates","value":5}`, `{"topic":"fx-rates","value":"x"}`, `{"topic":"fx-rates","value":null}`)
	d.write("events.jsonl", strings.Join(lines, "\n")+"\n")
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "3", "--clock", "event")
	d.tierctl("send", d.path("events.jsonl"))
	d.tierctl("send", d.path("events.jsonl"))
	d.tierctl("clock", "advance", "--to", end)
	d.tierctl("export", "--as-of", end, "--out", d.path("live"))
	d.tierctl("simulate", "--policy", d.path("policy.yaml"), "--events", d.path("events.jsonl"), "--as-of", end, "--out", d.path("simulated"))
	for _, f := range []string{"customers.jsonl", "tier-changes.jsonl", "dead-letters.jsonl", "credit-alerts.jsonl", "signals.jsonl"} {
		if diff := cmp.Diff(d.read("simulated/"+f), d.read("live/"+f)); diff != "" {
			t.Errorf("%s differs (-simulated +live):\n%.2000s", f, diff)
		}
	}
	dead := d.read("live/dead-letters.jsonl")
	if n, all := strings.Count(dead, "NO_RATE"), strings.Count(strings.Join(lines, "\n"), `"currency":"EUR"`); n == 0 || n > all/2 {
		t.Errorf("%d lines have no rate, of %d in euros", n, all)
	}
	if !strings.Contains(dead, "BAD_CURRENCY") {
		t.Error("rates to another base were taken")
	}
	for _, currency := range []string{"EUR", "JPY", "USD"} {
		if !strings.Contains(d.read("live/credit-alerts.jsonl"), `"currency":"`+currency+`"`) {
			t.Errorf("no alert names an item in %s", currency)
		}
	}
}

// A document without a rate is held back, in a dead letter that says what to do. Once the rates are there a retry cures it.
func TestRatesCureDeadLetters(t *testing.T) {
	d := deploy(t, 0)
	day := time.Now().UTC().Add(-time.Hour)
	order := func(id, currency string, amount int) string {
		return fmt.Sprintf(`{"topic":"orders","value":{"event_id":%q,"occurred_at":%q,"customer_id":"C1","order_id":%q,"placed":{"amount_minor":%d,"currency":%q,"terms_days":30}}}`,
			id, day.Format(time.RFC3339), "O-"+id, amount, currency)
	}
	published := func(version int, currency, rate string) string {
		return fmt.Sprintf(`{"topic":"fx-rates","value":{"version":%d,"as_of":%q,"base":"CNY","rates":{%q:%q}}}`, version, day.AddDate(0, 0, -1).Format(time.DateOnly), currency, rate)
	}
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "2")
	send := func(lines ...string) {
		d.write("events.jsonl", strings.Join(lines, "\n")+"\n")
		d.tierctl("send", d.path("events.jsonl"))
		d.tierctl("wait")
	}
	send(order("base", "CNY", 10000), order("euros", "EUR", 10000), order("yen", "JPY", 10000), published(1, "EUR", "7.851"))
	letters := d.letters("dlq", "list")
	if len(letters) != 1 || letters[0].Reason != "NO_RATE" || !strings.Contains(letters[0].Headers["ts_detail"]+d.tierctl("dlq", "show", letters[0].ID), "JPY has no rate of") {
		t.Fatalf("the dead letters are %+v", letters)
	}
	if f := d.findings(0)["rates"]; len(f) != 2 || f[0].State != doctor.OK || !strings.Contains(f[0].Says, "EUR can be taken: documents in it until "+day.AddDate(0, 0, 6).Format(time.DateOnly)) ||
		f[1].State != doctor.Warn || !strings.Contains(f[1].Says, "1 document in JPY became") {
		t.Errorf("doctor says of rates: %+v", f)
	}
	send(published(1, "JPY", "0.05"), `{"topic":"events","value":`+published(2, "JPY", "0.048")+`}`) // a single stream may carry them too
	d.tierctl("dlq", "retry", "--reason", "NO_RATE")
	d.tierctl("wait")
	if letters := d.letters("dlq", "list"); len(letters) != 1 || letters[0].Retried == nil {
		t.Errorf("after the retry: %+v", letters)
	}
	d.tierctl("export", "--as-of", time.Now().Add(time.Hour).UTC().Format(time.RFC3339), "--out", d.path("out"))
	if c := d.read("out/customers.jsonl"); !strings.Contains(c, `"net_minor":136510,"orders":3,`) || !strings.Contains(c, `"open_minor":136510,`) {
		t.Errorf("the customer has %s, want 100.00 + 100.00 x 7.851 + 10,000 x 0.048", c) // 10,000 + 78,510 + 48,000
	}
}

// Under the wall clock, shuffled and doubled, the figures of several currencies are simulate's too, once the rates are there.
func TestForeignWallClockFiguresEqualSimulate(t *testing.T) {
	asOf, err := time.Parse(time.RFC3339, end)
	if err != nil {
		t.Fatal(err)
	}
	d := deploy(t, time.Until(asOf)-time.Hour)
	lines := abroad(slices.Concat(remembered(d.trade("events.jsonl"), asOf), ledger()))
	d.write("rates.jsonl", strings.Join(rates(), "\n")+"\n")
	d.write("events.jsonl", strings.Join(slices.Concat(lines, rates()), "\n")+"\n")
	d.tierctl("init", "--policy", d.path("policy.yaml"), "--partitions", "3")
	lines = append(lines, lines...)
	rand.New(rand.NewPCG(6, 6)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	d.write("shuffled.jsonl", strings.Join(lines, "\n")+"\n")
	d.tierctl("send", d.path("rates.jsonl"))
	d.tierctl("send", d.path("shuffled.jsonl"))
	d.tierctl("wait")
	d.tierctl("export", "--as-of", end, "--out", d.path("live"))
	d.tierctl("simulate", "--policy", d.path("policy.yaml"), "--events", d.path("events.jsonl"), "--as-of", end, "--out", d.path("simulated"))
	if diff := cmp.Diff(figures(t, d.read("simulated/customers.jsonl")), figures(t, d.read("live/customers.jsonl"))); diff != "" {
		t.Errorf("figures differ (-simulated +live):\n%.2000s", diff)
	}
}
