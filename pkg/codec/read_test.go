package codec_test

import (
	"reflect"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/tier"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// reduced is a fact without what ReadFact may leave out.
func reduced(f *pb.Fact) *pb.Fact {
	f = proto.CloneOf(f)
	if o := f.GetOrder(); o != nil {
		o.RecordedAt = nil
		if o.GetFulfilled() != nil {
			o.GetFulfilled().DeliveryId = ""
		}
		if o.GetPlaced() != nil {
			for _, l := range o.GetPlaced().Lines {
				l.Sku, l.Quantity = "", 0
			}
		}
	}
	if f.GetInvoice() != nil {
		f.GetInvoice().RecordedAt = nil
	}
	if f.GetPayment() != nil {
		f.GetPayment().RecordedAt = nil
	}
	return f
}

// agree says that reading by hand gives what proto.Unmarshal does, for a fact and for a score: that or an error from both; and that a page is the
// same when it is written again.
// A line that is left out may be broken unseen.
func agree(t *testing.T, b []byte) {
	t.Helper()
	fact, score := &pb.Fact{}, &pb.Score{}
	wantFact, wantScore := proto.Unmarshal(b, fact), proto.Unmarshal(b, score)
	var reader codec.FactReader
	gotFact, err := reader.Read(b)
	if again, next := reader.Read(b); (next == nil) != (err == nil) || !proto.Equal(again, gotFact) { // with texts that it has by now
		t.Fatalf("%x is %v, and read again %v: %v, %v", b, gotFact, again, err, next)
	}
	if wantFact == nil && (err != nil || !proto.Equal(reduced(gotFact), reduced(fact))) {
		t.Fatalf("%x is %v, want %v: %v", b, gotFact, fact, err)
	}
	if wantFact != nil && err == nil && gotFact.GetOrder().GetPlaced() == nil {
		t.Fatalf("%x is no fact and was read as %v", b, gotFact)
	}
	page, again := codec.Days{}, codec.Days{}
	if page.ReadPage(b, 20480) == nil && page.Len() > 0 { // what a former program has left may be anything
		if err := again.ReadPage(codec.AppendPage(nil, &page, 20470), 20470); err != nil || !reflect.DeepEqual(page, again) {
			t.Fatalf("%x is the page %+v, and written again %+v: %v", b, page, again, err)
		}
	}
	gotScore, err := codec.ReadScore(b)
	if (wantScore == nil) != (err == nil) {
		t.Fatalf("%x is %v, want %v: %v, want %v", b, gotScore, score, err, wantScore)
	}
	if err == nil {
		agreeOnScore(t, &gotScore, score)
	}
}

func agreeOnScore(t *testing.T, got *codec.Score, want *pb.Score) {
	t.Helper()
	if got.Number != want.Number || got.Fact != want.Fact || got.At != want.At {
		t.Fatalf("%+v, want %v", got, want)
	}
	l := want.GetLevel()
	if l == nil {
		if !proto.Equal(got.Other, want) {
			t.Fatalf("%v, want %v", got.Other, want)
		}
		return
	}
	if got.Other != nil || string(got.CustomerID) != l.CustomerId || got.Version != l.Version || got.Rule != l.Rule || got.NextDue != l.NextDue ||
		got.Segment != l.Segment || !proto.Equal(got.Trigger.Message(), l.Trigger) || got.Trigger.Kind != l.Trigger.GetKind() {
		t.Fatalf("%+v, want %v", got, want)
	}
	agreeOnFigures(t, &got.Figures, l)
	var kept codec.Figures
	kept.Keep(&got.Figures)
	agreeOnFigures(t, &kept, l)
}

func agreeOnFigures(t *testing.T, got *codec.Figures, l *pb.Level) {
	t.Helper()
	is := tier.Figures{AsOf: 5, Value: value.Figures{Gross: 3}, Credit: credit.Figures{Open: 4}} // what was there before goes
	want := tier.Figures{AsOf: 5, Value: codec.ValueFigures(l.Value), Credit: codec.CreditFigures(l.Credit), Judged: codec.Judged(l.Overdue), Signs: codec.Signs(l.Signs)}
	if err := got.Read(&is); err != nil || is != want {
		t.Fatalf("%+v, want %+v: %v", is, want, err)
	}
	items, err := got.Oldest([]codec.OverdueItem{{ID: "before"}})
	oldest := []codec.OverdueItem{{ID: "before"}}
	for _, i := range l.GetOverdue().GetOldest() {
		oldest = append(oldest, codec.OverdueItem{ID: i.Id, Left: i.LeftMinor, Due: civil.Day(i.Due), Currency: i.Currency})
	}
	if err != nil || !slices.Equal(items, oldest) {
		t.Fatalf("%v, want %v: %v", items, oldest, err)
	}
	if (got.Value != nil) != (l.Value != nil) || (got.Credit != nil) != (l.Credit != nil) || (got.Overdue != nil) != (l.Overdue != nil) || (got.Signs != nil) != (l.Signs != nil) {
		t.Fatalf("%+v, want %v", got, l)
	}
}

func TestReadingByHandAgrees(t *testing.T) {
	for name, m := range written(t) {
		t.Run(name, func(t *testing.T) {
			b, err := proto.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			agree(t, b)
			agree(t, append(b[:len(b):len(b)], b...)) // in two parts, of which the last counts, or which are merged
			for n := range b {
				agree(t, b[:n])
				flipped := append([]byte{}, b...)
				for _, x := range []byte{1, 8, 0x80, 0xff} {
					flipped[n] = b[n] ^ x
					agree(t, flipped)
				}
			}
		})
	}
}

// FuzzRead: whatever the bytes, reading by hand and proto.Unmarshal agree.
func FuzzRead(f *testing.F) {
	for _, m := range written(f) {
		b, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(agree)
}

// An event in parts is what protobuf makes of them: of one kind in two parts both count, of two kinds the last.
func TestEventsInPartsAgree(t *testing.T) {
	kinds := map[string]*pb.OrderEvent{
		"placed":    {Kind: &pb.OrderEvent_Placed{Placed: &pb.OrderPlaced{TaxMinor: 7, Channel: "web"}}},
		"amended":   {Kind: &pb.OrderEvent_Amended{Amended: &pb.OrderAmended{Channel: proto.String("web")}}},
		"fulfilled": {Kind: &pb.OrderEvent_Fulfilled{Fulfilled: &pb.OrderFulfilled{DeliveryId: "D2"}}},
	}
	for name := range kinds {
		first, err := proto.Marshal(decode(t, sampleInput(events()[name])).Fact.GetOrder())
		if err != nil {
			t.Fatal(err)
		}
		for _, next := range kinds {
			more, err := proto.Marshal(next)
			if err != nil {
				t.Fatal(err)
			}
			for _, event := range [][]byte{slices.Concat(first, more), slices.Concat(more, first)} {
				agree(t, protowire.AppendBytes(protowire.AppendTag(nil, 3, protowire.BytesType), event))
			}
		}
	}
}

// Facts are read into the memory of those before them: nothing of these is left, and none has its memory with another.
func TestFactsAreReadIntoMemoryOfOthers(t *testing.T) {
	all := map[string][]byte{}
	for name, m := range written(t) {
		if f, ok := m.(*pb.Fact); ok {
			b, err := proto.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			all[name], all[name+" with nothing said"] = b, terse(t, f)
		}
	}
	var reader codec.FactReader
	for round := range 4 {
		read := map[string][]*pb.Fact{}
		for range 20 {
			for name, b := range all { // in any order
				f, err := reader.Read(b)
				if err != nil {
					t.Fatal(err)
				}
				read[name] = append(read[name], f)
			}
		}
		for name, b := range all {
			var fresh codec.FactReader
			want, err := fresh.Read(b)
			for _, f := range read[name] {
				if err != nil || !proto.Equal(f, want) {
					t.Fatalf("in round %d %s is %v, want %v: %v", round, name, f, want, err)
				}
			}
		}
		reader.Reset()
	}
}

// terse is a fact whose event says what it must alone, and of its kind nothing.
func terse(t *testing.T, f *pb.Fact) []byte {
	t.Helper()
	f = proto.CloneOf(f)
	event := f.ProtoReflect().WhichOneof(f.ProtoReflect().Descriptor().Oneofs().Get(0))
	m := f.ProtoReflect().Mutable(event).Message()
	if kinds := m.Descriptor().Oneofs(); kinds.Len() > 0 && m.WhichOneof(kinds.Get(0)) != nil {
		kind := m.WhichOneof(kinds.Get(0))
		m.Set(kind, m.NewField(kind))
	}
	b, err := proto.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What comes with most records is read in few pieces: its ids, and what else it has of texts and lists. The rest is used again.
func TestUsualFactsAreReadInFewPieces(t *testing.T) {
	for name, most := range map[string]float64{"example": 1, "fulfilled": 1, "issued": 7, "received": 6} {
		b, err := proto.Marshal(decode(t, sampleInput(events()[name])).Fact)
		if err != nil {
			t.Fatal(err)
		}
		var reader codec.FactReader
		const times = 16 // which would take more memory if it weren't used again
		got := testing.AllocsPerRun(10, func() {
			for range times {
				_, _ = reader.Read(b)
				reader.Reset()
			}
		}) / times
		if got > most {
			t.Errorf("%s: %v pieces, want %v", name, got, most)
		}
	}
}
