// Package tier decides which tier a customer has: a ladder with conditions to enter and to keep each rung, grace and
// minimum hold before a downgrade, and the reasons of every move.
package tier

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/portfolio"
	"github.com/tierstream/tierstream/pkg/value"
)

// Figures is all that a condition may look at, as of one instant.
type Figures struct {
	AsOf    civil.Instant
	Segment string // empty: none
	Kind    int    // place, from 1, of the policy's segment that it is the name of; 0: it is of none
	Value   value.Figures
	Credit  credit.Figures
	Judged  credit.Judged
	Signs   credit.Signs
	// Portfolio is where the customer stands by the cut-offs in force.
	Portfolio portfolio.Standing
}

// Condition is one text of the policy, compiled. It is pure: the same figures give the same verdict.
type Condition interface {
	Evaluate(*Figures) Verdict
}

// Verdict is what a condition found, and each comparison in it, in the order of the text.
type Verdict struct {
	Holds bool
	Tests []Test
}

// Test is one comparison of a condition.
type Test struct {
	Factor    string  // the name in the policy: value.net
	Op        string  // > >= < <= == != ; empty where the text is no plain comparison
	Value     float64 // money in major units
	Threshold float64
	Known     bool // the figure was computable; a comparison with one that is not does not hold
	Holds     bool
	Text      string // the comparison as the policy has it
	Class     string // the customer's class, where the comparison looks at it
	Grades    Grades // of a comparison of credit grades: these are no numbers, and Op is empty
}

// Grades is a comparison of the customer's credit grade with one of the policy's: the better is the greater. The zero value is none.
type Grades struct {
	Op           string
	Name, Bound  string // Name empty: the customer has none
	Place, Limit int64  // of the two, 1 is the best
}

// Rung is one tier of the ladder.
type Rung struct {
	Name  string
	Enter Condition // nil for the lowest
	Keep  Condition // nil: as Enter; the lowest is always kept
	Grace civil.Instant
	Hold  civil.Instant
}

// Ladder is the tiers, lowest first, and what the sentences of reasons need to know.
type Ladder struct {
	Rungs []Rung
	Words Words
}

// Words is what the policy says and a reason's sentence repeats: the windows, the decimals of the currency, and the
// calendar that its dates are of.
type Words struct {
	ValueDays, CreditDays, PromptnessDays, DSODays int // windows in days
	Scale                                          int // decimals of the currency: 2 for CNY, 0 for JPY
	Calendar                                       civil.Calendar
	RankedScore                                    bool // the value score goes by ranks, which move as others buy
}

// State is what is kept per customer.
type State struct {
	Tier    string        // empty before the first decision
	Since   civil.Instant // when Tier became effective
	Seq     int64         // number of changes so far; erasing a customer keeps it
	Failing civil.Instant // since when Keep doesn't hold; 0: it holds
	Pending civil.Instant // when the downgrade falls due; 0: none
}

// Direction says which way a change goes.
type Direction int

// The directions that a ladder can give.
const (
	Entry Direction = iota + 1
	Upgrade
	Downgrade
)

// Reason is why a change was made, or what is needed for one: one comparison, with the distance to its threshold.
// Margin is Value - Threshold turned so that it is positive, or 0, where the comparison holds.
type Reason struct {
	Code   string // stable, for other languages: one of the Code constants
	Test   Test
	Margin float64
	Params []Param // what the sentence says beside the test's own numbers, for other languages
	Text   string  // one English sentence
}

// Param is one value of a reason's sentence: tier, window_days, failing_since, grace_ended.
type Param struct{ Name, Value string }

// Change is one move of a customer.
type Change struct {
	From, To    string
	Direction   Direction
	Seq         int64
	DecidedAt   civil.Instant
	EffectiveAt civil.Instant
	Reasons     []Reason
}

// Advice is what it takes to climb to Tier, or, with Tier the present one, to stay.
type Advice struct {
	Tier     string
	Needs    []Reason
	ReviewAt civil.Instant // the next moment at which time alone can take the tier away; 0: none known
}
