package codec_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tierstream/tierstream/pkg/codec"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// written is at least one record of every type and body that this system writes, with every field set somewhere.
func written(t testing.TB) map[string]proto.Message {
	t.Helper()
	all := map[string]proto.Message{}
	for name, e := range events() {
		f := decode(t, sampleInput(e)).Fact
		f.At = 1772357400_000000
		all[name] = f
	}
	for name, f := range map[string]*pb.Fact{
		"init":       {Body: &pb.Fact_Init{Init: partitionInit()}},
		"tick":       {Body: &pb.Fact_Tick{Tick: &pb.Tick{}}},
		"policy":     {Body: &pb.Fact_Policy{Policy: &pb.PolicyActivated{Sequence: 2, Policy: []byte("version: v2\n"), PolicyFile: "p.yaml"}}},
		"cutoffs":    {Body: &pb.Fact_Cutoffs{Cutoffs: cutoffs()}},
		"logic":      {Body: &pb.Fact_Logic{Logic: &pb.LogicActivated{Sequence: 4, Version: 5}}},
		"clock live": {Body: &pb.Fact_ClockLive{ClockLive: &pb.ClockLive{Sequence: 1}}},
		"override":   {Body: &pb.Fact_Override{Override: override()}},
		"erasure":    {Body: &pb.Fact_Erasure{Erasure: &pb.Erasure{Sequence: 7, CustomerId: "C42"}}},
	} {
		f.At = 1772357400_000001
		all[name] = f
	}
	all["level"] = &pb.Score{Number: 3, Fact: 9, At: 1772357400_000002, Body: &pb.Score_Level{Level: level()}}
	all["forwarded tick"] = &pb.Score{Number: 4, Fact: 10, At: 1772357400_000003, Body: &pb.Score_Tick{Tick: &pb.Tick{}}}
	all["page"], all["page on terms"] = page(), page()
	all["page on terms"].(*pb.HistoryPage).Items = onTerms()
	days := codec.Days{}
	if err := days.ReadPage(marshal(t, page()), 0); err != nil {
		t.Fatal(err)
	}
	packed := &pb.HistoryPage{}
	if err := proto.Unmarshal(codec.AppendPage(nil, &days, 20480), packed); err != nil {
		t.Fatal(err)
	}
	all["page packed"] = packed
	spans := []*pb.HistorySpan{{Span: 312}, {Span: 314, Split: []byte{3, 1, 128, 0}}, {Span: 315}}
	all["customer with spans"] = &pb.ScorerCustomer{Version: 7, At: 1772357400_000004, Spans: spans, FirstOrderDay: 20000}
	all["customer with pages"] = &pb.ScorerCustomer{Version: 7, At: 1772357400_000004, Pages: [][]byte{{}, {0}, spans[1].Split, {}}, FirstSpan: 312, FirstOrderDay: 20000}
	all["customer with days"] = &pb.ScorerCustomer{Version: 7, At: 1772357400_000004, Days: []byte{0xf0, 4, 0, 1, 0, 0, 1, 3, 1, 128, 0, 0, 1}, FirstOrderDay: 20000}
	all["change"], all["alert"], all["signal"] = change(), alert(), signal()
	return all
}

// page is a page of a customer's days with everything in it.
func page() *pb.HistoryPage {
	return &pb.HistoryPage{
		Buckets: []*pb.ValueBucket{{Day: 20500, Gross: 1000, Returns: 50, Orders: 2, ReturnCount: 1, Cost: proto.Int64(-7), Uncosted: 40, Back: 3,
			Categories: []int64{1, 600, 40, 2, -5, 0}, Service: &pb.ValueService{Contacts: 1, Complaints: 2, Visits: 3, Surveys: 4, Referrals: 5,
				Activities: 6, Minutes: 7000, Unpriced: 8000, Cost: 9, Answers: 10}}, {Day: -3, Orders: 1}},
		Settled:  []*pb.LedgerSettled{{Day: 20501, Settled: 3, Late: 1, Beyond: -4}},
		Portions: []*pb.LedgerPortion{{Day: 20501, Beyond: -9, Amount: 700}, {Day: 20501, Beyond: 2, Amount: 1 << 40}},
		Sales:    []*pb.LedgerSales{{Day: 20502, Amount: -1}},
		Items: []*pb.LedgerItem{{Invoice: true, Id: "INV-1", Source: "erp", Opened: 20490, Due: 20520, Amount: 900, Left: 800, Disputed: 10},
			{Id: "SO-2", Source: "erp", Due: 20520, Amount: 5, Left: 5, Currency: "EUR", DocumentLeft: 4}, {Id: "SO-3", Source: "shop", Due: 20521, Left: 1}},
	}
}

// onTerms are the items of page as they are written since terms are.
func onTerms() []*pb.LedgerItem {
	return []*pb.LedgerItem{
		{Invoice: true, Id: "INV-1", Source: "erp", Opened: 20490, Amount: 900, Disputed: 10, Terms: proto.Int32(30), Cleared: 100},
		{Id: "SO-2", Source: "erp", Amount: 5, Currency: "EUR", DocumentLeft: 4, Terms: proto.Int32(20520)},
		{Id: "SO-3", Source: "shop", Terms: proto.Int32(20521), Cleared: -1},
	}
}

