package message_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/message"
	"github.com/tierstream/tierstream/pkg/notice"
	"github.com/tierstream/tierstream/pkg/routes"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/watch"
)

// signal is one of a kind for one reason.
func signal(kind, state string, rs ...notice.Reason) notice.Notice {
	n := notice.Notice{Type: notice.CustomerSignal, CustomerID: "C1", Kind: kind, State: state, Severity: "info", Reasons: rs}
	if slices.Contains(notice.AlertKinds(), kind) {
		n.Type = notice.CreditAlert
	}
	return n
}

func because(code string, params ...string) notice.Reason {
	r := notice.Reason{Code: code, Params: map[string]string{}, Text: "The reason."}
	for i := 0; i < len(params); i += 2 {
		r.Params[params[i]] = params[i+1]
	}
	return r
}

// The title tells it all at a glance: how late, which tier and by when, and what has become of what is over.
func TestHeadlines(t *testing.T) {
	w := writer(t, starter(t))
	late := func(days int64) notice.Notice {
		n := signal("OVERDUE", "RAISED", because(watch.CodeSeen))
		n.Items = []notice.Item{{InvoiceID: "I1", Amount: 100, Currency: "CNY", Days: days}, {InvoiceID: "I2", Amount: 100, Currency: "CNY", Days: 3}}
		return n
	}
	still := signal("OVERDUE", "CLEARED", because(watch.CodeUnseen))
	still.Overdue, still.Items = 100, late(1).Items
	graded := func(state, severity, from, to string, r notice.Reason) notice.Notice {
		n := signal("GRADE_CHANGED", state, r)
		n.Severity, n.GradeFrom, n.GradeTo = severity, from, to
		return n
	}
	used := func(part float64) notice.Notice {
		n := signal("LIMIT_NEAR", "RAISED", because(watch.CodeSeen))
		n.Reasons[0].Factor, n.Reasons[0].Value = "credit.utilisation", &part
		return n
	}
	warned := signal("EARLY_WARNING", "CLEARED", because(watch.CodeFewerSigns, "points", "0"))
	warned.Items = late(1).Items
	ordered := func(factor string, value float64) notice.Notice {
		n := signal("REORDER_OVERDUE", "WITHDRAWN", because(watch.CodeUnseen))
		n.Reasons[0].Factor, n.Reasons[0].Value = factor, &value
		return n
	}
	for _, c := range []struct {
		n                notice.Notice
		english, chinese string
	}{
		{late(31), "⚠ C1: payment 31 days overdue", "⚠ C1: 货款逾期 31 天"},
		{late(1), "⚠ C1: payment 1 day overdue", "⚠ C1: 货款逾期 1 天"},
		{signal("OVERDUE", "CLEARED", because(watch.CodeUnseen)), "✔ C1: nothing overdue any more", "✔ C1: 已无逾期货款"},
		{still, "✔ C1: no longer overdue for that long", "✔ C1: 逾期时间已低于提醒标准"},
		{signal("OVERDUE", "CLEARED", because(watch.CodeErased)), "✔ C1: over: payment overdue", "✔ C1: 已解除:货款逾期"},
		{graded("RAISED", "warning", "A", "BBB", because(watch.CodeChanged)), "⚠ C1: credit grade A → BBB", "⚠ C1: 信用等级 A → BBB"},
		{graded("RAISED", "info", "BBB", "A", because(watch.CodeChanged)), "⬆ C1: credit grade BBB → A", "⬆ C1: 信用等级 BBB → A"},
		{graded("CLEARED", "warning", "BBB", "A", because(watch.CodeChanged)), "✔ C1: credit grade back up, BBB → A", "✔ C1: 信用等级回升 BBB → A"},
		{graded("CLEARED", "warning", "A", "BBB", because(watch.CodeUnwatched)), "✔ C1: over: credit grade A → BBB", "✔ C1: 已解除:信用等级 A → BBB"},
		{used(0.9), "⚠ C1: close to the credit limit", "⚠ C1: 接近信用额度"},
		{used(1), "⚠ C1: close to the credit limit", "⚠ C1: 接近信用额度"},
		{used(1.03), "⚠ C1: over the credit limit", "⚠ C1: 超出信用额度"},
		{warned, "✔ C1: early warning is over", "✔ C1: 付款延迟预警已解除"},
		{signal("NEAR_UPGRADE", "RAISED", because(tier.CodeEnterNeeded, "tier", "gold")), "★ C1: close to gold", "★ C1: 即将升至 gold"},
		{signal("NEAR_UPGRADE", "RAISED", because("LATER_CODE")), "★ C1: close to the next tier", "★ C1: 即将升级"},
		{signal("NEAR_UPGRADE", "WITHDRAWN", because(tier.CodeEnterNeeded, "tier", "gold")), "✔ C1: no longer close to the next tier", "✔ C1: 不再接近升级"},
		{signal("NEAR_UPGRADE", "WITHDRAWN", because(tier.CodeTierMoved, "tier", "gold")), "● C1: the tier is gold now", "● C1: 等级现为 gold"},
		{signal("WILL_DOWNGRADE", "RAISED", because(tier.CodeKeepFailed, "tier", "gold"), because(tier.CodeGraceRuns, "tier", "gold", "grace_ends", "2026-05-10T16:00:00Z")),
			"★ C1: about to lose gold on 2026-05-11", "★ C1: 将于 2026-05-11 失去 gold"},
		{signal("WILL_DOWNGRADE", "WITHDRAWN", because(tier.CodeKeepMet, "tier", "gold")), "✔ C1: keeps gold", "✔ C1: 保住 gold"},
		{signal("WILL_DOWNGRADE", "WITHDRAWN", because(tier.CodeTierMoved, "tier", "silver")), "● C1: the tier is silver now", "● C1: 等级现为 silver"},
		{signal("LIFECYCLE_CHANGED", "RAISED", because(watch.CodeChanged, "from", "stable", "to", "declining")), "★ C1: stage stable → declining", "★ C1: 客户阶段 稳定 → 下滑"},
		{ordered("value.reorder_ratio", 0), "✔ C1: has ordered again", "✔ C1: 已再次下单"},
		{ordered("value.reorder_ratio", 1), "✔ C1: no longer late with an order", "✔ C1: 不再属于逾期未下单"},
		{ordered("value.orders", 3), "● C1: when the next order is due can't be told any more", "● C1: 已无法推断下次下单时间"},
		{signal("REORDER_OVERDUE", "WITHDRAWN"), "✔ C1: no longer late with an order", "✔ C1: 不再属于逾期未下单"},
		{signal("KEY_CUSTOMER", "WITHDRAWN", because(watch.CodeReleased)), "✔ C1: no longer a key customer", "✔ C1: 不再是重点客户"},
	} {
		for locale, want := range map[routes.Locale]string{routes.English: c.english, routes.Chinese: c.chinese} {
			if got := w.Write(c.n, locale, "").Title; got != want {
				t.Errorf("%s %s: got %q, want %q", c.n.Kind, c.n.State, got, want)
			}
		}
	}
}

