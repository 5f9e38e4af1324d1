package civil_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/civil"
)

func calendar(t testing.TB, zone string) civil.Calendar {
	t.Helper()
	c, err := civil.NewCalendar(zone)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParseDay(t *testing.T) {
	for text, want := range map[string]civil.Day{"1970-01-01": 0, "1969-12-31": -1, "2011-03-01": 15034, "2012-02-29": 15399} {
		got, err := civil.ParseDay(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: got %d (%s) %v, want %d", text, got, got, err, want)
		}
	}
	for _, bad := range []string{"", "2011-3-1", "2011-02-30", "20110301", "2011-03-01T00:00:00Z", "yesterday"} {
		if d, err := civil.ParseDay(bad); err == nil {
			t.Errorf("%q was taken as %s", bad, d)
		}
	}
}

func TestUnknownZone(t *testing.T) {
	if _, err := civil.NewCalendar("Mars/Olympus"); err == nil {
		t.Error("an unknown zone was taken")
	}
}

// A day's start belongs to the day, and the moment before it to the day before, in every kind of zone: with a fixed
// offset, with summer time, and with midnights that summer time skips.
func TestStartIsTheFirstInstantOfTheDay(t *testing.T) {
	zones := []string{"UTC", "Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "America/St_Johns", "Africa/Cairo"}
	cals := map[string]civil.Calendar{}
	for _, z := range zones {
		cals[z] = calendar(t, z)
	}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		d := civil.Day(rapid.IntRange(7300, 25000).Draw(t, "day"))
		c := cals[zone]
		if s := c.Start(d); c.DayOf(s) != d || c.DayOf(s-1) != d-1 {
			t.Fatalf("%s: day %s starts at %s, which is day %s after %s", zone, d, s, c.DayOf(s), c.DayOf(s-1))
		}
	})
}

func TestLocal(t *testing.T) {
	shanghai, err := civil.NewCalendar("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	at := civil.FromTime(time.Date(2026, 3, 1, 16, 30, 0, 0, time.UTC))
	for c, want := range map[civil.Calendar]string{{}: "2026-03-01 16:30", shanghai: "2026-03-02 00:30"} {
		if got := c.Local(at).Format("2006-01-02 15:04"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestMidnightInShanghai(t *testing.T) {
	c := calendar(t, "Asia/Shanghai")
	at := civil.FromTime(time.Date(2026, 3, 1, 16, 0, 0, 0, time.UTC))
	if got := c.DayOf(at).String(); got != "2026-03-02" {
		t.Errorf("16:00Z is %s in Shanghai", got)
	}
	if got := c.Start(c.DayOf(at)); got != at {
		t.Errorf("the day starts at %s, want %s", got, at)
	}
}
