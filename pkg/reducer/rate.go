package reducer

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/tier"
)

// rate is the customer's credit as of any moment of today, judged as that of a segment. Silence is judged as far as the rule says.
func (c *customer) rate(r rule, segment int, today civil.Day) (credit.Figures, credit.Score) {
	said := credit.Profile{Blocked: c.profile.BlockedOn(today), Grade: c.profile.Rating.Grade, Source: c.profile.Rating.Source}
	said.Limit.Minor, said.Limit.Known = c.profile.LimitOn(today)
	return c.ledger.Rate(*r.policy.CreditOf(segment), said, today, r.judged(today))
}

// rateLine adds what a person reads beside the figures: what the score is made of, the trend, and the advice.
func (c *customer) rateLine(line *codec.CreditLine, p *policy.Policy, today civil.Day, f *tier.Figures, s credit.Score, tier string) {
	cfg := *p.CreditOf(f.Kind)
	line.Rate(cfg, s, c.ledger.Trend(cfg, today), c.ledger.Collection(cfg, f.Credit, today))
	line.Advise(cfg, tier, f.Credit.Grade, f.Value.Net)
}
