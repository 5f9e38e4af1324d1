package codec

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// ValueLevel is the figures of value as scores carries them.
func ValueLevel(f value.Figures) *pb.ValueLevel {
	return &pb.ValueLevel{
		GrossMinor: f.Gross, ReturnsMinor: f.Returns, NetMinor: f.Net, Orders: f.Orders, Returns: f.ReturnCount,
		LastOrderAt: int64(f.LastOrderAt), MeanGapDays: optional(f.MeanGap), CostToServeMinor: f.CostToServe,
		ContributionMinor: money(f.Contribution), Score: optional(f.Score), Potential: optional(f.Potential), Growth: optional(f.Growth),
		ReorderRatio: optional(f.ReorderRatio), TenureDays: optional(f.TenureDays), Satisfaction: optional(f.Satisfaction),
		Breadth: optional(f.Breadth), GapVariability: optional(f.GapVariability), Lifecycle: int64(f.Stage),
		ContactDays: optional(f.ContactDays),
	}
}

// ValueFigures reads what ValueLevel wrote.
func ValueFigures(l *pb.ValueLevel) value.Figures {
	if l == nil {
		return value.Figures{}
	}
	return value.Figures{
		Gross: l.GrossMinor, Returns: l.ReturnsMinor, Net: l.NetMinor, Orders: l.Orders, ReturnCount: l.Returns,
		LastOrderAt: civil.Instant(l.LastOrderAt), MeanGap: read(l.MeanGapDays), CostToServe: l.CostToServeMinor,
		Contribution: value.Money{Minor: l.GetContributionMinor(), Known: l.ContributionMinor != nil},
		Score:        read(l.Score), Potential: read(l.Potential), Growth: read(l.Growth), ReorderRatio: read(l.ReorderRatio),
		TenureDays: read(l.TenureDays), Satisfaction: read(l.Satisfaction), Breadth: read(l.Breadth), GapVariability: read(l.GapVariability),
		Stage: value.StageOf(l.Lifecycle), ContactDays: read(l.ContactDays),
	}
}

// CreditLevel is the figures of credit as scores carries them.
func CreditLevel(f credit.Figures) *pb.CreditLevel {
	return &pb.CreditLevel{
		OpenMinor: f.Open, UnappliedMinor: f.Unapplied, OverdueMinor: f.Overdue, DisputedMinor: f.Disputed,
		CommitmentsMinor: f.Commitments, ExposureMinor: f.Exposure,
		AgeingCurrentMinor: f.Ageing.Current, AgeingD1_30Minor: f.Ageing.D1To30, AgeingD31_60Minor: f.Ageing.D31To60,
		AgeingD61_90Minor: f.Ageing.D61To90, AgeingD90PlusMinor: f.Ageing.D90Plus,
		MaxDaysOverdue: f.MaxDaysOverdue, Settled: f.Settled, SettledLate: f.SettledLate,
		OnTimeRate: optional(f.OnTimeRate), MeanDaysBeyondTerms: optional(f.MeanDaysBeyondTerms),
		Promptness: optional(f.Promptness), DsoDays: optional(f.DSO), Score: optional(f.Score), Grade: f.Grade,
		LimitMinor: optional(figure.Micro{Millionths: f.Limit.Minor, Known: f.Limit.Known}), Warnings: int64(f.Warnings),
		RecentDays: optional(f.RecentDays), HabitDays: optional(f.HabitDays),
		UndisputedOverdueMinor: f.Undisputed.Overdue, UndisputedMaxDaysOverdue: f.Undisputed.MaxDaysOverdue,
		UndisputedOnTimeRate: optional(f.Undisputed.OnTimeRate), UndisputedPromptness: optional(f.Undisputed.Promptness),
		FailedPayments: f.FailedPayments, BrokenPromises: f.BrokenPromises, PartPayments: f.PartPayments,
	}
}

// CreditFigures reads what CreditLevel wrote.
func CreditFigures(l *pb.CreditLevel) credit.Figures {
	if l == nil {
		return credit.Figures{}
	}
	limit := credit.Limit{Minor: l.GetLimitMinor(), Known: l.LimitMinor != nil}
	return credit.Figures{
		Open: l.OpenMinor, Unapplied: l.UnappliedMinor, Overdue: l.OverdueMinor, Disputed: l.DisputedMinor,
		Commitments: l.CommitmentsMinor, Exposure: l.ExposureMinor,
		Ageing: credit.Ageing{
			Current: l.AgeingCurrentMinor, D1To30: l.AgeingD1_30Minor, D31To60: l.AgeingD31_60Minor,
			D61To90: l.AgeingD61_90Minor, D90Plus: l.AgeingD90PlusMinor,
		},
		MaxDaysOverdue: l.MaxDaysOverdue, Settled: l.Settled, SettledLate: l.SettledLate,
		OnTimeRate:          micro(l.GetOnTimeRate(), l.OnTimeRate != nil),
		MeanDaysBeyondTerms: micro(l.GetMeanDaysBeyondTerms(), l.MeanDaysBeyondTerms != nil),
		Promptness:          micro(l.GetPromptness(), l.Promptness != nil),
		DSO:                 micro(l.GetDsoDays(), l.DsoDays != nil),
		Undisputed: credit.Graded{
			Overdue: l.UndisputedOverdueMinor, MaxDaysOverdue: l.UndisputedMaxDaysOverdue,
			OnTimeRate: micro(l.GetUndisputedOnTimeRate(), l.UndisputedOnTimeRate != nil),
			Promptness: micro(l.GetUndisputedPromptness(), l.UndisputedPromptness != nil),
		},
		FailedPayments: l.FailedPayments, BrokenPromises: l.BrokenPromises, PartPayments: l.PartPayments,
		Limit: limit, Utilisation: credit.Utilised(l.ExposureMinor, limit),
		Score: micro(l.GetScore(), l.Score != nil), Grade: l.Grade, Warnings: credit.Warnings(l.Warnings),
		RecentDays: micro(l.GetRecentDays(), l.RecentDays != nil),
		HabitDays:  micro(l.GetHabitDays(), l.HabitDays != nil),
	}
}

func optional(m figure.Micro) *int64 {
	if !m.Known {
		return nil
	}
	return &m.Millionths
}

// read is a figure in millionths; absent: null.
func read(millionths *int64) figure.Micro {
	if millionths == nil {
		return figure.Micro{}
	}
	return figure.Of(*millionths)
}

// money is an amount; absent: null.
func money(m value.Money) *int64 {
	if !m.Known {
		return nil
	}
	return &m.Minor
}

func micro(millionths int64, known bool) figure.Micro {
	return figure.Micro{Millionths: millionths, Known: known}
}
