package codec_test

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/register"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

func TestAppendCustomer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &pb.ScorerCustomer{Version: drawn[int64](t, "version"), Control: drawn[int64](t, "control"), At: drawn[int64](t, "at"),
			Due: drawn[int64](t, "due"), Erased: drawn[bool](t, "erased"), WaitTime: drawn[int64](t, "wait time")}
		if rapid.Bool().Draw(t, "waits") {
			p.Wait = proto.Int32(drawn[int32](t, "wait"))
		}
		if rapid.Bool().Draw(t, "booked") {
			p.Booked = &pb.PortfolioTotals{Customers: 1, NetMinor: drawn[int64](t, "net"), Orders: 2, OpenMinor: drawn[int64](t, "open"), OverdueMinor: drawn[int64](t, "overdue"), Ranked: 1}
			if rapid.Bool().Draw(t, "by more") {
				p.Booked.By = &pb.RankedBy{ContributionMinor: drawn[int64](t, "contribution"), Contribution: drawn[bool](t, "all"), Segment: drawn[string](t, "segment"),
					NetWithin: drawn[bool](t, "by net"), OrdersWithin: drawn[bool](t, "by orders"), ContributionWithin: drawn[bool](t, "by contribution")}
			}
		}
		if rapid.Bool().Draw(t, "profile") {
			p.Profile = codec.CustomerProfile(drawn[register.Profile](t, "what profiles say"))
		}
		if rapid.Bool().Draw(t, "pages") {
			p.Days = rapid.SliceOfN(rapid.Byte(), 1, 9).Draw(t, "days")
		}
		s, l := drawn[value.State](t, "value"), drawn[credit.Ledger](t, "ledger")
		if !l.HasSale {
			l.FirstSale = 0
		}
		if !l.HasLoss {
			l.LastLoss = 0
		}
		before := []byte("before")
		b := codec.AppendCustomer(before, p, s, &l)[len(before):]
		got := &pb.ScorerCustomer{}
		canonical(t, b, got)
		if err := codec.ReadSpans(got); err != nil {
			t.Fatal(err)
		}
		if x := codec.ReadValue(got); !reflect.DeepEqual(x, s) {
			t.Fatalf("value %+v, want %+v", x, s)
		}
		if x := codec.ReadLedger(got.Ledger); !reflect.DeepEqual(x, l) {
			t.Fatalf("ledger %+v, want %+v", x, l)
		}
		got.Buckets, got.Ledger, got.LastOrderAt, got.FirstOrderDay = nil, nil, 0, 0
		if !proto.Equal(got, p) {
			t.Fatalf("%v, want %v", got, p)
		}
	})
}

// Fields of a newer program stay.
func TestAppendCustomerKeepsWhatItDoesNotKnow(t *testing.T) {
	p := &pb.ScorerCustomer{Version: 3, Booked: &pb.PortfolioTotals{Customers: 1, By: &pb.RankedBy{}}}
	p.Booked.By.ProtoReflect().SetUnknown([]byte{0xf8, 0x01, 7})
	p.ProtoReflect().SetUnknown([]byte{0xf8, 0x01, 5})
	p.Booked.ProtoReflect().SetUnknown([]byte{0xf8, 0x01, 6})
	x := &pb.CustomerProfile{Ratings: []*pb.ProfileRating{{}}, Attributes: []*pb.ProfileAttribute{{}}, Limit: &pb.ProfileLimit{}, Block: &pb.ProfileBlock{}}
	for i, m := range []proto.Message{x.Ratings[0], x.Attributes[0], x.Limit, x.Block, x} {
		m.ProtoReflect().SetUnknown([]byte{0xf8, 0x01, byte(i)})
	}
	p.Profile = x
	want := proto.CloneOf(p)
	want.Ledger = &pb.LedgerState{}
	got := &pb.ScorerCustomer{}
	if err := proto.Unmarshal(codec.AppendCustomer(nil, p, value.State{}, &credit.Ledger{}), got); err != nil || !proto.Equal(got, want) {
		t.Errorf("%v, want %v: %v", got, want, err)
	}
}

