package pipeline_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierstream/tierstream/deploy/policies"
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/pipeline"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// complete is a feed that says that it is complete up to the moment at which it says so.
func complete(at civil.Instant) string {
	when := at.Time().Format(time.RFC3339)
	return fmt.Sprintf(`{"topic":"payments","value":{"event_id":"w-%s","occurred_at":%q,"complete_through":{"feed":"bank","until":%q}}}`, when, when, when)
}

// received is a payment that is told of at a moment, and was made on a day.
func received(customer, at, day string, amount int) string {
	return fmt.Sprintf(`{"topic":"payments","value":{"event_id":"p-%s","occurred_at":%q,"customer_id":%q,"payment_id":"P-%s","received":{"amount_minor":%d,"currency":"CNY","value_date":%q}}}`,
		customer, at, customer, customer, amount, day)
}

// moves are the changes of tier, and then who is warned of one.
func moves(pipe *pipeline.Pipeline) (out []string) {
	for _, c := range pipe.Changes() {
		out = append(out, fmt.Sprintf("%s %s>%s %s", c.CustomerId, c.From, c.To, c.DecidedAt.AsTime().Format(time.RFC3339)))
	}
	for _, s := range pipe.Signals() {
		if s.Kind == pb.CustomerSignal_WILL_DOWNGRADE && s.State == pb.CustomerSignal_RAISED {
			out = append(out, fmt.Sprintf("%s warned %s", s.CustomerId, s.DecidedAt.AsTime().Format(time.RFC3339)))
		}
	}
	return out
}

// Under the starter a feed of payments that falls silent for two months costs nobody a tier, warns nobody of that and keeps nobody down.
// When it speaks again, who hadn't paid in time after all has the grace from then on; who had paid, and who disputes, keeps the tier.
// Of whom the feed had let it be known before that they didn't pay, the wait goes on.
func TestStarterWhileAFeedIsSilent(t *testing.T) {
	pipe := started(t, string(policies.Starter), pb.PartitionInit_EVENT)
	ordered := "2026-01-05T02:00:00Z" // due on 2026-02-04; gold and platinum of that day are held until 2026-04-05
	put(t, pipe,
		order("SO1", "late", ordered, 6000000, `,"terms_days":30`),
		order("SO1", "paid", ordered, 6000000, `,"terms_days":30`),
		order("SO1", "part", ordered, 30000000, `,"terms_days":30`),
		order("SO1", "quarrels", ordered, 30000000, `,"terms_days":30`),
		order("SO1", "known", ordered, 6000000, `,"terms_days":3`), // due on 2026-01-08
		order("SO1", "grows", ordered, 2000000, `,"terms_days":30`),
		order("SO1", "soars", ordered, 2000000, `,"terms_days":30`),
		`{"topic":"invoices","value":{"event_id":"d","occurred_at":"2026-01-20T02:00:00Z","customer_id":"quarrels","invoice_id":"SO1","disputed":{}}}`,
	)
	for at := instant(t, "2026-01-21T02:00:00Z"); at < instant(t, "2026-02-20T00:00:00Z"); at += civil.FullDay {
		put(t, pipe, complete(at))
	}
	put(t, pipe, order("SO2", "grows", "2026-04-01T02:00:00Z", 4000000, `,"terms_days":90`), order("SO2", "soars", "2026-04-01T02:00:00Z", 20000000, `,"terms_days":90`))
	given := []string{"late >gold 2026-01-05T02:00:00Z", "paid >gold 2026-01-05T02:00:00Z", "part >platinum 2026-01-05T02:00:00Z", "quarrels >platinum 2026-01-05T02:00:00Z",
		"known >gold 2026-01-05T02:00:00Z", "grows >silver 2026-01-05T02:00:00Z", "soars >silver 2026-01-05T02:00:00Z",
		"grows silver>gold 2026-04-01T02:00:00Z", "soars silver>platinum 2026-04-01T02:00:00Z", "known gold>silver 2026-04-05T02:00:00Z"}
	before := "known warned 2026-02-08T02:00:00Z"
	if err := pipe.Advance(instant(t, "2026-04-20T01:00:00Z")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append(given, before), moves(pipe)); diff != "" {
		t.Errorf("while the feed is silent (-want +got):\n%s", diff)
	}
	back := instant(t, "2026-04-20T02:00:00Z")
	booked := "2026-04-20T01:30:00Z"
	put(t, pipe,
		received("paid", booked, "2026-02-25", 6000000),
		received("part", booked, "2026-02-25", 29000000),
		received("grows", booked, "2026-02-25", 2000000),
		received("soars", booked, "2026-02-25", 2000000),
		complete(back),
	)
	if err := pipe.Advance(back + 60*civil.FullDay); err != nil {
		t.Fatal(err)
	}
	want := append(given,
		"late gold>silver 2026-05-20T02:00:00Z", "part platinum>silver 2026-05-20T02:00:00Z",
		before, "late warned 2026-04-20T02:00:00Z", "part warned 2026-04-20T02:00:00Z")
	if diff := cmp.Diff(want, moves(pipe)); diff != "" {
		t.Errorf("after it has spoken (-want +got):\n%s", diff)
	}
}

// Without a feed the item that is overdue brings the same by itself, at the very midnight at which it is so by 31 days as judged:
// a day of booking later than as of now.
func TestStarterWithoutAFeed(t *testing.T) {
	pipe := started(t, string(policies.Starter), pb.PartitionInit_EVENT)
	put(t, pipe, order("SO1", "late", "2026-01-05T02:00:00Z", 6000000, `,"terms_days":30`)) // due on 2026-02-04
	if err := pipe.Advance(instant(t, "2026-06-01T00:00:00Z")); err != nil {
		t.Fatal(err)
	}
	want := []string{"late >gold 2026-01-05T02:00:00Z", "late gold>silver 2026-04-06T16:00:00Z", "late warned 2026-03-07T16:00:00Z"}
	if diff := cmp.Diff(want, moves(pipe)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
