package loadgen

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// common and members are the names that the contract has, written down apart from the structs that are sent.
const common = "event_id source occurred_at recorded_at revision customer_id "

func members() map[string]string {
	const price = "amount_minor tax_minor cost_minor "
	return map[string]string{
		"placed":    price + "currency freight_minor terms_days due_date invoice_expected channel lines sku category quantity",
		"amended":   price + "currency freight_minor terms_days due_date invoice_expected channel lines",
		"fulfilled": "delivery_id amount_minor currency cost_minor",
		"cancelled": "reason",
		"returned":  price + "return_id currency invoice_id reason",
		"issued":    "amount_minor tax_minor currency due_date orders order_id",
		"received": "amount_minor currency value_date method matures_on allocations order_id invoice_id customer_id " +
			"discount_minor",
		"failed":          "attempt_id amount_minor currency order_id invoice_id reason",
		"reversed":        "reversal_id amount_minor currency reason",
		"refunded":        "refund_id amount_minor currency return_id",
		"service_contact": "minutes cost_minor currency channel complaint",
		"survey":          "score",
		"referral":        "referred_customer_id",
		"activity":        "kind",
	}
}

func sources() map[string]string {
	return map[string]string{
		TopicOrders: "shop", TopicEngagements: "shop", TopicInvoices: "erp", TopicPayments: "bank", TopicProfiles: "crm",
	}
}

func (tr *trade) checkMembers(t *testing.T) {
	const profile = "name industry size region account_manager time_zone locale credit_limit"
	kinds := map[string]int{}
	for _, l := range tr.lines {
		if l.Reason != "" {
			continue
		}
		kinds[l.Kind]++
		var all map[string]any
		if err := json.Unmarshal(l.Value, &all); err != nil {
			t.Fatal(err)
		}
		allowed := common + "order_id invoice_id payment_id " + l.Kind
		if l.Kind == "profile" {
			allowed = common + profile
		}
		onlyNames(t, l, all, allowed)
		if body, ok := all[l.Kind].(map[string]any); ok {
			onlyNames(t, l, body, members()[l.Kind])
			for _, list := range []string{"lines", "orders", "allocations"} {
				entries, _ := body[list].([]any)
				for _, one := range entries {
					onlyNames(t, l, one.(map[string]any), members()[l.Kind])
				}
			}
		}
		if all["source"] != sources()[l.Topic] || all["customer_id"] != l.Customer {
			t.Errorf("%s: source %v of topic %s, customer %s", l.Value, all["source"], l.Topic, l.Customer)
		}
	}
	if len(kinds) != len(members())+1 {
		t.Errorf("kinds generated: %v", kinds)
	}
}

// onlyNames also checks that ids are 1 to 128 printable characters and dates are dates.
func onlyNames(t *testing.T, l Line, all map[string]any, allowed string) {
	t.Helper()
	names := strings.Fields(allowed)
	for name, value := range all {
		if !slices.Contains(names, name) {
			t.Errorf("%s: the contract has no %s in %s", l.Value, name, l.Kind)
		}
		text, _ := value.(string)
		length := utf8.RuneCountInString(text)
		printable := !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
		if strings.HasSuffix(name, "_id") && (length < 1 || length > 128 || !printable) {
			t.Errorf("%s: %s is %q", l.Value, name, text)
		}
		if name == "due_date" || name == "value_date" || name == "matures_on" {
			if _, err := time.Parse(time.DateOnly, text); err != nil {
				t.Errorf("%s: %s is %q", l.Value, name, text)
			}
		}
	}
}

func TestEachBrokenCopyHasItsOneMistake(t *testing.T) {
	cfg := small()
	cfg.Customers, cfg.Shares.Malformed = 300, 1000
	reasons := map[string]int{}
	for _, l := range collect(t, cfg) {
		if l.Reason == "" {
			continue
		}
		reasons[l.Reason]++
		var all map[string]any
		err := json.Unmarshal(l.Value, &all)
		if broken := mistakes(all, err, l.Kind); len(broken) != 1 || broken[0] != l.Reason {
			t.Errorf("%s has %v, want %s alone", l.Value, broken, l.Reason)
		}
		if !utf8.Valid(l.Value) || strings.Contains(string(l.Value), "\n") {
			t.Errorf("%q is no line of text", l.Value)
		}
	}
	if len(reasons) != 8 {
		t.Errorf("reasons generated: %v", reasons)
	}
}

// mistakes judges a message as the contract says, independently of how it was broken.
func mistakes(all map[string]any, err error, kind string) []string {
	if err != nil {
		return []string{ReasonMalformed}
	}
	var found []string
	note := func(bad bool, reason string) {
		if bad {
			found = append(found, reason)
		}
	}
	occurred, isText := all["occurred_at"].(string)
	id, _ := all["event_id"].(string)
	body, _ := all[kind].(map[string]any)
	note(all["occurred_at"] != nil && !isText, ReasonMalformed)
	note(all["customer_id"] == nil, ReasonMissingCustomer)
	note(all["occurred_at"] == nil || all["event_id"] == nil, ReasonMissingField)
	note(len(id) > 128 || strings.ContainsFunc(id, unicode.IsControl), ReasonBadID)
	due, _ := body["due_date"].(string)
	value, _ := body["value_date"].(string)
	note(strings.HasPrefix(occurred, "00") || strings.HasSuffix(due+value, "-02-30"), ReasonBadTime)
	amount, _ := body["amount_minor"].(float64)
	note(amount < 0, ReasonBadAmount)
	note(body["currency"] == "¥", ReasonBadCurrency)
	note(kind != "profile" && body == nil, ReasonUnknownKind)
	return found
}
