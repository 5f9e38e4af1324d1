package ingest_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/topics"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// euros is the order in euros, as an event of its own.
func euros(n int) kafkalog.Message {
	return kafkalog.Message{Value: []byte(strings.NewReplacer("E-json", fmt.Sprint("E", n), `"O1"`, fmt.Sprintf(`"O%d"`, n), "CNY", "EUR").Replace(order))}
}

func published(version int, asOf, rate string) kafkalog.Message {
	return kafkalog.Message{Value: fmt.Appendf(nil, `{"version":%d,"as_of":%q,"base":"CNY","rates":{"EUR":%q}}`, version, asOf, rate)}
}

// rated are the rates that the n orders on facts were taken in with, by their ids.
func (r *rig) rated(n int) map[string]*pb.AppliedRate {
	r.t.Helper()
	out := map[string]*pb.AppliedRate{}
	for _, m := range r.await(topics.Facts, partitions+n) {
		f := &pb.Fact{}
		if err := proto.Unmarshal(m.Value, f); err != nil {
			r.t.Fatal(err)
		}
		if f.GetFxRates() != nil {
			r.t.Error("rates are in facts")
		}
		if e := f.GetOrder(); e != nil {
			out[e.EventId] = f.Rate
		}
	}
	return out
}

// Whatever was published before an event is known when that is taken in, on whichever partitions they are.
func TestRatesThatWerePublishedBefore(t *testing.T) {
	r := start(t)
	r.initialise()
	r.put(topics.FxRates, 1, published(1, "2026-02-25", "1"), kafkalog.Message{Value: []byte("{")}, published(9, "2026-03-02", "99"))
	const n = 12
	for i := 1; i <= n; i++ {
		r.put(topics.FxRates, i%partitions, published(i, "2026-03-01", fmt.Sprintf("7.%02d", i)))
		r.put(topics.Orders, i/2%partitions, euros(i))
		r.await(topics.Facts, partitions+i)
	}
	for i := 1; i <= n; i++ {
		got := r.rated(n)[fmt.Sprint("E", i)]
		if got.GetVersion() != int64(i) || got.GetAsOf() != "2026-03-01" || got.GetCurrency() != "EUR" {
			t.Errorf("order %d was taken in with %v", i, got)
		}
	}
	if dead := r.await(topics.DeadLetters, 1); len(dead) != 1 || string(dead[0].Value) != "{" {
		t.Errorf("the dead letters are %v, want what was no record of rates", dead)
	}
	if got := r.counter("tierstream_ingest_rates_newest_timestamp_seconds"); got != 1772409600 { // 2026-03-02
		t.Errorf("the newest rates are of %v", got)
	}
}

// Rates that come among events are put where every instance looks, before what comes after them.
func TestRatesAmongEvents(t *testing.T) {
	r := start(t)
	r.initialise()
	rates := fmt.Appendf(nil, `{"topic":"fx-rates","value":%s}`, published(4, "2026-03-01", "7.5").Value)
	dollars := strings.Replace(string(euros(9).Value), "EUR", "USD", 1)
	r.put(topics.Events, 0, line("before", 0), kafkalog.Message{Value: fmt.Appendf(nil, `{"topic":"orders","value":%s}`, dollars)}, kafkalog.Message{Value: rates},
		kafkalog.Message{Value: fmt.Appendf(nil, `{"topic":"orders","value":%s}`, euros(1).Value)})
	r.await(topics.Facts, partitions+2)
	r.put(topics.Orders, 1, euros(2))
	got := r.rated(3)
	for _, id := range []string{"E1", "E2"} {
		if got[id].GetVersion() != 4 || got[id].GetMantissa() != 75 || got[id].GetPlaces() != 1 {
			t.Errorf("%s was taken in with %v", id, got[id])
		}
	}
	if got["before"] != nil {
		t.Errorf("an order of the base currency was taken in with %v", got["before"])
	}
}
