package process

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// ParseDuration reads a duration as the contract writes them (30d, 12h, 5s) or as Go does (1h30m); d is 24 hours, and
// stands first where there is more (1d12h).
func ParseDuration(text string) (time.Duration, error) {
	wrong := fmt.Errorf("%q is no duration: write it like 30d, 12h or 5s", text)
	m := regexp.MustCompile(`^([+-]?)(?:([0-9]{1,5})d)?(.*)$`).FindStringSubmatch(text)
	if m == nil || m[2] == "" {
		d, err := time.ParseDuration(text)
		if err != nil {
			return 0, wrong
		}
		return d, nil
	}
	days, err := strconv.Atoi(m[2])
	if err != nil {
		return 0, wrong
	}
	d := time.Duration(days) * 24 * time.Hour
	if m[3] != "" {
		rest, err := time.ParseDuration(m[3])
		if err != nil || strings.HasPrefix(m[3], "-") || strings.HasPrefix(m[3], "+") {
			return 0, wrong
		}
		d += rest
	}
	if m[1] == "-" {
		d = -d
	}
	return d, nil
}

// DurationVar declares a flag that takes what ParseDuration reads.
func DurationVar(fs *pflag.FlagSet, to *time.Duration, name string, value time.Duration, usage string) {
	*to = value
	fs.Var((*duration)(to), name, usage)
}

type duration time.Duration

func (d *duration) Set(text string) error {
	v, err := ParseDuration(text)
	*d = duration(v)
	return err
}

func (d *duration) String() string { return time.Duration(*d).String() }

// Type is what help calls it.
func (d *duration) Type() string { return "duration" }
