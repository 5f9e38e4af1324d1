package codec_test

import "google.golang.org/protobuf/reflect/protoreflect"

func protoString(s string) protoreflect.Value { return protoreflect.ValueOfString(s) }

type sample struct{ topic, json string }

// common is what every sample begins with.
const common = `"event_id":"e1","source":"erp","occurred_at":"2026-03-01T09:30:00.25+08:00","recorded_at":"2026-03-02T00:00:00Z","revision":2,"customer_id":"C42",`

// events is one event of each kind, with every field of the contract set in one of them.
func events() map[string]sample {
	order := func(kind string) sample { return sample{"orders", `{` + common + `"order_id":"SO1",` + kind + `}`} }
	invoice := func(kind string) sample { return sample{"invoices", `{` + common + `"invoice_id":"I1",` + kind + `}`} }
	payment := func(kind string) sample { return sample{"payments", `{` + common + `"payment_id":"P1",` + kind + `}`} }
	engagement := func(kind string) sample { return sample{"engagements", `{` + common + kind + `}`} }
	lines := `"lines":[{"sku":"A-1","category":"tea","quantity":2.5,"amount_minor":900,"tax_minor":100,"cost_minor":0}]`
	return map[string]sample{
		"example":          {"orders", contractExample},
		"placed":           order(`"placed":{"amount_minor":"1200","currency":"CNY","tax_minor":100,"freight_minor":50,"cost_minor":700,"due_date":"2026-04-01","invoice_expected":true,"channel":"web",` + lines + `}`),
		"amended":          order(`"amended":{"amount_minor":0,"currency":"CNY","tax_minor":0,"freight_minor":"0","cost_minor":0,"terms_days":0,"due_date":"2026-04-02","invoice_expected":false,"channel":"",` + lines + `}`),
		"amended little":   order(`"amended":{"amount_minor":900}`),
		"fulfilled":        order(`"fulfilled":{"delivery_id":"D1","amount_minor":1200,"currency":"CNY","cost_minor":5}`),
		"cancelled":        order(`"cancelled":{"reason":"缺货"}`),
		"cancelled barely": order(`"cancelled":{}`),
		"returned":         order(`"returned":{"return_id":"R1","amount_minor":300,"tax_minor":30,"currency":"CNY","cost_minor":9,"invoice_id":"I1","reason":"broken"}`),
		"returned alone":   {"orders", `{` + common + `"returned":{"return_id":"R1","amount_minor":300,"currency":"CNY"}}`},
		"issued":           invoice(`"issued":{"amount_minor":1200,"tax_minor":100,"currency":"CNY","due_date":"2026-04-01","orders":[{"order_id":"SO1","amount_minor":0},{"order_id":"SO2","amount_minor":7}]}`),
		"voided":           invoice(`"voided":{"reason":"typo"}`),
		"adjusted":         invoice(`"adjusted":{"adjustment_id":"A1","kind":"WRITE_OFF","amount_minor":1,"currency":"CNY","due_date":"2026-04-01"}`),
		"disputed":         invoice(`"disputed":{"amount_minor":100,"currency":"CNY","resolved":true}`),
		"promised":         invoice(`"promised":{"amount_minor":100,"currency":"CNY","by_date":"2026-04-09"}`),
		"received":         payment(`"received":{"amount_minor":"1200","currency":"CNY","value_date":"2026-03-01","method":"BILL","matures_on":"2026-06-01","allocations":[{"order_id":"SO1","customer_id":"C43","amount_minor":1,"discount_minor":2},{"invoice_id":"I1"}]}`),
		"received alone":   payment(`"received":{"amount_minor":"1200","currency":"CNY","value_date":"2026-03-01","allocations":[{"order_id":"SO1","amount_minor":1,"discount_minor":2},{"invoice_id":"I1"}]}`),
		"failed":           payment(`"failed":{"attempt_id":"T1","amount_minor":1,"currency":"CNY","order_id":"SO1","invoice_id":"I1","reason":"bounced"}`),
		"reversed":         payment(`"reversed":{"reversal_id":"V1","amount_minor":0,"reason":"bounced"}`),
		"refunded":         payment(`"refunded":{"refund_id":"F1","amount_minor":5,"currency":"CNY","return_id":"R1"}`),
		"complete_through": {"payments", `{"event_id":"e1","occurred_at":"2026-03-01T09:30:00Z","complete_through":{"feed":"bank","until":"2026-03-01T00:00:00Z"}}`},
		"profile":          {"profiles", `{` + common + `"name":"Łódź 4 you","industry":"toys","size":"L","region":"EU","account_manager":"kim","time_zone":"Europe/Warsaw","locale":"pl","parent_customer_id":"C1","merged_into":"C2","closed":false,"ratings":{"quality":77.5,"speed":100},"credit_limit":{"amount_minor":5,"currency":"CNY","valid_until":"9999-12-31"},"credit_block":{"reason":"late","until":"2026-12-31"},"credit_rating":{"grade":"BB","source":"agency"},"attributes":{"colour":"red"},"clear":["locale","name"]}`},
		"service_contact":  engagement(`"service_contact":{"minutes":12.5,"cost_minor":100,"currency":"CNY","channel":"phone","complaint":true}`),
		"survey":           engagement(`"survey":{"score":10}`),
		"referral":         engagement(`"referral":{"referred_customer_id":"C77"}`),
		"activity":         engagement(`"activity":{"kind":"login"}`),
		"fx-rates":         {"fx-rates", `{"version":"7","as_of":"2026-03-01","base":"CNY","rates":{"EUR":"7.85","USD":"7.2"}}`},
	}
}