func TestAppendPage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawn[codec.Days](t, "days")
		first := drawn[civil.Day](t, "first day")
		b := codec.AppendPage(nil, &d, first)
		canonical(t, b, &pb.HistoryPage{})
		got := codec.Days{}
		if err := got.ReadPage(b, first); d.Len() == 0 && err == nil {
			t.Fatal("a page of nothing is read")
		} else if d.Len() > 0 && (err != nil || !reflect.DeepEqual(got, d)) {
			t.Fatalf("%+v, want %+v: %v", got, d, err)
		}
	})
}

// What is bought and paid on one day takes few bytes, and what is usual fewest.
func TestPagesAreSmall(t *testing.T) {
	day := civil.Day(20490)
	item := credit.Item{Ref: credit.Ref{ID: "SO-1"}, Source: "erp", Opened: day - 30, Due: day, Amount: 900, Left: 900}
	d := codec.Days{Buckets: []value.Bucket{{Day: day, Gross: 900, Orders: 1}}, Settled: []credit.SettledDay{{Day: day, Settled: 1, Beyond: -3}},
		Portions: []credit.Portion{{Day: day, Beyond: -3, Amount: 900}}, Sales: []credit.Sale{{Day: day, Amount: 900}}, Items: []credit.Item{item}}
	for name, x := range map[string]struct {
		days codec.Days
		want int
	}{
		"a bucket":          {codec.Days{Buckets: d.Buckets}, 4 + 3},
		"two buckets":       {codec.Days{Buckets: []value.Bucket{d.Buckets[0], {Day: day + 60, Gross: 900, Orders: 1}}}, 4 + 6},
		"of many orders":    {codec.Days{Buckets: []value.Bucket{{Day: day, Gross: 900, Orders: 2}}}, 4 + 5},
		"a settled day":     {codec.Days{Settled: d.Settled}, 4 + 2},
		"settled in time":   {codec.Days{Settled: []credit.SettledDay{{Day: day, Settled: 1}}}, 4 + 2},
		"settled late":      {codec.Days{Settled: []credit.SettledDay{{Day: day, Settled: 1, Late: 1, Beyond: 3}}}, 4 + 2},
		"some of it late":   {codec.Days{Settled: []credit.SettledDay{{Day: day, Settled: 5, Late: 2, Beyond: 3}}}, 4 + 5},
		"a portion":         {codec.Days{Portions: d.Portions}, 4 + 4},
		"a sale":            {codec.Days{Sales: d.Sales}, 4 + 3},
		"an item":           {codec.Days{Items: d.Items}, 4 + 14},
		"two of one system": {codec.Days{Items: []credit.Item{item, item}}, 4 + 14 + 9},
		"all":               {d, 3 + 5 + 3 + 2 + 4 + 3 + 14},
	} {
		if n := len(codec.AppendPage(nil, &x.days, day)); n != x.want {
			t.Errorf("%s takes %d bytes, want %d", name, n, x.want)
		}
	}
}

// What nobody writes is refused.
func TestReadPageRefuses(t *testing.T) {
	d := codec.Days{Buckets: []value.Bucket{{Day: 20490, Gross: 900, Orders: 3, Returns: 4, Cost: 5, Back: 6, Categories: []value.Category{{Code: 1, Net: 2}}, Service: &value.Service{Contacts: 1}}},
		Settled: []credit.SettledDay{{Day: 20490}}, Portions: []credit.Portion{{Day: 20490}}, Sales: []credit.Sale{{Day: 20490}},
		Items: []credit.Item{{Ref: credit.Ref{ID: "SO-1"}, Source: "erp", Due: 20490, Amount: 1, Disputed: 1, Currency: fx.CodeOf("EUR"), DocumentLeft: 2}}}
	b := codec.AppendPage(nil, &d, 20480)
	packed := func(b ...byte) []byte { return append([]byte{6<<3 | 2, byte(len(b))}, b...) }
	all := map[string][]byte{
		"one more byte":          packed(append(b[2:len(b):len(b)], 0)...),
		"no bytes":               {},
		"nothing":                packed(),
		"no lists":               packed(0),
		"packed and not":         append(packed(2, 1, 0, 0), 0x32, 0),
		"another list":           packed(32),
		"a list of none":         packed(1, 0),
		"too long a list":        packed(8, 2, 0, 9),
		"no day":                 packed(8, 1, 0xff, 0xff, 0xff, 0xff, 0x7f, 9),
		"no bit":                 packed(1, 1, 1, 0, 9),
		"another bit":            packed(1, 1, 1, 0x80, 1, 9),
		"another bit of a day":   packed(2, 1, 1, 4, 9),
		"another bit of an item": packed(16, 1, 1, 64, 0, 1, 'x', 9),
		"terms too long":         packed(16, 1, 0, 0xfe, 0xff, 0xff, 0xff, 0x7f, 1, 'x', 9),
		"no text":                packed(16, 1, 0, 0, 1, 0xff, 9),
		"no currency":            packed(16, 1, 1, 16, 0, 1, 'x', 9, 2, 'E', 'U'),
		"twice":                  append(packed(2, 1, 0, 0), packed(2, 1, 0, 0)...),
		"and a list":             append(packed(2, 1, 0, 0), 0x22, 0),
	}
	for n := 3; n < len(b); n++ {
		all[fmt.Sprint("the first ", n, " bytes")] = packed(b[2:n]...)
	}
	for name, b := range all {
		if err := new(codec.Days).ReadPage(b, 20480); err == nil {
			t.Errorf("%s: %x is read", name, b)
		}
	}
}

