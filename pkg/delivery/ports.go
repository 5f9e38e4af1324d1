// Package delivery brings what an output topic says to the endpoints that shall know: at least once, in order per
// customer and endpoint, over failures and restarts, each under one id. The log is the truth here too: the state in Redis
// says up to where a partition was taken and what is still pending, and every change of it is one Apply under the token
// that it was read with, so that of two owners only one can go on.
//
//	topic ──fetch──▶ take ──▶ state: last seq, queues, records ──▶ due ──▶ send (many at once) ──▶ settle ──▶ state
//	                  │                                                                              │
//	                  └──────────────▶ dead: endpoint off, backlog full            given up ◀────────┘
package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

// Log is one partition of an output topic, as its owner has it: processor.Log's reading half.
type Log interface {
	Fetch(ctx context.Context, offset int64, most int, wait civil.Instant) (processor.Fetched, error)
	// Commit says that everything below offset is in the state. processor.ErrFenced: another owner has the partition.
	Commit(ctx context.Context, offset int64) error
}

// Notice is what the engine needs to know of a record.
type Notice struct {
	Customer  string
	Seq       int64 // dense per customer
	Live      bool  // what isn't is never delivered
	DecidedAt civil.Instant
	To        []Target // nobody: empty
}

// Target is an endpoint that shall get a notice, unless it is older than MaxAge when it is first seen; 0: any age.
type Target struct {
	Endpoint string
	MaxAge   civil.Instant
}

// ErrUnreadable says that a record is none of the topic's kind.
var ErrUnreadable = errors.New("the record is no notice")

// Reader tells what a record says and who gets it.
type Reader func(r processor.Record) (Notice, error)

// Message is one delivery.
type Message struct {
	Endpoint string
	Customer string
	Seq      int64
	Value    []byte // the record
	Attempt  int    // 1 is the first
}

// Result is what became of an attempt.
type Result struct {
	OK bool
	// What went wrong, in a line without address or secret.
	What string
	// Permanent: no further attempt can help this delivery.
	Permanent bool
	// Gone: the endpoint says that it is no longer there for anybody.
	Gone bool
	// RetryAfter is the least rest before the endpoint is tried again; 0: it didn't say.
	RetryAfter time.Duration
}

// Sender makes one attempt. It is called from many goroutines, never twice at once for a customer and endpoint, and must
// end soon after ctx does.
type Sender interface {
	Send(ctx context.Context, m Message) Result
}

// Outcomes of taking a record, as the observer is told.
const (
	Accepted   = "accepted"   // it goes to an endpoint or more
	Unrouted   = "unrouted"   // no endpoint wants it
	NotLive    = "not live"   // BACKFILL or REBUILD
	TooOld     = "too old"    // for every endpoint, when it was first seen
	Repeated   = "repeated"   // not newer than the last one
	Unreadable = "unreadable" //
)

// Reasons of dead deliveries.
const (
	GivenUp    = "given up"       // the last attempt of the schedule failed
	Refused    = "refused"        // a failure that no further attempt can cure
	Disabled   = "disabled"       // the endpoint said that it is gone
	SetAside   = "set aside"      // the endpoint has failed for long
	Overflow   = "backlog full"   // too much is pending for the endpoint
	NoEndpoint = "no endpoint"    // the routes no longer have it
	RecordGone = "record missing" // the state has lost the record
)

// Observer is told what an owner goes through, for metrics and log. It must not block.
type Observer interface {
	Taken(outcome string, n int)
	// Old tells, when they are all read, of records that were too old to be delivered.
	Old(n int)
	// Gap tells of a customer's notices that never came.
	Gap(customer string, last, seq int64)
	Attempted(endpoint string, r Result, took time.Duration)
	Died(endpoint, reason string, n int)
	// Dropped tells of dead deliveries that had to make room.
	Dropped(endpoint string, n int)
	// Pending and Dead tell how many more (or fewer) there are.
	Pending(endpoint string, more int)
	Dead(endpoint string, more int)
	Lag(records int64)
	// Stuck tells that the partition waits for an operator, and why; empty: no longer.
	Stuck(why string)
	// Lost tells that the state was gone although the group had committed, and where it goes on.
	Lost(offset int64)
	// Expired tells that records expired before they were read.
	Expired(from, to int64)
	// Failed tells of something that will be tried again.
	Failed(err error)
}
