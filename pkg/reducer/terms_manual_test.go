package reducer_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// The table of docs/credit.md is what comes of what is said of an order's terms, row by row: when it is due, and how long it is overdue.
func TestTermsOfTheManual(t *testing.T) {
	text, err := os.ReadFile("../../docs/credit.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?m)^\| (\d+) \| (placed|amended): (?:terms of (\d+) days)?(?:, )?(?:due on (\d+))?(?:nothing of terms)? \| (\d+) \| (\d+) \|$`)
	rows := row.FindAllStringSubmatch(string(text), -1)
	if len(rows) != 5 {
		t.Fatalf("the table has %d rows", len(rows))
	}
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	l := wall(t, standard)
	for _, m := range rows {
		var terms *int32
		var due *string
		if m[3] != "" {
			terms = days(int32(number(m[3])))
		}
		if m[4] != "" {
			date := (civil.Calendar{}).DayOf(noon(number(m[4]))).String()
			due = &date
		}
		e := &pb.OrderEvent{OrderId: "SO1", Kind: &pb.OrderEvent_Amended{Amended: &pb.OrderAmended{TermsDays: terms, DueDate: due}}}
		if m[2] == "placed" {
			e.Kind = &pb.OrderEvent_Placed{Placed: &pb.OrderPlaced{AmountMinor: 100, Currency: "CNY", TermsDays: terms, DueDate: *due}}
		}
		l.put(orderPaper("", number(m[1]), e))
		if takenIn-number(m[5]) != number(m[6]) {
			t.Errorf("due on %s, and overdue by %s on day %d", m[5], m[6], takenIn)
		}
		checkFigures(t, l.figures(), fmt.Sprintf("overdue 100, max_days_overdue %s", m[6]))
	}
}