// An item says how many days it may be open, and what isn't left of it: as a rule a byte, and nothing.
func TestItemsAreWrittenOnTerms(t *testing.T) {
	item := func(opened, due civil.Day, amount, left int64) credit.Item {
		return credit.Item{Ref: credit.Ref{ID: "SO-1"}, Source: "erp", Opened: opened, Due: due, Amount: amount, Left: left}
	}
	for _, x := range []struct {
		item credit.Item
		want *pb.LedgerItem
	}{
		{item(20490, 20520, 900, 900), &pb.LedgerItem{Opened: 20490, Terms: proto.Int32(30), Amount: 900}},
		{item(20490, 20490, 900, 100), &pb.LedgerItem{Opened: 20490, Terms: proto.Int32(0), Amount: 900, Cleared: 800}},
		{item(20490, 20480, 900, 0), &pb.LedgerItem{Opened: 20490, Terms: proto.Int32(-10), Amount: 900, Cleared: 900}},
		{item(0, 0, 0, 5), &pb.LedgerItem{Terms: proto.Int32(0), Cleared: -5}},
		{item(math.MinInt32, math.MaxInt32, math.MinInt64, math.MaxInt64), &pb.LedgerItem{Opened: math.MinInt32, Terms: proto.Int32(-1), Amount: math.MinInt64, Cleared: 1}},
	} {
		x.want.Id, x.want.Source = "SO-1", "erp"
		got := &pb.ScorerCustomer{}
		if err := proto.Unmarshal(codec.AppendCustomer(nil, got, value.State{}, &credit.Ledger{Items: []credit.Item{x.item}}), got); err != nil || !proto.Equal(got.Ledger.Items[0], x.want) {
			t.Errorf("%+v is written as %v, want %v: %v", x.item, got.Ledger.Items, x.want, err)
		}
		if read := codec.ReadLedger(got.Ledger).Items; read[0] != x.item {
			t.Errorf("%+v is read as %+v", x.item, read)
		}
	}
}

// Pages that were written before terms were are read as ever: by the due day, and by what is left. So are those of messages, now that pages are packed.
func TestFormerPages(t *testing.T) {
	want := []credit.Item{
		{Ref: credit.Ref{Invoice: true, ID: "INV-1"}, Source: "erp", Opened: 20490, Due: 20520, Amount: 900, Left: 800, Disputed: 10},
		{Ref: credit.Ref{ID: "SO-2"}, Source: "erp", Due: 20520, Amount: 5, Left: 5, Currency: fx.CodeOf("EUR"), DocumentLeft: 4},
		{Ref: credit.Ref{ID: "SO-3"}, Source: "shop", Due: 20521, Left: 1},
	}
	var pages [3]codec.Days
	for i, name := range []string{"page", "page-on-terms", "page-packed"} {
		if err := pages[i].ReadPage(readGolden(t, "record.HistoryPage."+name+".bin"), 20480); err != nil || !reflect.DeepEqual(pages[i].Items, want) {
			t.Errorf("%s is read as %+v: %v", name, pages[i].Items, err)
		}
		if !reflect.DeepEqual(pages[i], pages[0]) {
			t.Errorf("%s is read as %+v, and the first as %+v", name, pages[i], pages[0])
		}
	}
}

