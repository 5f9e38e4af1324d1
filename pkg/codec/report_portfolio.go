package codec

import (
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/portfolio"
)

// PortfolioLine is a line of portfolio.jsonl: all customers of one moment together.
type PortfolioLine struct {
	AsOf            Instant      `json:"as_of"`
	Customers       int64        `json:"customers"`
	Net             int64        `json:"net_minor"`
	Orders          int64        `json:"orders"`
	Open            int64        `json:"open_minor"`
	Unapplied       int64        `json:"unapplied_minor"`
	Overdue         int64        `json:"overdue_minor"`
	Disputed        int64        `json:"disputed_minor"`
	Exposure        int64        `json:"exposure_minor"`
	Ageing          AgeingLine   `json:"ageing_minor"`
	CreditSales     int64        `json:"credit_sales_minor"`
	SalesDays       int64        `json:"credit_sales_days"`
	DSO             figure.Micro `json:"dso_days"`
	BestPossibleDSO figure.Micro `json:"best_possible_dso_days"`
	Delinquent      figure.Micro `json:"average_days_delinquent"`
	Classes         []ClassLine  `json:"classes"`
	CutoffVersion   *string      `json:"cutoff_version"`
	Cutoffs         []CutoffLine `json:"cutoffs"`
}

// ClassLine is what the customers of one class bring.
type ClassLine struct {
	Class     string       `json:"class"`
	Customers int64        `json:"customers"`
	Net       int64        `json:"net_minor"`
	Share     figure.Micro `json:"share"` // of the total of all positive nets; null where there is none
}

// CutoffLine is a cut-off in force: minor units, or a number of orders.
type CutoffLine struct {
	Name  string `json:"name"`
	Value int64  `json:"value"`
}

// Portfolio sums up the lines of all customers of one moment, which have their classes.
func Portfolio(asOf Instant, lines []CustomerLine, cutoffs portfolio.Cutoffs) PortfolioLine {
	p := PortfolioLine{AsOf: asOf, Cutoffs: []CutoffLine{}}
	for _, class := range []string{"A", "B", "C", "N"} {
		p.Classes = append(p.Classes, ClassLine{Class: class})
	}
	sales, positive := credit.Sales{}, int64(0)
	for i := range lines {
		p.add(&lines[i])
		sales = sales.And(lines[i].CreditSales)
		positive += max(0, lines[i].Value.Net)
	}
	for i := range p.Classes {
		if c := &p.Classes[i]; c.Class != "N" {
			c.Share = figure.Div(c.Net, positive)
		} else if positive > 0 {
			c.Share = figure.Of(0)
		}
	}
	p.CreditSales, p.SalesDays, p.DSO = sales.Amount, sales.Days, sales.DSO(p.Open)
	if p.DSO.Known {
		p.BestPossibleDSO = sales.DSO(p.Ageing.Current)
		p.Delinquent = figure.Of(p.DSO.Millionths - p.BestPossibleDSO.Millionths)
	}
	if cutoffs.Version != "" {
		p.CutoffVersion = &cutoffs.Version
	}
	for _, c := range cutoffs.List {
		p.Cutoffs = append(p.Cutoffs, CutoffLine(c))
	}
	return p
}

func (p *PortfolioLine) add(l *CustomerLine) {
	p.Customers++
	p.Net += l.Value.Net
	p.Orders += l.Value.Orders
	c, a := &l.Credit, &p.Ageing
	p.Open, p.Unapplied, p.Overdue = p.Open+c.Open, p.Unapplied+c.Unapplied, p.Overdue+c.Overdue
	p.Disputed, p.Exposure = p.Disputed+c.Disputed, p.Exposure+c.Exposure
	*a = AgeingLine{a.Current + c.Ageing.Current, a.D1To30 + c.Ageing.D1To30, a.D31To60 + c.Ageing.D31To60,
		a.D61To90 + c.Ageing.D61To90, a.D90Plus + c.Ageing.D90Plus}
	for i := range p.Classes {
		if k := &p.Classes[i]; k.Class == l.Value.Class {
			k.Customers++
			k.Net += l.Value.Net
		}
	}
}
