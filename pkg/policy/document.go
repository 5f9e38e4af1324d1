package policy

import (
	"strconv"
	"strings"

	"github.com/tierstream/tierstream/pkg/figure"
	"github.com/tierstream/tierstream/pkg/lintyaml"
)

// Problem is one mistake in a policy.
type Problem = lintyaml.Problem

// Problems is the mistakes of one policy, by line. It is the error of Parse.
type Problems = lintyaml.Problems

// document is a policy being read.
type document struct{ *lintyaml.Document }

func newDocument(file string, src []byte) document {
	words := lintyaml.Words{One: "policy", Many: "policies", Shortest: `version: "1"`, Apart: "keep one policy per file"}
	return document{lintyaml.New(words, file, src)}
}

// amount reads money in major units into minor units.
func (d document) amount(f lintyaml.Field, scale int) int64 {
	text, ok := d.Scalar(f)
	if !ok {
		return 0
	}
	minor, ok := decimal(text, scale, 48)
	if !ok {
		d.Fail(lintyaml.At(f.Value), "", "%q must be an amount in the currency with at most %d decimals, not %q", f.Name, scale, text)
		return 0
	}
	return minor
}

// decimal is a decimal without a sign, of at most so many places, as a whole number of the last of them, which fits so many
// bits.
func decimal(text string, places, bits int) (int64, bool) {
	whole, part, _ := strings.Cut(text, ".")
	n, err := strconv.ParseUint(whole+part+strings.Repeat("0", max(places-len(part), 0)), 10, bits)
	return int64(n), err == nil && whole != "" && len(part) <= places
}

// millionths is a decimal with or without a minus in millionths, which is no less than lowest and no more than highest.
func millionths(text string, bits int, lowest, highest int64) (int64, bool) {
	digits, negative := strings.CutPrefix(text, "-")
	n, ok := decimal(digits, 6, bits)
	if negative {
		n = -n
	}
	return n, ok && n >= lowest*figure.One && n <= highest*figure.One
}
