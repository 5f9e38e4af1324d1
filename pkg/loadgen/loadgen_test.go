package loadgen

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"time"
)

// small is a trade that generates in milliseconds.
func small() Config {
	cfg := Default()
	cfg.Customers, cfg.Days = 40, 120
	return cfg
}

func written(t *testing.T, cfg Config) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := Write(&out, cfg); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func collect(t interface{ Fatal(...any) }, cfg Config) []Line {
	var all []Line
	if err := Generate(cfg, func(l Line) error { all = append(all, l); return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

// The golden changes with every change of the generator, so that none goes unnoticed. Demos and benchmarks that lean
// on this trade must be looked at again when it does.
func TestGoldenBytes(t *testing.T) {
	const golden = "7d4d2a127b5bc1de43ee599d7a42aec0816955ab944e45a9d6b54e3475ee06dc"
	sum := sha256.Sum256(written(t, small()))
	if got := hex.EncodeToString(sum[:]); got != golden {
		t.Errorf("the small trade has SHA-256 %s, want %s: if the change is meant, write the new one here", got, golden)
	}
}

func TestSameSeedSameBytes(t *testing.T) {
	first := written(t, small())
	if !bytes.Equal(first, written(t, small())) {
		t.Error("the same seed gave other bytes")
	}
	other := small()
	other.Seed = 2
	if bytes.Equal(first, written(t, other)) {
		t.Error("another seed gave the same bytes")
	}
}

func TestCustomersDoNotDependOnEachOther(t *testing.T) {
	cfg := small()
	cfg.Shares.Malformed = 0
	stories := func(customers int) map[string]string {
		cfg.Customers = customers
		all := map[string]string{}
		for _, l := range collect(t, cfg) {
			if l.Kind != "referral" { // names another of all customers
				all[l.Customer] += string(l.Value)
			}
		}
		return all
	}
	few, many := stories(5), stories(40)
	for id, story := range few {
		if many[id] != story {
			t.Errorf("the story of %s depends on how many customers there are", id)
		}
	}
}

func TestWriteIsLinesOfTheContract(t *testing.T) {
	cfg := small()
	cfg.Shares.Malformed = 500
	lines := collect(t, cfg)
	texts := bytes.Split(bytes.TrimSuffix(written(t, cfg), []byte("\n")), []byte("\n"))
	if len(texts) != len(lines) {
		t.Fatalf("%d lines written, %d generated", len(texts), len(lines))
	}
	for i, text := range texts {
		var line struct {
			Topic string          `json:"topic"`
			Value json.RawMessage `json:"value"`
		}
		if err := json.Unmarshal(text, &line); err != nil {
			if lines[i].Reason != ReasonMalformed {
				t.Errorf("line %d is not JSON: %s", i+1, text)
			}
			continue
		}
		if line.Topic != lines[i].Topic || !bytes.Equal(line.Value, lines[i].Value) {
			t.Errorf("line %d is %s, want topic %s and value %s", i+1, text, lines[i].Topic, lines[i].Value)
		}
	}
}

func TestEndsWithTheErrorOfItsReader(t *testing.T) {
	stop, seen := errors.New("enough"), 0
	err := Generate(small(), func(Line) error {
		if seen++; seen == 7 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || seen != 7 {
		t.Errorf("got %v after %d lines, want %v after 7", err, seen, stop)
	}
	if _, err := Write(brokenWriter{}, Default()); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("writing to a closed pipe gave %v", err)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestRefusesWhatItCannotGenerate(t *testing.T) {
	for name, spoil := range map[string]func(*Config){
		"no customers":       func(c *Config) { c.Customers = 0 },
		"too many customers": func(c *Config) { c.Customers = 10_000_000 },
		"no days":            func(c *Config) { c.Days = 0 },
		"too many days":      func(c *Config) { c.Days = 3651 },
		"no start":           func(c *Config) { c.Start = time.Time{} },
		"start at noon":      func(c *Config) { c.Start = c.Start.Add(12 * time.Hour) },
		"no currency":        func(c *Config) { c.Currency = "" },
		"small letters":      func(c *Config) { c.Currency = "cny" },
		"negative share":     func(c *Config) { c.Shares.Late = -1 },
		"share over 100 %":   func(c *Config) { c.Shares.Bills = 10_001 },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := small()
			spoil(&cfg)
			err := Generate(cfg, func(Line) error { t.Fatal("yielded a line"); return nil })
			if !errors.Is(err, ErrConfig) {
				t.Errorf("got %v, want ErrConfig", err)
			}
		})
	}
}

func TestSummaryCountsWhatIsWritten(t *testing.T) {
	var out bytes.Buffer
	sum, err := Write(&out, small())
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(out.Bytes(), []byte("\n")); sum.Lines != lines {
		t.Errorf("%d lines counted, %d written", sum.Lines, lines)
	}
	if sum.Events+sum.Duplicates+sum.Malformed != sum.Lines {
		t.Errorf("events %d + duplicates %d + malformed %d is not %d", sum.Events, sum.Duplicates, sum.Malformed, sum.Lines)
	}
	topics, kinds := 0, 0
	for _, n := range sum.Topics {
		topics += n
	}
	for _, n := range sum.Kinds {
		kinds += n
	}
	if topics != sum.Events || kinds != sum.Events || sum.Customers == 0 {
		t.Errorf("topics %d, kinds %d, events %d, customers %d", topics, kinds, sum.Events, sum.Customers)
	}
}
