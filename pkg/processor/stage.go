package processor

import "github.com/tierstream/tierstream/pkg/civil"

// Stage is the pure function of a service: everything that the engine runs, and nothing that it knows.
type Stage interface {
	// Begin opens a batch on the partition's blob; nil: nothing has been applied yet.
	Begin(part []byte) (Batch, error)
	// Tick is the record that, put into facts, says that the time is at.
	Tick(at civil.Instant) Message
	// TakenIn is the record that, put into facts, says that what was sent before at is in facts: what Status.Wanted asks for.
	TakenIn(at civil.Instant) Message
	// Logic is the newest version of the reducers that this program has.
	Logic() int64
}

// Batch folds records over the state that was loaded. It is a function of the blob, of what Load gave, and of the
// records, and of nothing else.
type Batch interface {
	// Status is where the partition stands after the records reduced so far.
	Status() Status
	// Inspect tells what the engine must know of a record before it is reduced.
	Inspect(r Record) (Info, error)
	// Needs names the state that r needs and that hasn't been loaded; empty: Reduce may be called. due is what
	// Info.Tick asked for.
	Needs(r Record, due []string) Needs
	// Load hands over what was read: a customer that is asked for and not in the reply is new, and so is a register.
	// Of a customer in Reply.Kept an earlier batch has made that value; it is the batch's own from now on.
	Load(n Needs, r Reply) error
	// Run is an order in which the first of the records that come next are to be reduced, as indices of next: at least one, and of no
	// more than most customers whom the batch hasn't changed. All of them have been inspected, and nothing of the batch behind them has been reduced.
	Run(next []Record, most int) []int
	// Reduce applies r. due: for a Tick the customers due up to Info.DueTo, earliest first, at most Info.DueMost, and then
	// those that Info also asks for.
	Reduce(r Record, due []string) error
	// Size is how much the batch would write and send.
	Size() Size
	// Finish gives the new state and what to send, one Emission per topic that has something.
	Finish() (Result, error)
}

// Status is where a partition stands.
type Status struct {
	Started bool          // record 0, PartitionInit, has been applied
	Wall    bool          // the wall clock drives it, not the events
	Now     civil.Instant // the largest time that the log has shown
	Owed    civil.Instant // time of a Tick not yet passed on in full; 0: none
	Wanted  civil.Instant // under the wall clock it asks for TakenIn of this time or later; 0: it doesn't
	Fact    int64         // offset in facts of the last record taken, -1 before the first
	Logic   int64         // version of the reducers in force

	// For metrics alone: silence is judged up to Judged, by a stage that judges it, and Held further back than it should be.
	Judged civil.Instant
	Held   bool
}

// Info is what the engine must know of a record.
type Info struct {
	Tick    bool // must be the first of its batch, and the only Tick in it
	DueTo   civil.Instant
	DueMost int
	// Beside those, behind them, of the customers due from AlsoFrom up to AlsoTo at most AlsoMost; 0: none.
	AlsoFrom, AlsoTo civil.Instant
	AlsoMost         int
	Logic            int64 // a switch to this version; 0: none
}

// Needs is state to be read.
type Needs struct {
	Customers []string
	Registers []Fields
}

// Empty says that nothing is missing.
func (n Needs) Empty() bool { return len(n.Customers) == 0 && len(n.Registers) == 0 }

// Size is what a batch has grown to.
type Size struct {
	Customers int // to be written
	Bytes     int // of the largest emission
}

// Result is what a batch comes to.
type Result struct {
	Part      []byte
	Customers []CustomerWrite // in the order of their ids
	Emissions []Emission
	Counts    []Count // what was met, for metrics: in the order of their names
	Kept      []Kept  // every customer that was loaded, or none
}

// Kept is what a batch has made of a customer's blob and registers: the next batch that needs the customer gets it
// instead of them, if everything was applied and nothing has disagreed since. It may know of registers what it will: a
// batch asks for those that it misses. The batch that gives it away doesn't touch it any more.
type Kept struct {
	ID    string
	Value any
	Size  int // bytes that it takes, roughly
}

// Count is how often something was met in a batch.
type Count struct {
	Name string
	N    int64
}
