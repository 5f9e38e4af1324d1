package routes_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tierstream/tierstream/deploy/routes"
	"github.com/tierstream/tierstream/pkg/notice"
	parser "github.com/tierstream/tierstream/pkg/routes"
)

func example(t *testing.T) *parser.File {
	t.Helper()
	f, err := parser.Parse("deploy/routes/example.yaml", routes.Example)
	if err != nil || len(f.Warnings) > 0 {
		t.Fatalf("%v\n%v", err, f)
	}
	return f
}

func names(endpoints []parser.Endpoint) string {
	var out []string
	for _, e := range endpoints {
		out = append(out, e.Name)
	}
	return strings.Join(out, " ")
}

// Who is told of what by the example file.
func TestExample(t *testing.T) {
	f := example(t)
	for _, c := range []struct {
		n    notice.Notice
		want string
	}{
		{notice.Notice{Type: notice.TierChanged, Direction: "ENTRY", To: "gold", AccountManager: "li.wei"}, "crm"},
		{notice.Notice{Type: notice.TierChanged, Direction: "UPGRADE", From: "silver", To: "gold", AccountManager: "li.wei"}, "crm mail/li.wei"},
		{notice.Notice{Type: notice.TierChanged, Direction: "DOWNGRADE", From: "gold", To: "silver", AccountManager: "anna.berg"}, "crm sales mail/anna.berg"},
		{notice.Notice{Type: notice.TierChanged, Direction: "DOWNGRADE", From: "silver", To: "standard", AccountManager: "nobody"}, "crm mail"},
		{notice.Notice{Type: notice.TierChanged, Direction: "DOWNGRADE", From: "platinum", To: "standard"}, "crm sales mail"},
		{notice.Notice{Type: notice.CreditAlert, Kind: "OVERDUE", State: "RAISED"}, "crm credit-control mail"},
		{notice.Notice{Type: notice.CreditAlert, Kind: "GRADE_CHANGED", State: "RAISED"}, "crm"},
	} {
		for _, live := range []bool{true, false} {
			if c.n.Live = live; !live {
				c.want = ""
			}
			if got := names(f.For(&c.n)); got != c.want {
				t.Errorf("%s %s of %s, live %v: %q, want %q", c.n.Type, c.n.Subject(), c.n.AccountManager, live, got, c.want)
			}
		}
	}
	own, ok := f.Endpoint("mail/anna.berg")
	if !ok || own.Locale != parser.English || !slices.Equal(own.To, []string{"anna.berg@example.com"}) || own.Secret.String() != "file /run/secrets/smtp-password" {
		t.Errorf("%+v", own)
	}
	if _, ok := f.Endpoint("nobody"); ok {
		t.Error("there is an endpoint that the file doesn't have")
	}
}

// Each key of a match, by a notice that has its value and one that lacks it.
func TestMatch(t *testing.T) {
	const endpoints = "version: \"1\"\nendpoints: [{name: a, type: slack, url_env: A}]\ndefault: []\nroutes:\n  - {match: {"
	for match, c := range map[string]struct{ yes, no notice.Notice }{
		"type: credit.alert":             {notice.Notice{Type: notice.CreditAlert}, notice.Notice{Type: notice.TierChanged}},
		"direction: [UPGRADE, ENTRY]":    {notice.Notice{Direction: "ENTRY"}, notice.Notice{Direction: "DOWNGRADE"}},
		"kind: OVERDUE":                  {notice.Notice{Kind: "OVERDUE"}, notice.Notice{Kind: "LIMIT_NEAR"}},
		"state: RAISED":                  {notice.Notice{State: "RAISED"}, notice.Notice{State: "CLEARED"}},
		"severity: high":                 {notice.Notice{Severity: "high"}, notice.Notice{Severity: "low"}},
		"from_tier: gold":                {notice.Notice{From: "gold"}, notice.Notice{To: "gold"}},
		"to_tier: gold":                  {notice.Notice{To: "gold"}, notice.Notice{From: "gold"}},
		"tier: gold":                     {notice.Notice{To: "gold"}, notice.Notice{From: "silver", To: "standard"}},
		"tier: [gold]":                   {notice.Notice{From: "gold"}, notice.Notice{}},
		"segment: toys":                  {notice.Notice{Segment: "toys"}, notice.Notice{Segment: "Toys"}},
		"account_manager: 1024":          {notice.Notice{AccountManager: "1024"}, notice.Notice{}},
		"segment: toys, to_tier: [gold]": {notice.Notice{Segment: "toys", To: "gold"}, notice.Notice{Segment: "toys", To: "silver"}},
	} {
		f, err := parser.Parse("r.yaml", []byte(endpoints+match+"}, to: a}\n"))
		if err != nil {
			t.Fatal(err)
		}
		c.yes.Live, c.no.Live = true, true
		if names(f.For(&c.yes)) != "a" || names(f.For(&c.no)) != "" {
			t.Errorf("%s: %v and %v", match, f.For(&c.yes), f.For(&c.no))
		}
	}
}
