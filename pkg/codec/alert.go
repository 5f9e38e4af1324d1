package codec

import pb "github.com/tierstream/tierstream/proto/tierstream/v1"

// AlertLine is a line of credit-alerts.jsonl, and what webhooks carry of a credit alert.
type AlertLine struct {
	AlertID        string       `json:"alert_id"`
	CustomerID     string       `json:"customer_id"`
	Seq            int64        `json:"seq"`
	Kind           string       `json:"kind"`
	State          string       `json:"state"`
	Clears         string       `json:"clears"`
	Severity       string       `json:"severity"`
	Mode           string       `json:"mode"`
	DecidedAt      Instant      `json:"decided_at"`
	Policy         PolicyLine   `json:"policy"`
	GradeFrom      string       `json:"grade_from"`
	GradeTo        string       `json:"grade_to"`
	Reasons        []ReasonLine `json:"reasons"`
	Items          []ItemLine   `json:"items"`
	Exposure       int64        `json:"exposure_minor"`
	Overdue        int64        `json:"overdue_minor"`
	Advice         string       `json:"advice"`
	AccountManager string       `json:"account_manager"`
	CustomerName   string       `json:"customer_name"`
	Segment        string       `json:"segment"`
}

// ItemLine is one open item of an alert.
type ItemLine struct {
	InvoiceID string `json:"invoice_id"`
	Amount    int64  `json:"amount_minor"`
	Currency  string `json:"currency"`
	Days      int64  `json:"days"`
}

// Alert makes a line of a credit alert.
func Alert(a *pb.CreditAlert) AlertLine {
	l := AlertLine{
		AlertID: a.AlertId, CustomerID: a.CustomerId, Seq: a.Seq, Kind: a.Kind.String(), State: a.State.String(), Clears: a.Clears,
		Severity: a.Severity, Mode: a.Mode.String(), DecidedAt: instant(a.DecidedAt),
		Policy:    PolicyLine{a.Policy.GetVersion(), a.Policy.GetHash()},
		GradeFrom: a.GradeFrom, GradeTo: a.GradeTo, Reasons: reasonLines(a.Reasons), Items: make([]ItemLine, 0, len(a.Items)),
		Exposure: a.ExposureMinor, Overdue: a.OverdueMinor, Advice: a.Advice,
		AccountManager: a.AccountManager, CustomerName: a.CustomerName, Segment: a.Segment,
	}
	for _, i := range a.Items {
		l.Items = append(l.Items, ItemLine{i.InvoiceId, i.AmountMinor, i.Currency, i.Days})
	}
	return l
}

// SignalLine is a line of signals.jsonl, and what webhooks carry of a signal.
type SignalLine struct {
	SignalID       string       `json:"signal_id"`
	CustomerID     string       `json:"customer_id"`
	Seq            int64        `json:"seq"`
	Kind           string       `json:"kind"`
	State          string       `json:"state"`
	Clears         string       `json:"clears"`
	Severity       string       `json:"severity"`
	Mode           string       `json:"mode"`
	DecidedAt      Instant      `json:"decided_at"`
	Policy         PolicyLine   `json:"policy"`
	Reasons        []ReasonLine `json:"reasons"`
	Advice         string       `json:"advice"`
	AccountManager string       `json:"account_manager"`
	CustomerName   string       `json:"customer_name"`
	Segment        string       `json:"segment"`
}

// Signal makes a line of a signal.
func Signal(s *pb.CustomerSignal) SignalLine {
	return SignalLine{
		SignalID: s.SignalId, CustomerID: s.CustomerId, Seq: s.Seq, Kind: s.Kind.String(), State: s.State.String(), Clears: s.Clears,
		Severity: s.Severity, Mode: s.Mode.String(), DecidedAt: instant(s.DecidedAt),
		Policy: PolicyLine{s.Policy.GetVersion(), s.Policy.GetHash()}, Reasons: reasonLines(s.Reasons), Advice: s.Advice,
		AccountManager: s.AccountManager, CustomerName: s.CustomerName, Segment: s.Segment,
	}
}
