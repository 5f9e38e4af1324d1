package reducer

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// customer is a customer in the scorer: the blob, with value and ledger unpacked, and the registers that were read.
type customer struct {
	*pb.ScorerCustomer
	id        string
	value     value.State
	ledger    credit.Ledger
	registers registers
	changed   bool
}

func openCustomer(id string, blob []byte) (*customer, error) {
	c := &customer{ScorerCustomer: &pb.ScorerCustomer{}, id: id, registers: newRegisters()}
	if err := proto.Unmarshal(blob, c.ScorerCustomer); err != nil {
		return nil, fmt.Errorf("reading a customer's blob in the scorer: %w", err)
	}
	c.value = codec.ReadValue(c.ScorerCustomer)
	c.ledger = codec.ReadLedger(c.Ledger)
	if blob == nil { // nothing in Redis: every register is known to be absent
		c.registers.all = true
	}
	return c, nil
}

// write is the customer's new state.
func (c *customer) write(id string) processor.CustomerWrite {
	codec.WriteValue(c.ScorerCustomer, c.value)
	c.Ledger = codec.WriteLedger(c.ledger)
	w := processor.CustomerWrite{ID: id, Blob: encode(c.ScorerCustomer), Due: processor.NoDue}
	if c.Due != 0 {
		w.Due = civil.Instant(c.Due)
	}
	w.Set, w.Del = c.registers.write()
	return w
}

// prune drops what no window can need any more, so that the blob stays small.
func (c *customer) prune(p *policy.Policy, today civil.Day) {
	c.value.Prune(p.Value, today)
	c.ledger.Prune(p.Credit, today)
}

// nextDue is the first moment after today at which time alone changes a figure that matters; 0: none.
func (c *customer) nextDue(p *policy.Policy, calendar civil.Calendar, today civil.Day) civil.Instant {
	a, ok1 := c.value.NextDay(p.Value, today)
	b, ok2 := c.ledger.NextDay(p.Credit, p.Drift, today)
	switch {
	case ok1 && ok2:
		return calendar.Start(min(a, b))
	case ok1:
		return calendar.Start(a)
	case ok2:
		return calendar.Start(b)
	}
	return 0
}

// erase forgets all but the numbers.
func (c *customer) erase(t civil.Instant) {
	c.ScorerCustomer = &pb.ScorerCustomer{Version: c.Version, Control: c.Control, At: int64(t), Erased: true}
	c.value, c.ledger = value.State{}, credit.Ledger{}
	c.registers.erase()
}