// What former programs wrote for a directory is the same however they did.
func TestFormerDirectories(t *testing.T) {
	span := func(n int32, split ...byte) *pb.HistorySpan { return &pb.HistorySpan{Span: n, Split: split} }
	none := []byte{0}
	for name, x := range map[string]struct {
		spans []*pb.HistorySpan
		pages [][]byte // nil: as spans
	}{
		"none":                  {},
		"one":                   {[]*pb.HistorySpan{span(312, 3, 0)}, [][]byte{{3, 0}}},
		"two":                   {[]*pb.HistorySpan{span(-1), span(0, 1, 0)}, [][]byte{{}, {1, 0}}},
		"the last of all":       {[]*pb.HistorySpan{span(math.MaxInt32 - 1), span(math.MaxInt32)}, [][]byte{{}, {}}},
		"fewer gaps than pages": {[]*pb.HistorySpan{span(312), span(314, 1, 0), span(315)}, [][]byte{{}, none, {1, 0}, {}}},
		"two gaps in a row":     {[]*pb.HistorySpan{span(312), span(315), span(316)}, [][]byte{{}, none, none, {}, {}}},
		"as many gaps as pages": {spans: []*pb.HistorySpan{span(312), span(314), span(317)}},
	} {
		got := &pb.ScorerCustomer{Spans: x.spans}
		if x.pages != nil {
			got = &pb.ScorerCustomer{Pages: x.pages, FirstSpan: x.spans[0].Span}
		}
		if err := codec.ReadSpans(got); err != nil || !proto.Equal(got, &pb.ScorerCustomer{Spans: x.spans}) {
			t.Errorf("%s: read as %v: %v", name, got, err)
		}
	}
}

func TestReadSpansRefusesWhatNobodyWrote(t *testing.T) {
	none, whole := []byte{0}, []byte{}
	for name, p := range map[string]*pb.ScorerCustomer{
		"no page first":   {Pages: [][]byte{none, whole, whole}},
		"no page last":    {Pages: [][]byte{whole, whole, none}},
		"no page at all":  {Pages: [][]byte{none}},
		"both":            {Pages: [][]byte{whole}, Spans: []*pb.HistorySpan{{}}},
		"after all spans": {Pages: [][]byte{whole, whole}, FirstSpan: math.MaxInt32},
		"no pages":        {FirstSpan: 1},
		"and days":        {Pages: [][]byte{whole}, Days: []byte{1}},
		"days and a span": {Spans: []*pb.HistorySpan{{}}, Days: []byte{1}},
		"days from one":   {FirstSpan: 1, Days: []byte{1}},
	} {
		if err := codec.ReadSpans(p); err == nil {
			t.Errorf("%s: read as %v", name, p)
		}
	}
}

// What is written and read with every event makes nothing: of items, only what their texts need.
func TestCustomersAreWrittenInPlace(t *testing.T) {
	p := &pb.ScorerCustomer{Days: []byte{0xf0, 4, 0, 1}}
	l := &credit.Ledger{Items: []credit.Item{{Source: "erp", Opened: 20490, Due: 20520, Amount: 9, Left: 8}}}
	b := make([]byte, 0, 1<<10)
	if n := testing.AllocsPerRun(100, func() { codec.AppendCustomer(b, p, value.State{}, l) }); n > 0 {
		t.Errorf("a customer is written with %v allocations", n)
	}
	d := codec.Days{}
	for range 9 {
		d.Items = append(d.Items, l.Items[0])
	}
	page, read := codec.AppendPage(nil, &d, 20520), codec.Days{Items: make([]credit.Item, 0, 9)}
	if n := testing.AllocsPerRun(100, func() {
		if again := read; again.ReadPage(page, 20520) != nil || len(again.Items) != 9 {
			t.Error("the page isn't read")
		}
	}); n > 2 { // the text, and the days
		t.Errorf("nine items are read with %v allocations", n)
	}
}
