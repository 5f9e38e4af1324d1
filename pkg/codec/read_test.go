package codec_test

import (
	"reflect"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/codec"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// reduced is a fact without what ReadFact may leave out.
func reduced(f *pb.Fact) *pb.Fact {
	f = proto.CloneOf(f)
	if o := f.GetOrder(); o != nil {
		o.RecordedAt = nil
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

// agree says that reading by hand gives what proto.Unmarshal does, for a fact and for a score: that or an error from both.
// A line that is left out may be broken unseen.
func agree(t *testing.T, b []byte) {
	t.Helper()
	fact, score := &pb.Fact{}, &pb.Score{}
	wantFact, wantScore := proto.Unmarshal(b, fact), proto.Unmarshal(b, score)
	gotFact, err := codec.ReadFact(b)
	if wantFact == nil && (err != nil || !proto.Equal(reduced(gotFact), reduced(fact))) {
		t.Fatalf("%x is %v, want %v: %v", b, gotFact, fact, err)
	}
	if wantFact != nil && err == nil && gotFact.GetOrder().GetPlaced() == nil {
		t.Fatalf("%x is no fact and was read as %v", b, gotFact)
	}
	page, plain := codec.Days{}, codec.Days{}
	pageErr, plainErr := page.ReadPage(b), plain.PlainPage(b)
	if (pageErr == nil) != (plainErr == nil) || pageErr == nil && !reflect.DeepEqual(page, plain) {
		t.Fatalf("%x is the page %+v, want %+v: %v, want %v", b, page, plain, pageErr, plainErr)
	}
	gotScore, err := codec.ReadScore(b)
	if (wantScore == nil) != (err == nil) || err == nil && !proto.Equal(gotScore, score) {
		t.Fatalf("%x is %v, want %v: %v, want %v", b, gotScore, score, err, wantScore)
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
