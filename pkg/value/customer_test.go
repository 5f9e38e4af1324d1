package value_test

import (
	"reflect"
	"testing"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/register"
	"github.com/tierstream/tierstream/pkg/value"
)

var (
	window30 = value.Config{WindowDays: 30}
	plain    = &value.Config{}
)

// sales are the figures of what was bought and returned alone.
func sales(f value.Figures) value.Figures {
	return value.Figures{Gross: f.Gross, Returns: f.Returns, Net: f.Net, Orders: f.Orders, ReturnCount: f.ReturnCount,
		LastOrderAt: f.LastOrderAt, MeanGap: f.MeanGap}
}

// order is a share of one order with no returns, at noon of its day.
func order(day civil.Day, gross int64) value.Share {
	return value.Share{Bucket: value.Bucket{Day: day, Gross: gross, Orders: 1}, At: noon(day)}
}

// back is a share of an unlinked return.
func back(day civil.Day, returns int64) value.Share {
	return value.Share{Bucket: value.Bucket{Day: day, Returns: returns, ReturnCount: 1, Back: returns}}
}

func noon(day civil.Day) civil.Instant { return civil.Calendar{}.Start(day) + 12*civil.Hour }

func holding(shares ...value.Share) (s value.State) {
	for _, x := range shares {
		s.Add(x)
	}
	return s
}

func TestOfOrder(t *testing.T) {
	linked := func(values ...int64) (out []register.LinkedReturn) {
		for _, v := range values {
			out = append(out, register.LinkedReturn{Value: v, Amount: v + 19, Day: 500})
		}
		return out
	}
	for _, c := range []struct {
		says                    string
		doc                     register.OrderDoc
		returns                 []register.LinkedReturn
		gross, returned, beyond int64
		count                   int32
	}{
		{"tax and freight don't count", register.OrderDoc{Amount: 125, Tax: 20, Freight: 5}, nil, 100, 0, 0, 0},
		{"never below 0", register.OrderDoc{Amount: 10, Tax: 20, Freight: 5}, nil, 0, 0, 0, 0},
		{"an amount of 0 is an order", register.OrderDoc{}, nil, 0, 0, 0, 0},
		{"returns add up", register.OrderDoc{Amount: 100}, linked(30, 20), 100, 50, 0, 2},
		{"all of it", register.OrderDoc{Amount: 100}, linked(30, 70), 100, 100, 0, 2},
		{"no more than all of it", register.OrderDoc{Amount: 100}, linked(30, 90), 100, 100, 20, 2},
		{"of nothing, nothing", register.OrderDoc{}, linked(5), 0, 0, 5, 1},
	} {
		got, beyond := plain.OfOrder(c.doc, 7, 400, c.returns)
		want := value.Share{Bucket: value.Bucket{Day: 400, Gross: c.gross, Returns: c.returned, Orders: 1, ReturnCount: c.count}, At: 7}
		if got.Costed != 0 || got.Cost != 0 || !reflect.DeepEqual(got, want) || beyond != c.beyond {
			t.Errorf("%s: %+v and %d beyond it, want %+v and %d", c.says, got, beyond, want, c.beyond)
		}
	}
}

