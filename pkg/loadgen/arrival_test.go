package loadgen

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

func TestLinesStandInOrderOfArrival(t *testing.T) {
	cfg := small()
	cfg.Customers = 300
	cfg.Shares.Late, cfg.Shares.Duplicates = 1000, 1000
	end := cfg.Start.Add(time.Duration(cfg.Days) * 24 * time.Hour)
	var before Line
	var beforeID string
	for i, l := range collect(t, cfg) {
		if l.At.Before(before.At) || l.At.Before(cfg.Start) || !l.At.Before(end) {
			t.Fatalf("line %d arrives at %s, after one of %s", i+1, l.At, before.At)
		}
		if l.Reason != "" {
			continue
		}
		e := opened(t, l)
		if l.At.Equal(before.At) && (l.Topic < before.Topic || l.Topic == before.Topic && e.EventID < beforeID) {
			t.Errorf("line %d, %s of %s, stands after %s of %s", i+1, e.EventID, l.Topic, beforeID, before.Topic)
		}
		before, beforeID = l, e.EventID
	}
}

func TestLateAndDuplicateEventsSayTheirTrueTime(t *testing.T) {
	cfg := small()
	cfg.Customers = 300
	cfg.Shares.Late, cfg.Shares.Duplicates = 1000, 1000
	seen := map[string]json.RawMessage{}
	for _, l := range collect(t, cfg) {
		if l.Reason != "" {
			continue
		}
		e := opened(t, l)
		occurred, booked := at(t, e.OccurredAt), at(t, e.OccurredAt)
		if e.RecordedAt != "" {
			booked = at(t, e.RecordedAt)
		}
		if l.Late != (e.RecordedAt != "") || l.Late && booked.Sub(occurred) < time.Hour || booked.Sub(occurred) > 5*24*time.Hour {
			t.Errorf("%s occurred at %s and was booked at %q, late: %t", e.EventID, e.OccurredAt, e.RecordedAt, l.Late)
		}
		first, again := seen[e.EventID]
		if again != l.Duplicate || again && !bytes.Equal(first, l.Value) {
			t.Errorf("%s: seen %t, duplicate %t, %s and %s", e.EventID, again, l.Duplicate, first, l.Value)
		}
		if delay := l.At.Sub(booked); !l.Duplicate && delay != 0 || l.Duplicate && (delay <= 0 || delay > 6*time.Hour) {
			t.Errorf("%s, booked at %s, arrives at %s, duplicate %t", e.EventID, booked, l.At, l.Duplicate)
		}
		seen[e.EventID] = l.Value
	}
}

// opened is the event in a well-formed line.
func opened(t interface{ Fatalf(string, ...any) }, l Line) event {
	var e event
	if err := json.Unmarshal(l.Value, &e); err != nil {
		t.Fatalf("%s: %v", l.Value, err)
	}
	return e
}

func at(t interface{ Fatalf(string, ...any) }, text string) time.Time {
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return when
}
