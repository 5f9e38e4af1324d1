package codec

import (
	"encoding/json"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// CustomerLine is a line of customers.jsonl: every key present, null where a figure is not computable. What this
// release doesn't compute yet is null too.
type CustomerLine struct {
	CustomerID string     `json:"customer_id"`
	AsOf       Instant    `json:"as_of"`
	Tier       TierLine   `json:"tier"`
	Segment    *string    `json:"segment"`
	Value      ValueLine  `json:"value"`
	Credit     CreditLine `json:"credit"`
	Plan       *string    `json:"plan"`
	ToNext     *NextLine  `json:"to_next"`
	ToKeep     *KeepLine  `json:"to_keep"`

	// CreditSales is what the DSO is taken over, for the DSO of all together. It is no part of the line.
	CreditSales credit.Sales `json:"-"`
}

// Instant is written as RFC 3339 in UTC; 0 is null.
type Instant civil.Instant

// MarshalJSON writes the instant, or null.
func (i Instant) MarshalJSON() ([]byte, error) {
	if i == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(civil.Instant(i).String())
}

// TierLine is the tier of a customer.
type TierLine struct {
	Name  string  `json:"name"`
	Since Instant `json:"since"`
	Seq   int64   `json:"seq"`
}

// ValueLine is the value of a customer in the window.
type ValueLine struct {
	WindowDays    int          `json:"window_days"`
	Gross         int64        `json:"gross_minor"`
	Returns       int64        `json:"returns_minor"`
	Net           int64        `json:"net_minor"`
	Orders        int64        `json:"orders"`
	ReturnCount   int64        `json:"returns"`
	CostToServe   *int64       `json:"cost_to_serve_minor"`
	Contribution  *int64       `json:"contribution_minor"`
	LastOrderAt   Instant      `json:"last_order_at"`
	MeanGapDays   figure.Micro `json:"mean_gap_days"`
	Class         string       `json:"class"`
	Share         figure.Micro `json:"share"`
	CutoffVersion *string      `json:"cutoff_version"`
	Score         figure.Micro `json:"score"`
	Factors       []PartLine   `json:"factors"`
	CostOfGoods   *int64       `json:"cost_of_goods_minor"`
	Potential     figure.Micro `json:"potential"`
	Growth        figure.Micro `json:"growth"`
	GrowthBase    string       `json:"growth_base"`
	Lifecycle     *string      `json:"lifecycle"`
	TenureDays    figure.Micro `json:"tenure_days"`
	Variability   figure.Micro `json:"gap_variability"`
	NextOrderDue  *string      `json:"next_order_due"`
	ReorderRatio  figure.Micro `json:"reorder_ratio"`
	Breadth       figure.Micro `json:"breadth"`
	Categories    []MixLine    `json:"categories"`
	Drift         figure.Micro `json:"category_drift"`
	Satisfaction  figure.Micro `json:"satisfaction"`
	Service       ServiceLine  `json:"service"`
	ContactDays   figure.Micro `json:"contact_days"`
}

// CreditLine is how a customer pays.
type CreditLine struct {
	Grade               *string      `json:"grade"`
	Score               figure.Micro `json:"score"`
	Open                int64        `json:"open_minor"`
	Unapplied           int64        `json:"unapplied_minor"`
	Overdue             int64        `json:"overdue_minor"`
	Disputed            int64        `json:"disputed_minor"`
	Commitments         int64        `json:"commitments_minor"`
	Exposure            int64        `json:"exposure_minor"`
	Limit               *int64       `json:"limit_minor"`
	Ageing              AgeingLine   `json:"ageing_minor"`
	MaxDaysOverdue      int64        `json:"max_days_overdue"`
	Settled             int64        `json:"settled"`
	SettledLate         int64        `json:"settled_late"`
	OnTimeRate          figure.Micro `json:"on_time_rate"`
	MeanDaysBeyondTerms figure.Micro `json:"mean_days_beyond_terms"`
	Promptness          figure.Micro `json:"promptness"`
	DSODays             figure.Micro `json:"dso_days"`
	Utilisation         figure.Micro `json:"utilisation"`
	Warnings            []string     `json:"warnings"`
	RatingLine
}

// AgeingLine is what is open by days past due.
type AgeingLine struct {
	Current int64 `json:"current"`
	D1To30  int64 `json:"d1_30"`
	D31To60 int64 `json:"d31_60"`
	D61To90 int64 `json:"d61_90"`
	D90Plus int64 `json:"d90_plus"`
}

// NextLine is what it takes to climb.
type NextLine struct {
	Tier  string       `json:"tier"`
	Needs []ReasonLine `json:"needs"`
}

// KeepLine is what it takes to stay.
type KeepLine struct {
	Needs    []ReasonLine `json:"needs"`
	ReviewAt Instant      `json:"review_at"`
}

// Customer makes a line. The class and share are set by who has all customers.
func Customer(id string, asOf civil.Instant, s tier.State, v value.Figures, windowDays int, c credit.Figures) CustomerLine {
	return CustomerLine{
		CustomerID: id, AsOf: Instant(asOf),
		Tier: TierLine{s.Tier, Instant(s.Since), s.Seq},
		Value: ValueLine{
			WindowDays: windowDays, Gross: v.Gross, Returns: v.Returns, Net: v.Net, Orders: v.Orders, ReturnCount: v.ReturnCount,
			LastOrderAt: Instant(v.LastOrderAt), MeanGapDays: v.MeanGap, Factors: []PartLine{}, Categories: []MixLine{},
			CostToServe: &v.CostToServe, Contribution: money(v.Contribution), Score: v.Score, Potential: v.Potential, Growth: v.Growth,
			GrowthBase: value.BaseNone.String(), Lifecycle: word(v.Stage.String()), TenureDays: v.TenureDays, Variability: v.GapVariability,
			ReorderRatio: v.ReorderRatio, Breadth: v.Breadth, Satisfaction: v.Satisfaction,
			ContactDays: v.ContactDays,
		},
		Credit: CreditLine{
			Open: c.Open, Unapplied: c.Unapplied, Overdue: c.Overdue, Disputed: c.Disputed, Commitments: c.Commitments, Exposure: c.Exposure,
			Ageing:         AgeingLine{c.Ageing.Current, c.Ageing.D1To30, c.Ageing.D31To60, c.Ageing.D61To90, c.Ageing.D90Plus},
			MaxDaysOverdue: c.MaxDaysOverdue, Settled: c.Settled, SettledLate: c.SettledLate, OnTimeRate: c.OnTimeRate,
			MeanDaysBeyondTerms: c.MeanDaysBeyondTerms, Promptness: c.Promptness, DSODays: c.DSO,
			Score: c.Score, Limit: limitOf(c.Limit), Utilisation: c.Utilisation, Warnings: c.Warnings.Codes(), RatingLine: noRating(),
		},
	}
}

// Next is the advice to climb; nil at the top.
func Next(n *pb.NextTier) *NextLine {
	if n == nil {
		return nil
	}
	return &NextLine{n.Tier, reasonLines(n.Needs)}
}

// Keep is the advice to stay.
func Keep(k *pb.KeepTier) *KeepLine {
	if k == nil {
		return nil
	}
	return &KeepLine{reasonLines(k.Needs), instant(k.ReviewAt)}
}

func instant(t *timestamppb.Timestamp) Instant {
	if t == nil {
		return 0
	}
	return Instant(civil.FromTime(t.AsTime()))
}