func TestOfReturn(t *testing.T) {
	got := value.OfReturn(register.Return{Amount: 119, Tax: 19}, 400)
	if want := back(400, 100); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestFigures(t *testing.T) {
	for _, c := range []struct {
		says  string
		state value.State
		today civil.Day
		want  value.Figures
	}{
		{"nothing", holding(), 100, value.Figures{}},
		{"today counts so far", holding(order(100, 50)), 100, value.Figures{Gross: 50, Net: 50, Orders: 1, LastOrderAt: noon(100)}},
		{"so does the first of the full days before", holding(order(70, 50)), 100, value.Figures{Gross: 50, Net: 50, Orders: 1, LastOrderAt: noon(70)}},
		{"the day before it doesn't; the last order is of all time", holding(order(69, 50)), 100, value.Figures{LastOrderAt: noon(69)}},
		{"a day to come doesn't yet", holding(back(101, 50)), 100, value.Figures{}},
		{"orders of amount 0 count", holding(order(90, 0), order(90, 0)), 100, value.Figures{Orders: 2, LastOrderAt: noon(90)}},
		{"returns beyond what was bought: net is negative", holding(order(90, 10), back(95, 30)), 100,
			value.Figures{Gross: 10, Returns: 30, Net: -20, Orders: 1, ReturnCount: 1, LastOrderAt: noon(90)}},
		{"two purchase days have a gap, orders on the same day none", holding(order(80, 1), order(80, 1), order(90, 1)), 100,
			value.Figures{Gross: 3, Net: 3, Orders: 3, LastOrderAt: noon(90), MeanGap: figure.Of(10_000_000)}},
		{"the gap is a mean", holding(order(80, 1), order(83, 1), order(90, 1), order(87, 1)), 100,
			value.Figures{Gross: 4, Net: 4, Orders: 4, LastOrderAt: noon(90), MeanGap: figure.Of(3_333_333)}},
		{"days without an order and days outside have no part in the gap", holding(order(60, 1), order(80, 1), back(95, 0), order(84, 1), order(110, 1)), 100,
			value.Figures{Gross: 2, Net: 2, Orders: 2, ReturnCount: 1, LastOrderAt: noon(110), MeanGap: figure.Of(4_000_000)}},
	} {
		if got := sales(c.state.Figures(window30, c.today, value.Profile{})); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.says, got, c.want)
		}
	}
}

func TestRemoveSaysWhenTheFirstOrLastOrderIsLost(t *testing.T) {
	s := holding(order(70, 10), order(80, 10), order(90, 20), back(95, 5))
	if s.Remove(order(80, 10)) {
		t.Error("an order between is neither the first nor the last")
	}
	if s.Remove(back(95, 5)) {
		t.Error("a return is no order")
	}
	if !s.Remove(order(90, 20)) {
		t.Error("the last order went, and nobody was told")
	}
	if !s.Remove(order(70, 10)) {
		t.Error("the first order went, and nobody was told")
	}
	if len(s.Buckets) != 0 {
		t.Errorf("empty buckets stay: %v", s.Buckets)
	}
}

func TestNextDay(t *testing.T) {
	for _, c := range []struct {
		says  string
		state value.State
		want  civil.Day // 0: none
	}{
		{"nothing changes", holding(), 0},
		{"a roll-off", holding(order(90, 1)), 121},
		{"today's own", holding(order(100, 1)), 131},
		{"the earliest of them", holding(order(90, 1), back(71, 1)), 102},
		{"the last day of the window leaves tomorrow", holding(order(70, 1)), 101},
		{"what has left doesn't leave again", holding(order(69, 1)), 0},
		{"a day to come comes", holding(order(90, 1), order(103, 1)), 103},
	} {
		got, ok := c.state.NextDay(window30, 100)
		if got != c.want || ok != (c.want != 0) {
			t.Errorf("%s: %d %t, want %d", c.says, got, ok, c.want)
		}
	}
}

// A longer window that a new policy brings finds its days, up to HistoryDays.
func TestPruneKeepsHistory(t *testing.T) {
	const today = 2000
	s := holding(order(today-value.HistoryDays-1, 1), order(today-value.HistoryDays, 2), order(today-31, 4))
	s.Prune(window30, today)
	if got := s.Figures(value.Config{WindowDays: value.HistoryDays}, today, value.Profile{}).Gross; got != 6 {
		t.Errorf("the longest window has a gross of %d, want 6", got)
	}
	if len(s.Buckets) != 2 {
		t.Errorf("%d buckets are kept, want 2", len(s.Buckets))
	}
	long := value.Config{WindowDays: 1000}
	s = holding(order(today-1001, 1), order(today-1000, 2))
	s.Prune(long, today)
	if got := s.Figures(long, today, value.Profile{}).Gross; got != 2 || len(s.Buckets) != 1 {
		t.Errorf("a window of 1000 days has a gross of %d from %d buckets, want 2 from 1", got, len(s.Buckets))
	}
}
