package codec_test

import (
	"bytes"
	"math"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/tier"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// reasonsDrawn are reasons of tests of every sort, or of none.
func reasonsDrawn(t *rapid.T) []tier.Reason {
	word := rapid.SampledFrom([]string{"", "x", "Net sales of the last 365 days are 1.00, below the 2.00 needed for gold (short by 1.00). Some more to be told, and more."})
	number := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1e6, 0.1}))
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) tier.Reason {
		r := tier.Reason{Code: word.Draw(t, "code"), Margin: number.Draw(t, "margin"), Text: word.Draw(t, "text"), Test: tier.Test{
			Factor: word.Draw(t, "factor"), Op: rapid.SampledFrom([]string{"", ">="}).Draw(t, "op"), Known: rapid.Bool().Draw(t, "known"),
			Value: number.Draw(t, "value"), Threshold: number.Draw(t, "threshold"),
		}}
		for range rapid.IntRange(0, 5).Draw(t, "params") {
			r.Params = append(r.Params, tier.Param{Name: word.Draw(t, "name"), Value: word.Draw(t, "value")})
		}
		return r
	}), 0, 3).Draw(t, "reasons")
}

func toldDrawn(t *rapid.T) codec.Told {
	word := rapid.SampledFrom([]string{"", "x", "gold"})
	return codec.Told{
		ID: word.Draw(t, "id"), CustomerID: word.Draw(t, "customer"), Seq: rapid.Int64Range(0, 300).Draw(t, "seq"),
		Kind: rapid.Int32Range(0, 5).Draw(t, "kind"), State: rapid.Int32Range(0, 2).Draw(t, "state"), Clears: word.Draw(t, "clears"),
		Severity: word.Draw(t, "severity"), Mode: pb.Mode(rapid.IntRange(0, 3).Draw(t, "mode")),
		DecidedAt:     civil.Instant(rapid.SampledFrom([]int64{0, -1, 1, 1772357400_000000, 1772357400_000001}).Draw(t, "at")),
		PolicyVersion: word.Draw(t, "version"), PolicyHash: word.Draw(t, "hash"), Reasons: reasonsDrawn(t), Advice: word.Draw(t, "advice"),
		AccountManager: word.Draw(t, "manager"), CustomerName: word.Draw(t, "name"), Segment: word.Draw(t, "segment"),
	}
}

func signalOf(s *codec.Told) *pb.CustomerSignal {
	return &pb.CustomerSignal{
		SignalId: s.ID, CustomerId: s.CustomerID, Seq: s.Seq, Kind: pb.CustomerSignal_Kind(s.Kind), State: pb.CustomerSignal_State(s.State),
		Clears: s.Clears, Severity: s.Severity, Mode: s.Mode, DecidedAt: timestamppb.New(s.DecidedAt.Time()),
		Policy: &pb.PolicyRef{Version: s.PolicyVersion, Hash: s.PolicyHash}, Reasons: codec.Reasons(s.Reasons), Advice: s.Advice,
		AccountManager: s.AccountManager, CustomerName: s.CustomerName, Segment: s.Segment,
	}
}

func alertOf(a *codec.ToldAlert) *pb.CreditAlert {
	p := &pb.CreditAlert{
		AlertId: a.ID, CustomerId: a.CustomerID, Seq: a.Seq, Kind: pb.CreditAlert_Kind(a.Kind), State: pb.CreditAlert_State(a.State),
		Clears: a.Clears, Severity: a.Severity, Mode: a.Mode, DecidedAt: timestamppb.New(a.DecidedAt.Time()),
		Policy: &pb.PolicyRef{Version: a.PolicyVersion, Hash: a.PolicyHash}, GradeFrom: a.GradeFrom, GradeTo: a.GradeTo,
		Reasons: codec.Reasons(a.Reasons), ExposureMinor: a.Exposure, OverdueMinor: a.Overdue, Advice: a.Advice,
		AccountManager: a.AccountManager, CustomerName: a.CustomerName, Segment: a.Segment,
	}
	for _, i := range a.Items {
		p.Items = append(p.Items, &pb.AlertItem{InvoiceId: i.InvoiceID, AmountMinor: i.Amount, Currency: i.Currency, Days: i.Days})
	}
	return p
}

// What is told is written by hand in the bytes of the messages.
func TestAppendTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := codec.ToldAlert{
			Told: toldDrawn(t), GradeFrom: rapid.SampledFrom([]string{"", "AA"}).Draw(t, "from"), GradeTo: rapid.SampledFrom([]string{"", "B"}).Draw(t, "to"),
			Exposure: rapid.Int64Range(-1, 300).Draw(t, "exposure"), Overdue: rapid.Int64Range(0, 300).Draw(t, "overdue"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			a.Items = append(a.Items, codec.ToldItem{InvoiceID: "I1", Amount: rapid.Int64Range(0, 300).Draw(t, "amount"), Currency: "CNY", Days: rapid.Int64Range(-1, 9).Draw(t, "days")})
		}
		before := []byte("before")
		same(t, codec.AppendAlert(before, &a), before, alertOf(&a))
		same(t, codec.AppendSignal(before, &a.Told), before, signalOf(&a.Told))
	})
}

func same(t *rapid.T, got, before []byte, m proto.Message) {
	t.Helper()
	want, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil || !bytes.Equal(got, append(before[:len(before):len(before)], want...)) {
		t.Fatalf("wrote %x, want %x, which is %v: %v", got, want, m, err)
	}
}

// A field that these messages get later is written by hand too: every field there is, is set here.
func TestAppendToldKnowsEveryField(t *testing.T) {
	told := codec.Told{
		ID: "i", CustomerID: "c", Seq: 1, Kind: 1, State: 1, Clears: "x", Severity: "s", Mode: 1, DecidedAt: 1_000_001, PolicyVersion: "v", PolicyHash: "h",
		Reasons: []tier.Reason{{
			Code: "C", Margin: 1, Text: "t", Params: []tier.Param{{Name: "n", Value: "v"}},
			Test: tier.Test{Factor: "f", Op: ">", Known: true, Value: 1, Threshold: 2},
		}},
		Advice: "a", AccountManager: "m", CustomerName: "n", Segment: "s",
	}
	alert := codec.ToldAlert{Told: told, GradeFrom: "A", GradeTo: "B", Items: []codec.ToldItem{{InvoiceID: "i", Amount: 1, Currency: "CNY", Days: 1}}, Exposure: 1, Overdue: 1}
	for m, b := range map[proto.Message][]byte{&pb.CreditAlert{}: codec.AppendAlert(nil, &alert), &pb.CustomerSignal{}: codec.AppendSignal(nil, &told)} {
		if err := proto.Unmarshal(b, m); err != nil {
			t.Fatal(err)
		}
		eachUnset(m.ProtoReflect(), func(name string) { t.Errorf("%s is not written", name) })
	}
}
