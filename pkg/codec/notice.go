package codec

import (
	"bytes"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/notice"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Notice reads a record of an output topic: tier-changes, credit-alerts or signals, named without the deployment's prefix.
func Notice(topic string, value []byte) (notice.Notice, error) {
	var n notice.Notice
	var m proto.Message
	var of func() (notice.Notice, any)
	switch topic {
	case topics.TierChanges:
		c := &pb.TierChange{}
		m, of = c, func() (notice.Notice, any) { l := Change(c); return l.notice(), l }
	case topics.CreditAlerts:
		a := &pb.CreditAlert{}
		m, of = a, func() (notice.Notice, any) { l := Alert(a); return l.notice(), l }
	case topics.Signals:
		s := &pb.CustomerSignal{}
		m, of = s, func() (notice.Notice, any) { l := Signal(s); return l.notice(), l }
	default:
		return n, fmt.Errorf("reading a notice: topic %q has none: it is one of tier-changes, credit-alerts and signals", topic)
	}
	if err := proto.Unmarshal(value, m); err != nil {
		return n, fmt.Errorf("reading a record of %s: %w", topic, err)
	}
	n, line := of()
	var b bytes.Buffer
	if err := NewEncoder(&b).Encode(line); err != nil {
		return n, fmt.Errorf("writing a record of %s as JSON: %w", topic, err)
	}
	n.Topic, n.JSON = topic, bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if n.ID == "" || n.CustomerID == "" || n.Seq < 1 {
		return n, fmt.Errorf("reading a record of %s: it has no id, no customer or no seq", topic)
	}
	return n, nil
}

func (l ChangeLine) notice() notice.Notice {
	n := notice.Notice{
		ID: l.ChangeID, Type: notice.TierChanged, CustomerID: l.CustomerID, Seq: l.Seq, Live: live(l.Mode), Mode: l.Mode,
		DecidedAt: civil.Instant(l.DecidedAt), Effective: civil.Instant(l.EffectiveAt), Direction: l.Direction, Trigger: l.Trigger.Kind,
		From: l.From, To: l.To, Reasons: noticeReasons(l.Reasons), Plan: l.Plan, Clears: l.Supersedes, PolicyVersion: l.Policy.Version,
		CustomerName: l.CustomerName, AccountManager: l.AccountManager, Segment: l.Segment,
	}
	if l.ToNext != nil {
		n.ToNext = &notice.Next{Tier: l.ToNext.Tier, Needs: noticeReasons(l.ToNext.Needs)}
	}
	if l.ToKeep != nil {
		n.ToKeep = &notice.Keep{Needs: noticeReasons(l.ToKeep.Needs), ReviewAt: civil.Instant(l.ToKeep.ReviewAt)}
	}
	return n
}

func (l AlertLine) notice() notice.Notice {
	n := notice.Notice{
		ID: l.AlertID, Type: notice.CreditAlert, CustomerID: l.CustomerID, Seq: l.Seq, Live: live(l.Mode), Mode: l.Mode,
		DecidedAt: civil.Instant(l.DecidedAt), Kind: l.Kind, State: l.State, Clears: l.Clears, Severity: l.Severity,
		GradeFrom: l.GradeFrom, GradeTo: l.GradeTo, Reasons: noticeReasons(l.Reasons), Exposure: l.Exposure, Overdue: l.Overdue,
		Advice: l.Advice, PolicyVersion: l.Policy.Version,
		CustomerName: l.CustomerName, AccountManager: l.AccountManager, Segment: l.Segment,
	}
	for _, i := range l.Items {
		n.Items = append(n.Items, notice.Item(i))
	}
	return n
}

func (l SignalLine) notice() notice.Notice {
	return notice.Notice{
		ID: l.SignalID, Type: notice.CustomerSignal, CustomerID: l.CustomerID, Seq: l.Seq, Live: live(l.Mode), Mode: l.Mode,
		DecidedAt: civil.Instant(l.DecidedAt), Kind: l.Kind, State: l.State, Clears: l.Clears, Severity: l.Severity,
		Reasons: noticeReasons(l.Reasons), Advice: l.Advice, PolicyVersion: l.Policy.Version,
		CustomerName: l.CustomerName, AccountManager: l.AccountManager, Segment: l.Segment,
	}
}

func live(mode string) bool { return mode == pb.Mode_LIVE.String() }

func noticeReasons(ls []ReasonLine) []notice.Reason {
	out := make([]notice.Reason, 0, len(ls))
	for _, l := range ls {
		out = append(out, notice.Reason(l))
	}
	return out
}
