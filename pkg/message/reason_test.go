package message_test

import (
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/message"
	"github.com/tierstream/tierstream/pkg/notice"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/routes"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/watch"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

func inChinese(t *testing.T, w *message.Writer, r tier.Reason) string {
	t.Helper()
	n := noticeOf(t, "tier-changes", &pb.TierChange{ChangeId: "i", CustomerId: "C1", Seq: 1, Reasons: codec.Reasons([]tier.Reason{r})})
	return w.Write(n, routes.Chinese, "").Fields[0].Lines[0]
}

func TestChineseReasons(t *testing.T) {
	w := writer(t, starter(t))
	gold, days := []tier.Param{{Name: "tier", Value: "金牌"}}, []tier.Param{{Name: "tier", Value: "金牌"}, {Name: "window_days", Value: "730"}}
	for _, c := range []struct {
		code   string
		params []tier.Param
		test   tier.Test
		text   string
		want   string
	}{
		{tier.CodeEnterNeeded, days, tier.Test{Factor: "credit.promptness", Op: ">=", Value: 59.999, Threshold: 60, Known: true}, "",
			"近 730 天付款及时度为 59.999 分,低于进入 金牌 所需的 60 分(还差 0.001 分)。"},
		{tier.CodeEnterNeeded, days, tier.Test{Factor: "credit.promptness", Op: ">=", Threshold: 60}, "",
			"近 730 天付款及时度尚无数据;进入 金牌 需要至少 60 分。"},
		{tier.CodeKeepFailed, gold, tier.Test{Factor: "credit.on_time_rate", Op: ">", Value: 0.9, Threshold: 0.95, Known: true}, "",
			"按时付款比例为 90%,低于保持 金牌 所需的 95%(还差 5%)。"},
		{tier.CodeKeepFailed, gold, tier.Test{Factor: "credit.max_days_overdue", Op: "<=", Value: 41, Threshold: 30, Known: true}, "",
			"最长逾期时间为 41 天,高于保持 金牌 所允许的 30 天(超出 11 天)。"},
		{tier.CodeKeepMet, gold, tier.Test{Factor: "value.orders", Op: ">", Value: 1, Threshold: 1, Known: true}, "",
			"订单数为 1,没有超过保持 金牌 须超过的 1。"},
		{tier.CodeKeepMet, gold, tier.Test{Factor: "value.orders", Op: "<", Value: 1, Threshold: 1, Known: true}, "",
			"订单数为 1,没有低于保持 金牌 须低于的 1。"},
		{tier.CodeEnterMet, gold, tier.Test{Factor: "credit.overdue", Op: "==", Value: 0, Threshold: 0, Known: true}, "",
			"逾期金额为 0.00 元,正好是进入 金牌 所需的 0.00 元。"},
		{tier.CodeEnterNeeded, gold, tier.Test{Factor: "credit.overdue", Op: "==", Value: 12.5, Threshold: 0, Known: true}, "",
			"逾期金额为 12.50 元,不等于进入 金牌 所需的 0.00 元(相差 12.50 元)。"},
		{tier.CodeEnterNeeded, gold, tier.Test{Factor: "credit.disputed", Op: "!=", Known: true}, "",
			"争议金额为 0.00 元,正好是进入 金牌 所排除的 0.00 元。"},
		{tier.CodeEnterMet, gold, tier.Test{}, `The condition for 金牌 "value.net > value.gross * 0.5" holds.`,
			"进入 金牌 的条件“value.net > value.gross * 0.5”成立。"},
		{tier.CodeKeepFailed, gold, tier.Test{}, `The condition to keep 金牌 "value.net > value.gross * 0.5" does not hold: a figure in it is not known yet.`,
			"保持 金牌 的条件“value.net > value.gross * 0.5”不成立:其中有指标尚无数据。"},
		{tier.CodeKeepFailed, []tier.Param{{Name: "tier", Value: "金牌"}, {Name: "class", Value: "B"}}, tier.Test{},
			`The condition to keep 金牌 "value.class == \"A\"" does not hold; the class is B.`, "保持 金牌 的条件“value.class == \"A\"”不成立。客户类别为 B。"},
		{tier.CodeKeepFailed, gold, tier.Test{}, "The conditions to keep 金牌 do not hold.", "保持 金牌 的条件不成立。"},
		{watch.CodeReleased, nil, tier.Test{Factor: "value.growth"}, "Growth of net sales is not known any more.", "净销售额增长率已无数据。"},
		{tier.CodeTierGone, gold, tier.Test{}, "", "政策中已没有 金牌 这一等级。"},
		{"LATER_CODE", gold, tier.Test{Factor: "value.net", Op: ">=", Value: 2, Threshold: 1, Known: true}, "", "净销售额为 2.00 元,高于所需的 1.00 元(余 1.00 元)。"},
		{"LATER_CODE", gold, tier.Test{}, "Something else.", "Something else."},
		{watch.CodeSeen, []tier.Param{{Name: "also", Value: "OVERDUE"}, {Name: "days_now", Value: "32"}}, tier.Test{Factor: "credit.max_days_overdue_judged", Op: ">=", Value: 31, Threshold: 30, Known: true},
			"Also OVERDUE: The longest.", "另外货款逾期:目前最长逾期 32 天。按已入账计算的最长逾期时间为 31 天,高于触发提醒所需的 30 天。"},
		{tier.CodeEnterMet, gold, tier.Test{}, `The condition for 金牌 “value.class == "A"” holds; the class is A.`, "进入 金牌 的条件“value.class == \"A\"”成立。"},
		{watch.CodeSeen, []tier.Param{{Name: "grade", Value: "BBB"}, {Name: "grade_op", Value: ">="}, {Name: "grade_bound", Value: "BB"}, {Name: "grade_is", Value: "above"}}, tier.Test{Factor: "credit.grade"}, "",
			"信用等级为 BBB,高于触发提醒所需的 BB。"},
		{watch.CodeReleased, []tier.Param{{Name: "grade", Value: "B"}, {Name: "grade_op", Value: "<"}, {Name: "grade_bound", Value: "BB"}, {Name: "grade_is", Value: "below"}}, tier.Test{Factor: "credit.grade"}, "",
			"信用等级为 B,低于解除提醒所允许的 BB。"},
		{tier.CodeEnterNeeded, append(gold, tier.Param{Name: "grade_op", Value: ">="}, tier.Param{Name: "grade_bound", Value: "BB"}), tier.Test{Factor: "credit.grade"}, "",
			"信用等级尚无数据;进入 金牌 需要至少 BB。"},
	} {
		if got := inChinese(t, w, tier.Reason{Code: c.code, Params: c.params, Test: c.test, Text: c.text}); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// In English, too, what else was found says which kind of alert it is.
func TestReasonBeside(t *testing.T) {
	w := writer(t, starter(t))
	n := noticeOf(t, "credit-alerts", &pb.CreditAlert{AlertId: "i", CustomerId: "C1", Seq: 1, Kind: pb.CreditAlert_GRADE_CHANGED, State: pb.CreditAlert_RAISED,
		Reasons: codec.Reasons([]tier.Reason{{Code: watch.CodeChanged, Text: "The credit grade is B, down from BB."},
			{Code: watch.CodeSeen, Params: []tier.Param{{Name: "also", Value: "LIMIT_NEAR"}}, Text: "Also LIMIT_NEAR: It is 90 %."}})})
	got := strings.Join(w.Write(n, routes.English, "").Fields[0].Lines, "|")
	if want := "The credit grade is B, down from BB.|Also close to the credit limit: It is 90 %."; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Whatever a policy compares: a Chinese sentence with the very numbers of the English one, and nothing left unfilled.
func TestEveryComparisonInChinese(t *testing.T) {
	w, words := writer(t, starter(t)), tier.Words{Scale: 2}
	for _, figure := range policy.Figures() {
		for _, op := range []string{">", ">=", "<", "<=", "==", "!="} {
			for _, value := range []float64{0.25, 0.5, 0.75} {
				for _, known := range []bool{true, false} {
					test := tier.Test{Factor: figure, Op: op, Value: value, Threshold: 0.5, Known: known}
					number, _, _, _ := words.Numbers(test)
					got := inChinese(t, w, tier.Reason{Code: tier.CodeKeepFailed, Test: test, Params: []tier.Param{{Name: "tier", Value: "金牌"}, {Name: "window_days", Value: "9"}}})
					if strings.ContainsAny(got, "{}<abcdefghijklmnopqrstuvwxyz") || known && !strings.Contains(got, number) || !strings.HasSuffix(got, "。") {
						t.Errorf("%s %s: %s", figure, op, got)
					}
				}
			}
		}
	}
}

// What producers wrote can't break a line, turn it around or flood it; links are escaped.
func TestHostileNames(t *testing.T) {
	w := writer(t, starter(t))
	n := notice.Notice{Type: notice.TierChanged, Direction: "UPGRADE", From: "a\r\nBcc: x", To: "\u202eb", CustomerID: "../x?y=1#z &a+b", CustomerName: "A\x00B\n" + strings.Repeat("长", 500)}
	m := w.Write(n, routes.Chinese, "https://crm.example/c/{customer_id}")
	if strings.ContainsAny(m.Title, "\r\n\x00\u202e") || len([]rune(m.Title)) > 260 || !strings.HasPrefix(m.Title, "⬆ A B 长") {
		t.Errorf("%q", m.Title)
	}
	if m.Link.URL != "https://crm.example/c/..%2Fx%3Fy%3D1%23z%20%26a%2Bb" {
		t.Error(m.Link.URL)
	}
	if again := w.Write(n, "fr", ""); again.Link.URL != "" || again.Fields[0].Label != "What to do" {
		t.Errorf("%+v", again)
	}
}
