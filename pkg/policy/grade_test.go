package policy

import (
	"testing"

	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/tier"
)

// Grades are ranked as the policy has them, the best as the greatest; who has none is unknown.
func TestGradesInConditions(t *testing.T) {
	c := testCompiler()
	for text, want := range map[string]string{ // which of none, AAA, AA, A, BBB it holds for
		`credit.grade >= "AA"`: ".++..", `credit.grade > "AA"`: ".+...", `credit.grade < "AA"`: "...++", `credit.grade <= "AA"`: "..+++",
		`credit.grade == "AA"`: "..+..", `credit.grade != "AA"`: ".+.++", `"A" < credit.grade`: ".++..", `"A" >= credit.grade`: "...++",
		`!(credit.grade >= "AA")`: "...++", `credit.grade == null`: "+....", `credit.grade != null`: ".++++",
		`credit.grade in ["AAA", "A"]`: ".+.+.", `credit.grade == null || credit.grade >= "A"`: "++++.",
		`value.net == 0 ? credit.grade == "A" : true`: "...+.", `value.net == 0 ? credit.grade != "A" : true`: ".++.+",
	} {
		cond, got := compiled(t, c, text), ""
		for grade := range int64(5) {
			got += map[bool]string{true: "+", false: "."}[cond.Evaluate(&tier.Figures{Credit: credit.Figures{Grade: grade}}).Holds]
		}
		if got != want {
			t.Errorf("%s holds for %s, want %s", text, got, want)
		}
	}
}

// A reason says grades by their names, as the comparison counts: under a ! it is turned around.
func TestReasonsOfGrades(t *testing.T) {
	c := testCompiler()
	for text, want := range map[string]string{
		`credit.grade >= "AA"`:    "The credit grade is A, below the AA at which this is raised. A >= AA below",
		`!(credit.grade >= "AA")`: "The credit grade is A, below the AA at which this is raised. A < AA below",
		`credit.grade == "A"`:     "The credit grade is A, exactly the A at which this is raised. A == A exactly",
		`"BBB" < credit.grade`:    "The credit grade is A, above the BBB at which this is raised. A > BBB above",
	} {
		r := tier.Words{}.Observe("SEEN", compiled(t, c, text).Evaluate(&tier.Figures{Credit: credit.Figures{Grade: 3}}).Tests[0], "at which this is raised")
		got := r.Text
		for _, p := range r.Params {
			got += " " + p.Value
		}
		if got != want || r.Test.Op != "" || r.Margin != 0 {
			t.Errorf("%s: %s\nwant %s", text, got, want)
		}
	}
}
