package tierctl_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"
)

// The credit score that a customer has just before an invoice of 2013 says whether that will be paid late: the chance that
// a late one's customer has the lower score of the two is 0.87 at least (docs/credit.md). The score is the default policy's,
// as simulate writes it as of the invoice's own moment: after every event before, and before any at that moment.
func TestScorePredictsLatePayment(t *testing.T) {
	items, events := receivables(t)
	var moments []string
	for _, i := range items {
		if strings.HasPrefix(i.opened, "2013-") && !slices.Contains(moments, i.opened) {
			moments = append(moments, i.opened)
		}
	}
	slices.Sort(moments)
	customers, _ := simulated(t, "USD", events, moments)
	type key struct{ customer, at string }
	scores := map[key]float64{}
	for _, c := range customers {
		if score, ok := c["credit"].(map[string]any)["score"].(float64); ok {
			scores[key{c["customer_id"].(string), c["as_of"].(string)}] = score
		}
	}
	var predicted, ratio []guess
	for _, i := range items {
		if !strings.HasPrefix(i.opened, "2013-") {
			continue
		}
		score, known := scores[key{i.customer, i.opened}]
		if !known {
			t.Fatalf("no score of %s before its invoice of %s", i.customer, i.opened)
		}
		predicted = append(predicted, guess{-score, i.late()})
		ratio = append(ratio, guess{priorRatio(items, i), i.late()})
	}
	got, plain := auc(predicted), auc(ratio)
	t.Logf("%d invoices: AUC of the credit score %.4f, of the plain late ratio before %.4f", len(predicted), got, plain)
	if len(predicted) != 1189 || got < 0.87 || got <= plain {
		t.Errorf("AUC of %d invoices is %.4f, want 0.87 at least, and more than the late ratio's %.4f", len(predicted), got, plain)
	}
}

// priorRatio is the share of late ones among the customer's invoices paid before, of all time.
func priorRatio(items map[string]*item, next *item) float64 {
	paid, late := 0.0, 0.0
	for _, i := range items {
		if i.customer == next.customer && i.paid < next.opened {
			paid++
			if i.late() {
				late++
			}
		}
	}
	return late / max(paid, 1)
}

// guess is a prediction, the higher the likelier, and what came.
type guess struct {
	likely float64
	late   bool
}

// auc is the chance that of a late and a punctual invoice the late one was the likelier; as likely counts half.
func auc(all []guess) float64 {
	slices.SortFunc(all, func(a, b guess) int { return cmp.Compare(a.likely, b.likely) })
	late, pairs, below := 0.0, 0.0, 0.0
	for i := 0; i < len(all); {
		l, p := 0.0, 0.0
		for j := i; j < len(all) && all[j].likely == all[i].likely; j++ {
			if all[j].late {
				l++
			} else {
				p++
			}
		}
		pairs += l * (below + p/2)
		late, below, i = late+l, below+p, i+int(l+p)
	}
	return pairs / (late * below)
}