func partitionInit() *pb.PartitionInit {
	return &pb.PartitionInit{
		Deployment: "d", Partitions: 8, Clock: pb.PartitionInit_EVENT, TimeZone: "Asia/Shanghai", Currency: "CNY",
		Policy: []byte("version: v1\n"), PolicyFile: "starter.yaml", Partition: 3,
	}
}

func cutoffs() *pb.CutoffsPublished {
	return &pb.CutoffsPublished{Sequence: 3, Day: "2026-03-01", Cutoffs: []*pb.Cutoff{{Name: "net_a", Segment: "toys", Value: 12}}}
}

func override() *pb.Override {
	return &pb.Override{
		Sequence: 6, CustomerId: "C42", Kind: pb.Override_SET, Tier: "GOLD", Until: 1772357400_000009, Reason: "merger",
		Author: "kim", SecondPerson: "lee", DespiteCredit: true,
	}
}

func level() *pb.Level {
	n := func(v int64) *int64 { return &v }
	return &pb.Level{
		CustomerId: "C42", Version: 2, Rule: 1, NextDue: 1772400000_000000,
		Trigger: &pb.Trigger{Kind: pb.Trigger_EVENT, EventId: "e1", Topic: "orders"},
		Value:   &pb.ValueLevel{GrossMinor: 9, ReturnsMinor: 2, NetMinor: 7, Orders: 3, Returns: 1, LastOrderAt: 5, MeanGapDays: n(2_500_000)},
		Credit: &pb.CreditLevel{
			OpenMinor: 1, UnappliedMinor: 2, OverdueMinor: 3, DisputedMinor: 4, CommitmentsMinor: 5, ExposureMinor: 6,
			AgeingCurrentMinor: 7, AgeingD1_30Minor: 8, AgeingD31_60Minor: 9, AgeingD61_90Minor: 10, AgeingD90PlusMinor: 11,
			MaxDaysOverdue: 12, Settled: 13, SettledLate: 14, OnTimeRate: n(0), MeanDaysBeyondTerms: n(-3_000_000),
			Promptness: n(80_000_000), DsoDays: n(31_415_926),
			Score: n(71_875_000), Grade: 3, LimitMinor: n(0), Warnings: 17, RecentDays: n(5_000_000), HabitDays: n(-10_000_000),
		},
	}
}

func reasons() []*pb.Reason {
	v, threshold, margin := 120.5, 100.0, 20.5
	return []*pb.Reason{{
		Code: "VALUE_REACHED", Params: []*pb.Param{{Name: "op", Value: ">"}}, Factor: "value.net", Value: &v,
		Threshold: &threshold, Margin: &margin, Text: "net of 120.50 is above 100",
	}}
}

func change() *pb.TierChange {
	score, at := 71.25, timestamppb.New(time.Date(2026, 3, 1, 9, 30, 0, 250_000_000, time.UTC))
	return &pb.TierChange{
		ChangeId: "tier-changes/C42/1", CustomerId: "C42", Seq: 1, Ladder: "default", From: "BASE", To: "GOLD",
		Direction: pb.TierChange_UPGRADE, Mode: pb.Mode_LIVE, DecidedAt: at, EffectiveAt: at,
		Trigger: &pb.Trigger{Kind: pb.Trigger_TIME}, Policy: &pb.PolicyRef{Version: "v1", Hash: "abc"}, CutoffVersion: "2026-03-01",
		Reasons: reasons(), ValueScore: &score, Credit: &pb.CreditStanding{Grade: "AA", Score: &score},
		ToNext: &pb.NextTier{Tier: "PLATINUM", Needs: reasons()}, ToKeep: &pb.KeepTier{Needs: reasons(), ReviewAt: at},
		Plan: "gold", Supersedes: "tier-changes/C42/0", AccountManager: "kim", CustomerName: "ACME", Segment: "toys",
	}
}

func alert() *pb.CreditAlert {
	return &pb.CreditAlert{
		AlertId: "credit-alerts/C42/2", CustomerId: "C42", Seq: 2, Kind: pb.CreditAlert_OVERDUE, State: pb.CreditAlert_CLEARED,
		Clears: "credit-alerts/C42/1", Severity: "high", Mode: pb.Mode_BACKFILL, DecidedAt: timestamppb.New(time.Unix(1772357400, 0)),
		Policy: &pb.PolicyRef{Version: "v1", Hash: "abc"}, GradeFrom: "AA", GradeTo: "B", Reasons: reasons(),
		Items:         []*pb.AlertItem{{InvoiceId: "I1", AmountMinor: 5, Currency: "CNY", Days: 31}},
		ExposureMinor: 6, OverdueMinor: 5, Advice: "call", AccountManager: "kim", CustomerName: "ACME", Segment: "toys",
	}
}

func signal() *pb.CustomerSignal {
	return &pb.CustomerSignal{
		SignalId: "signals/C42/1", CustomerId: "C42", Seq: 1, Kind: pb.CustomerSignal_REORDER_OVERDUE, State: pb.CustomerSignal_WITHDRAWN,
		Clears: "signals/C42/0", Severity: "low", Mode: pb.Mode_REBUILD, DecidedAt: timestamppb.New(time.Unix(1772357400, 0)),
		Policy: &pb.PolicyRef{Version: "v1", Hash: "abc"}, Reasons: reasons(), Advice: "visit", AccountManager: "kim",
		CustomerName: "ACME", Segment: "toys",
	}
}
