package processor

import "github.com/tierstream/tierstream/pkg/civil"

// Observer is told what an owner goes through, for metrics and log. It must not block.
type Observer interface {
	Applied(records int64, s Status, met []Count)
	Emitted(topic string, messages int)
	Adopted(from, to int64) // the state's cursor was another than the owner's
	Resent(offset int64)
	GivenUp(records int) // so many records came to more than a batch may send, and are taken again in shorter runs
	Ticked(at civil.Instant)
	Lag(records int64)
	Failed(err error) // a round failed and will be tried again
}

type noObserver struct{}

func (noObserver) Applied(int64, Status, []Count) {}
func (noObserver) Emitted(string, int)            {}
func (noObserver) Adopted(int64, int64)           {}
func (noObserver) Resent(int64)                   {}
func (noObserver) GivenUp(int)                    {}
func (noObserver) Ticked(civil.Instant)           {}
func (noObserver) Lag(int64)                      {}
func (noObserver) Failed(error)                   {}
