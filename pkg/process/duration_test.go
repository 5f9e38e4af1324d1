package process_test

import (
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/process"
)

func TestParseDuration(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"30d": 30 * day, "12h": 12 * time.Hour, "5s": 5 * time.Second, "-3d": -3 * day, "1d12h": 36 * time.Hour,
		"-1d1m": -day - time.Minute, "1h30m": 90 * time.Minute, "0": 0, "0d": 0, "+2d": 2 * day, "99999d": 99999 * day,
	} {
		if got, err := process.ParseDuration(text); err != nil || got != want {
			t.Errorf("%q is %v (%v), want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "d", "3", "3 d", "12h3d", "1d-2h", "1d+2h", "3D", "soon", "123456d", "1.5d", "1d2"} {
		if got, err := process.ParseDuration(text); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}
