package tierctl

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tierstream/tierstream/pkg/codec"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// What was raised and that nothing later clears stands: of this customer alone.
func TestStanding(t *testing.T) {
	at := &timestamppb.Timestamp{Seconds: 1767225600}
	alert := func(id, customer, clears string, state pb.CreditAlert_State) *pb.CreditAlert {
		return &pb.CreditAlert{AlertId: id, CustomerId: customer, Clears: clears, State: state, Kind: pb.CreditAlert_OVERDUE, Severity: "warning",
			DecidedAt: at, Reasons: []*pb.Reason{{Text: "Why " + id + "."}}}
	}
	signal := func(id, clears string, state pb.CustomerSignal_State) *pb.CustomerSignal {
		return &pb.CustomerSignal{SignalId: id, CustomerId: "C1", Clears: clears, State: state, Kind: pb.CustomerSignal_NEAR_UPGRADE, Severity: "info", DecidedAt: at}
	}
	e := explained{CustomerLine: codec.CustomerLine{CustomerID: "C1"}}
	e.standing(decisions{
		alerts: []*pb.CreditAlert{
			alert("a1", "C1", "", pb.CreditAlert_RAISED), alert("a2", "C1", "a1", pb.CreditAlert_CLEARED), alert("a3", "C1", "", pb.CreditAlert_RAISED),
			alert("a4", "C1", "a3", pb.CreditAlert_RAISED), alert("b1", "C2", "", pb.CreditAlert_RAISED)},
		signals: []*pb.CustomerSignal{signal("s1", "", pb.CustomerSignal_RAISED), signal("s2", "s1", pb.CustomerSignal_WITHDRAWN), signal("s3", "", pb.CustomerSignal_RAISED)},
	})
	if len(e.Alerts) != 1 || e.Alerts[0].AlertID != "a4" || len(e.Signals) != 1 || e.Signals[0].SignalID != "s3" {
		t.Errorf("%+v, %+v", e.Alerts, e.Signals)
	}
	var text []string
	for _, r := range e.watched(explainer{}) {
		text = append(text, r[0].(string)+": "+r[1].(string))
	}
	if got, want := strings.Join(text, "\n"), `alert: OVERDUE (warning) since 2026-01-01 00:00:00
alert, why: Why a4.
signal: NEAR_UPGRADE (info) since 2026-01-01 00:00:00`; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
