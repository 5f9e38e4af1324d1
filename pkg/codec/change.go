// Package codec is where the contract meets the domain: what producers send, what the logs and Redis carry, and what
// people read, each as values of the domain packages. It is the only package that imports both.
package codec

import (
	"encoding/json"
	"io"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// NewEncoder writes lines as every file and webhook of the contract has them: <, > and & stay readable.
func NewEncoder(w io.Writer) *json.Encoder {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc
}

// ChangeLine is a line of tier-changes.jsonl.
type ChangeLine struct {
	ChangeID       string        `json:"change_id"`
	CustomerID     string        `json:"customer_id"`
	Seq            int64         `json:"seq"`
	Ladder         string        `json:"ladder"`
	From           string        `json:"from"`
	To             string        `json:"to"`
	Direction      string        `json:"direction"`
	Mode           string        `json:"mode"`
	DecidedAt      Instant       `json:"decided_at"`
	EffectiveAt    Instant       `json:"effective_at"`
	Trigger        TriggerLine   `json:"trigger"`
	Policy         PolicyLine    `json:"policy"`
	CutoffVersion  string        `json:"cutoff_version"`
	Reasons        []ReasonLine  `json:"reasons"`
	ValueScore     *float64      `json:"value_score"`
	Credit         *StandingLine `json:"credit"`
	ToNext         *NextLine     `json:"to_next"`
	ToKeep         *KeepLine     `json:"to_keep"`
	Plan           string        `json:"plan"`
	Supersedes     string        `json:"supersedes"`
	AccountManager string        `json:"account_manager"`
	CustomerName   string        `json:"customer_name"`
	Segment        string        `json:"segment"`
}

// TriggerLine is what a change comes from.
type TriggerLine struct {
	Kind    string `json:"kind"`
	EventID string `json:"event_id"`
	Topic   string `json:"topic"`
}

// PolicyLine names a policy.
type PolicyLine struct {
	Version string `json:"version"`
	Hash    string `json:"hash"`
}

// StandingLine is a credit grade.
type StandingLine struct {
	Grade string   `json:"grade"`
	Score *float64 `json:"score"`
}

// ReasonLine is one comparison that a decision rests on.
type ReasonLine struct {
	Code      string            `json:"code"`
	Params    map[string]string `json:"params"`
	Factor    string            `json:"factor"`
	Value     *float64          `json:"value"`
	Threshold *float64          `json:"threshold"`
	Margin    *float64          `json:"margin"`
	Text      string            `json:"text"`
}

// Change makes a line of a tier change.
func Change(c *pb.TierChange) ChangeLine {
	l := ChangeLine{
		ChangeID: c.ChangeId, CustomerID: c.CustomerId, Seq: c.Seq, Ladder: c.Ladder, From: c.From, To: c.To,
		Direction: c.Direction.String(), Mode: c.Mode.String(), DecidedAt: instant(c.DecidedAt), EffectiveAt: instant(c.EffectiveAt),
		Trigger:       TriggerLine{c.Trigger.GetKind().String(), c.Trigger.GetEventId(), c.Trigger.GetTopic()},
		Policy:        PolicyLine{c.Policy.GetVersion(), c.Policy.GetHash()},
		CutoffVersion: c.CutoffVersion, Reasons: reasonLines(c.Reasons), ValueScore: c.ValueScore,
		ToNext: Next(c.ToNext), ToKeep: Keep(c.ToKeep), Plan: c.Plan, Supersedes: c.Supersedes,
		AccountManager: c.AccountManager, CustomerName: c.CustomerName, Segment: c.Segment,
	}
	if c.Credit != nil {
		l.Credit = &StandingLine{c.Credit.Grade, c.Credit.Score}
	}
	return l
}

func reasonLines(rs []*pb.Reason) []ReasonLine {
	out := make([]ReasonLine, 0, len(rs))
	for _, r := range rs {
		l := ReasonLine{Code: r.Code, Params: map[string]string{}, Factor: r.Factor, Value: r.Value, Threshold: r.Threshold, Margin: r.Margin, Text: r.Text}
		for _, p := range r.Params {
			l.Params[p.Name] = p.Value
		}
		out = append(out, l)
	}
	return out
}
