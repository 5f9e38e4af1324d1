package routes

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/lintyaml"
)

// Problem is one mistake in a routing file.
type Problem = lintyaml.Problem

// Problems is the mistakes of one routing file, by line. It is the error of Parse.
type Problems = lintyaml.Problems

// What holds where a routing file says nothing.
const (
	defaultTimeout     = 15 * time.Second
	defaultMaxInFlight = 8
	defaultMaxAge      = 3 * 24 * time.Hour
	maxInFlight        = 100
	maxTimeout         = time.Minute
)

// Parse reads a routing file; file is its name, in what it complains about and as the folder that its secret files are
// relative to. An error is Problems: all mistakes, by line. No secret is read, and none that stands in the file by
// mistake is repeated.
func Parse(file string, src []byte) (*File, error) {
	d := document{Document: lintyaml.New(words(), file, src), folder: filepath.Dir(file)}
	f := &File{Managers: map[string]Manager{}, byName: map[string]int{}}
	if root := d.Root(); root != nil {
		d.file(root, f)
	}
	if ps := d.Problems(); len(ps) > 0 {
		return nil, ps
	}
	f.Warnings = d.Warnings()
	return f, nil
}

// document is a routing file being read.
type document struct {
	*lintyaml.Document
	folder string
}

func words() lintyaml.Words {
	elsewhere := "a secret never stands in the routing file: put it into a file of its own and write secret_file: PATH, or secret_env: NAME"
	return lintyaml.Words{
		One: "routing file", Many: "routing files", Shortest: `version: "1"`, Apart: "keep all routes in one document", Mask: mask,
		Instead: map[string]string{"secret": elsewhere, "password": elsewhere, "token": elsewhere, "key": elsewhere, "sign": elsewhere},
	}
}

func (d document) file(root ast.Node, f *File) {
	keys := d.Fields(root, "the routing file", "version", "locale", "link", "timeout", "max_in_flight", "max_age",
		"endpoints", "managers", "routes", "default", "egress")
	if keys == nil {
		return
	}
	if v, ok := keys["version"]; ok {
		f.Version = d.Name(v)
	} else {
		d.Fail(lintyaml.At(root), `add a line: version: "1"`, "the routing file has no version")
	}
	common := Endpoint{Locale: English, Timeout: defaultTimeout, MaxInFlight: defaultMaxInFlight, MaxAge: defaultMaxAge}
	d.common(keys, &common)
	names := d.endpoints(keys, common, f)
	d.managers(keys, names)
	d.routes(keys, names, f)
	d.egress(keys, f)
	for i := range f.Endpoints {
		f.byName[f.Endpoints[i].Name] = i
	}
	d.unused(keys, names, f)
}

// common are the keys that the file has for all endpoints, and each of them for itself.
func (d document) common(keys map[string]lintyaml.Field, e *Endpoint) {
	if k, ok := keys["locale"]; ok {
		e.Locale = d.locale(k)
	}
	if k, ok := keys["link"]; ok {
		e.Link = d.link(k)
	}
	if k, ok := keys["timeout"]; ok {
		e.Timeout = d.span(k, time.Second, maxTimeout)
	}
	if k, ok := keys["max_age"]; ok {
		e.MaxAge = d.span(k, time.Minute, 400*24*time.Hour)
	}
	if k, ok := keys["max_in_flight"]; ok {
		e.MaxInFlight = d.Integer(k, 1, maxInFlight)
	}
}

func (d document) locale(k lintyaml.Field) Locale {
	return Locale(d.oneOf(k, []string{string(English), string(Chinese)}))
}

// span is a duration within bounds.
func (d document) span(k lintyaml.Field, lowest, highest time.Duration) time.Duration {
	before := len(d.Problems())
	span := time.Duration(d.Duration(k)/civil.Microsecond) * time.Microsecond
	if len(d.Problems()) == before && (span < lowest || span > highest) {
		d.Fail(lintyaml.At(k.Value), "", "%q must be from %s to %s", k.Name, spell(lowest), spell(highest))
	}
	return span
}

func spell(span time.Duration) string {
	if day := 24 * time.Hour; span%day == 0 {
		return fmt.Sprintf("%dd", span/day)
	}
	return fmt.Sprintf("%ds", span/time.Second)
}

// oneOf is a text out of some, as they are written; empty where it is none, which has been reported.
func (d document) oneOf(k lintyaml.Field, allowed []string) string {
	text, ok := d.Scalar(k)
	if !ok {
		return ""
	}
	if !slices.Contains(allowed, text) {
		d.Fail(lintyaml.At(k.Value), suggest(text, allowed), "%q can't be %q", k.Name, text)
		return ""
	}
	return text
}
