package loadgen

import (
	"bufio"
	"fmt"
	"io"
	"time"
)

// Write writes a trade as lines of the contract, {"topic":"orders","value":{...}}, and counts them. A message that was
// cut short makes its whole line something other than JSON.
func Write(w io.Writer, cfg Config) (Summary, error) {
	out := bufio.NewWriterSize(w, 1<<20)
	sum := NewSummary()
	err := Generate(cfg, func(line Line) error {
		sum.Add(line)
		return line.write(out)
	})
	if err != nil {
		return sum, err
	}
	if err := out.Flush(); err != nil {
		return sum, fmt.Errorf("writing generated lines: %w", err)
	}
	return sum, nil
}

func (l Line) write(out *bufio.Writer) error {
	for _, text := range []string{`{"topic":"`, l.Topic, `","value":`} {
		if _, err := out.WriteString(text); err != nil {
			return fmt.Errorf("writing generated lines: %w", err)
		}
	}
	if _, err := out.Write(append(l.Value[:len(l.Value):len(l.Value)], "}\n"...)); err != nil {
		return fmt.Errorf("writing generated lines: %w", err)
	}
	return nil
}

// Summary counts the lines of a trade.
type Summary struct {
	Lines      int            // all of them
	Events     int            // well-formed events, each counted once
	Duplicates int            // well-formed events sent again
	Late       int            // of Events: arrived later than they happened
	Malformed  int            // to be rejected
	Customers  int            // with an event
	Topics     map[string]int // Events by topic
	Kinds      map[string]int // Events by topic.kind, such as orders.placed
	Reasons    map[string]int // Malformed by ts_reason
	First      time.Time      // arrival of the first line
	Last       time.Time      // arrival of the last line

	seen map[string]struct{}
}

// NewSummary is an empty one, to be fed by Add.
func NewSummary() Summary {
	return Summary{
		Topics: map[string]int{}, Kinds: map[string]int{}, Reasons: map[string]int{}, seen: map[string]struct{}{},
	}
}

// Add counts a line; lines come in the order of Generate.
func (s *Summary) Add(line Line) {
	if s.Lines++; s.Lines == 1 {
		s.First = line.At
	}
	s.Last = line.At
	switch {
	case line.Reason != "":
		s.Malformed++
		s.Reasons[line.Reason]++
		return
	case line.Duplicate:
		s.Duplicates++
		return
	}
	s.Events++
	s.Topics[line.Topic]++
	s.Kinds[line.Topic+"."+line.Kind]++
	if line.Late {
		s.Late++
	}
	if _, ok := s.seen[line.Customer]; !ok && line.Customer != "" {
		s.seen[line.Customer] = struct{}{}
		s.Customers++
	}
}
