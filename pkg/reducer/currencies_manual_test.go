package reducer_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// The table of docs/value.md is what comes of its documents, row by row.
func TestCurrenciesOfTheManual(t *testing.T) {
	text, err := os.ReadFile("../../docs/value.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| (\d+) \| (.+) \| ([\d.]*) ?\| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$`).FindAllStringSubmatch(string(text), -1)
	if len(rows) != 6 {
		t.Fatalf("the table has %d rows", len(rows))
	}
	l := wall(t, standard)
	for _, row := range rows {
		day, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(err)
		}
		l.put(told(t, day, row[2], row[3]))
		minor := func(text string) int64 {
			f, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			return int64(math.Round(f * 100))
		}
		checkFigures(t, l.figures(), fmt.Sprintf("gross %d, returns_minor %d, net %d", minor(row[4]), minor(row[5]), minor(row[6])))
	}
}

// told is the fact of a row.
func told(t *testing.T, day int, text, rate string) *pb.Fact {
	t.Helper()
	m := regexp.MustCompile(`^(\w+) (placed|amended|cancelled|returned)(?: of (\w+)|, of no order)?(?:: ([\d.]+) (\w+))?$`).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("%q says nothing", text)
	}
	major, _ := strconv.ParseFloat(m[4], 64)
	amount := int64(math.Round(major * 100))
	var f *pb.Fact
	switch m[2] {
	case "placed":
		f = places("", day, m[1], amount, nil, false)
	case "amended":
		f = amends("", day, m[1], amount)
	case "cancelled":
		return cancels("", day, m[1])
	default:
		f = returns("", day, m[1], amount, m[3], "")
	}
	if m[5] == "CNY" {
		return f
	}
	return inCurrency(f, m[5]+" "+rate)
}
