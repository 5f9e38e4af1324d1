// Package processor is the partition processor: the engine that runs a pure stage over one partition of a log, keeps
// its state in one slot, and sends what it gives exactly once in effect. ports.go has what it needs of the world,
// stage.go what it runs.
package processor

import (
	"context"
	"errors"
	"strings"

	"github.com/tierstream/tierstream/pkg/civil"
)

// ErrFenced says that the partition belongs to another owner now: give it up.
var ErrFenced = errors.New("the partition has another owner")

// ErrDamaged says that what the state holds can't be right (keys of a wrong type, a token that nobody wrote): the
// partition stops, since trying again could only spread it.
var ErrDamaged = errors.New("the state is damaged")

// NoDue is the due moment of whoever has none.
const NoDue civil.Instant = 1<<63 - 1

// Record is one record of the input log.
type Record struct {
	Offset   int64
	Appended civil.Instant // the record's timestamp
	Key      string
	Value    []byte
}

// Message is a record to be written.
type Message struct {
	Key     string
	Value   []byte
	Headers []Header
}

// Header is one header of a message.
type Header struct {
	Key   string
	Value []byte
}

// Emission is what a batch sends to one topic, in one produce request.
type Emission struct {
	Topic    string
	Messages []Message
}

// Log is one partition of the input log, the partition of the same number of facts and of the output topics, and the
// consumer group's offset. One request is in flight at a time.
type Log interface {
	// Fetch gives at most most records from offset on; it may wait a little, not beyond wait, when there are none.
	Fetch(ctx context.Context, offset int64, most int, wait civil.Instant) (Fetched, error)
	// Produce sends one request; nil: every record of it is acknowledged. An error never means 'not written'.
	Produce(ctx context.Context, e Emission) error
	// Append puts one record into facts and gives its offset there.
	Append(ctx context.Context, m Message) (offset int64, err error)
	// Commit says that everything below offset has been emitted. ErrFenced: another owner has the partition.
	Commit(ctx context.Context, offset int64) error
}

// Fetched is an answer of Fetch: dense offsets from the one asked for on, and the bounds of the log: Start is the
// first offset that it still has, End the next one to be written.
type Fetched struct {
	Records    []Record
	Start, End int64
}

// State is the slot of one partition. Every method is atomic.
type State interface {
	// Read answers with the token of the very state that it has read.
	Read(ctx context.Context, q Query) (Reply, error)
	// Apply changes everything named in w if the state's token is w.Expect, else nothing (Reply.Conflict, with the
	// true token). It is safe to repeat. An error may mean that it was applied.
	Apply(ctx context.Context, w Write) (Reply, error)
}

// Token names one state of a slot: the same token is the same content.
type Token struct {
	Offset int64  // next offset of the input log to apply
	Epoch  int64  // raised by whatever else writes state (restore, rebuild)
	Logic  int64  // version of the reducers that wrote it
	Nonce  uint64 // of the Apply that wrote it; 0 only in the token of an empty slot
}

// Query names what to read beside the token.
type Query struct {
	Part      bool
	Last      bool
	Customers []string
	Registers []Fields
	Due       bool          // customers due up to DueTo, earliest first (ties by id), at most DueMost
	DueFrom   civil.Instant // and not before; 0: whenever
	DueTo     civil.Instant //
	DueMost   int
}

// Fields names registers of one customer.
type Fields struct {
	Customer string
	Names    []string
	All      bool // every register of the customer
}

// Reply is an answer of State. Missing: the slot has no token (and Token is zero).
type Reply struct {
	Missing   bool
	Conflict  bool
	Token     Token
	NextDue   civil.Instant // the earliest due moment, or NoDue
	Part      []byte
	Last      []Emission
	Blobs     map[string][]byte            // of the customers asked for; nil: there is none
	Registers map[string]map[string][]byte // of the fields asked for; absent: there is none
	Kept      map[string]any               // what the engine has of Result.Kept, instead of blobs and registers; never State's
	Due       []string
}

// Write is one Apply.
type Write struct {
	Expect    Token // zero: the slot is expected to be empty
	Next      Token
	Part      []byte
	Last      []Emission
	Customers []CustomerWrite
}

// CustomerWrite is the new state of one customer. Blob is never nil: a customer once seen keeps a blob (erasing
// keeps the numbers).
type CustomerWrite struct {
	ID   string
	Blob []byte
	Due  civil.Instant // NoDue: take it out of the due set
	// A second place in the due set, beyond every moment, of whoever waits for something that isn't time; 0: it stays as it
	// is, NoDue: take it out.
	Wait civil.Instant
	Set  []Register
	Del  []string
}

// waitMark begins the name of a customer's second place in the due set. No id begins with it: ids are printable.
const waitMark = "\x00"

// WaitMember names a customer's second place in the due set.
func WaitMember(id string) string { return waitMark + id }

// DueCustomer is whose place in the due set a name is.
func DueCustomer(member string) string { return strings.TrimPrefix(member, waitMark) }

// Register is one field of a customer's registers.
type Register struct {
	Name  string
	Value []byte
}
