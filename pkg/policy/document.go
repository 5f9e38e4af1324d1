package policy

import (
	"strconv"
	"strings"

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
	whole, part, _ := strings.Cut(text, ".")
	minor, err := strconv.ParseUint(whole+part+strings.Repeat("0", max(scale-len(part), 0)), 10, 48)
	if err != nil || whole == "" || len(part) > scale {
		d.Fail(lintyaml.At(f.Value), "", "%q must be an amount in the currency with at most %d decimals, not %q", f.Name, scale, text)
		return 0
	}
	return int64(minor)
}