// Whatever is told, and whatever is known of it: nothing stays unfilled, and no text is missing.
func TestNothingStaysUnfilled(t *testing.T) {
	w := writer(t, starter(t))
	codes := []string{watch.CodeSeen, watch.CodeUnseen, watch.CodeReleased, watch.CodeUnwatched, watch.CodeErased, watch.CodeChanged, watch.CodeSign, watch.CodeFewerSigns,
		tier.CodeGraceRuns, tier.CodeTierMoved, tier.CodeNothingAbove, tier.CodeKeepMet, tier.CodeKeepFailed, tier.CodeEnterNeeded}
	for _, kind := range slices.Concat(notice.AlertKinds(), notice.SignalKinds()) {
		for _, state := range notice.States() {
			for _, code := range codes {
				for _, days := range []int64{0, 1, 2} {
					for _, params := range [][]string{nil, {"tier", "gold"}, {"from", "A", "to", "B", "grace_ends", "2026-05-10T16:00:00Z"}} {
						n := signal(kind, state, because(code, params...))
						for _, also := range notice.AlertKinds() {
							n.Reasons = append(n.Reasons, because(watch.CodeChanged, append([]string{"also", also}, params...)...))
						}
						if days > 0 {
							n.Items = []notice.Item{{InvoiceID: "I1", Days: days}}
						}
						for _, locale := range []routes.Locale{routes.English, routes.Chinese} {
							if m := w.Write(n, locale, ""); unfilled(m) {
								t.Fatalf("%s %s %s %v: %+v", kind, state, code, params, m)
							}
						}
					}
				}
			}
		}
	}
}

func unfilled(m message.Message) bool {
	all := m.Title
	for _, f := range m.Fields {
		all += f.Label + strings.Join(f.Lines, "")
	}
	return strings.Contains(all, "<no value>") || strings.Contains(all, "{{") || strings.Contains(m.Title, ".")
}
