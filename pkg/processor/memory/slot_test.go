package memory_test

import (
	"testing"

	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/memory"
	"github.com/tierstream/tierstream/pkg/processor/porttest"
)

func TestSlotIsAState(t *testing.T) {
	porttest.State(t, func(*testing.T) processor.State { return memory.NewSlot() })
}
