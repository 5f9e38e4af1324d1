package routes

import (
	"fmt"
	"net/mail"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/tierstream/tierstream/pkg/lintyaml"
)

// ownManager in "to" stands for the customer's account manager.
const ownManager = "account_manager"

// known are the endpoints of a file by name, and which of them something leads to.
type known struct {
	file  *File
	at    map[string]lintyaml.Position
	names []string
	used  map[string]bool
	asked bool // a route sends to account managers
}

func (d document) endpoints(keys map[string]lintyaml.Field, common Endpoint, f *File) *known {
	names := &known{file: f, at: map[string]lintyaml.Position{}, used: map[string]bool{}}
	k, ok := keys["endpoints"]
	if !ok {
		return names
	}
	list, ok := k.Value.(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 {
		d.Fail(k.At, "write one entry per endpoint: - {name: crm, type: webhook, url: https://crm.example/hook, secret_env: CRM_SECRET}", "%q must be a list of endpoints", k.Name)
		return names
	}
	for _, n := range list.Values {
		e, at := d.endpoint(n, common)
		if e.Name == "" {
			continue
		}
		if first, twice := names.at[e.Name]; twice {
			d.Fail(at, fmt.Sprintf("the first is on line %d", first.Line), "there are two endpoints named %q", e.Name)
			continue
		}
		names.at[e.Name] = at
		names.names = append(names.names, e.Name)
		f.Endpoints = append(f.Endpoints, e)
	}
	return names
}

func (d document) endpoint(n ast.Node, common Endpoint) (Endpoint, lintyaml.Position) {
	e, at := common, lintyaml.At(n)
	keys := d.Fields(n, "an endpoint", endpointKeys()...)
	if keys == nil {
		return e, at
	}
	if k, ok := keys["name"]; !ok {
		d.Fail(at, "add a line: name: crm", "the endpoint has no name")
	} else if e.Name = d.Name(k); e.Name != "" {
		at = lintyaml.At(k.Value)
		if e.Name == ownManager || strings.Contains(e.Name, "/") {
			d.Fail(at, "", `%q can't be a name of an endpoint: %s has a meaning of its own, and / belongs to account managers' mail`, e.Name, ownManager)
		}
	}
	k, ok := keys["type"]
	if !ok {
		d.Fail(at, "add one of: "+strings.Join(kindNames(), ", "), "the endpoint has no type")
		return e, at
	}
	if e.Kind = Kind(d.oneOf(k, kindNames())); e.Kind == "" {
		return e, at
	}
	d.fitting(keys, e.Kind)
	d.common(keys, &e)
	if k, ok := keys["allow_http"]; ok {
		e.AllowHTTP = d.Bool(k)
	}
	if k, ok := keys["allow_plaintext"]; ok {
		e.AllowHTTP = d.Bool(k)
	}
	e.URL = d.source(keys, "url", at)
	e.Secret = d.source(keys, "secret", at)
	d.address(keys, &e, at)
	if e.Kind == SMTP {
		d.mail(keys, &e, at)
	}
	return e, at
}

func endpointKeys() []string {
	return []string{"name", "type", "url", "url_file", "url_env", "secret_file", "secret_env", "allow_http", "locale", "link", "timeout",
		"max_in_flight", "max_age", "username", "from", "to", "allow_plaintext"}
}

func kindNames() []string {
	var out []string
	for _, k := range Kinds() {
		out = append(out, string(k))
	}
	return out
}

// fitting refuses the keys that an endpoint of this kind has no use for.
func (d document) fitting(keys map[string]lintyaml.Field, kind Kind) {
	refuse := func(hint string, names ...string) {
		for _, name := range names {
			if k, ok := keys[name]; ok {
				d.Fail(k.At, hint, "an endpoint of type %s has no %q", kind, name)
			}
		}
	}
	switch kind {
	case SMTP:
		refuse("mail without TLS is allow_plaintext: true", "allow_http")
		return
	case Webhook:
		refuse("a webhook gets the record as JSON, in no language and without a link", "locale", "link")
	case Slack, Teams, WeCom:
		refuse("the url is its secret", "secret_file", "secret_env")
	}
	refuse("it is for type smtp", "username", "from", "to", "allow_plaintext")
}

// source reads NAME, NAME_file or NAME_env, of which there is one at most.
func (d document) source(keys map[string]lintyaml.Field, name string, at lintyaml.Position) (s Source) {
	var given []string
	for _, suffix := range []string{"", "_file", "_env"} {
		k, ok := keys[name+suffix]
		if !ok {
			continue
		}
		given = append(given, name+suffix)
		text, ok := d.Scalar(k)
		switch {
		case !ok:
			continue
		case strings.TrimSpace(text) == "":
			d.Fail(lintyaml.At(k.Value), "", "%q is empty", k.Name)
		case suffix == "":
			s.Value = text
		case mask(text) != text:
			d.Fail(lintyaml.At(k.Value), "write where the secret is, not the secret", "%q holds what looks like a secret", k.Name)
		case suffix == "_env" && !regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`).MatchString(text):
			d.Fail(lintyaml.At(k.Value), "write it as in CRM_SECRET: capitals, digits and _", "%q is no name of an environment variable", k.Name)
		case suffix == "_env":
			s.Env = text
		case filepath.IsAbs(text):
			s.File = text
		default:
			s.File = filepath.Join(d.folder, text)
		}
	}
	if len(given) > 1 {
		d.Fail(at, "keep one of them", "the endpoint has %s", strings.Join(given, " and "))
		return Source{}
	}
	return s
}

// mail reads what only smtp has.
func (d document) mail(keys map[string]lintyaml.Field, e *Endpoint, at lintyaml.Position) {
	if k, ok := keys["from"]; !ok {
		d.Fail(at, "add a line: from: Tierstream <tierstream@example.com>", "the endpoint has no sender's address")
	} else if text, ok := d.Scalar(k); ok {
		e.From = d.mailbox(entry{text, lintyaml.At(k.Value)})
	}
	if k, ok := keys["to"]; ok {
		for _, each := range d.texts(k) {
			e.To = append(e.To, d.mailbox(each))
		}
	}
	k, named := keys["username"]
	if named {
		e.Username, _ = d.Scalar(k)
	}
	if secret := keys["secret_file"].Value != nil || keys["secret_env"].Value != nil; named != secret {
		d.Fail(at, "give username with secret_file or secret_env, or neither", "a mail server takes a username and a password, or none of them")
	}
}

func (d document) mailbox(e entry) string {
	if _, err := mail.ParseAddress(e.text); err != nil {
		d.Fail(e.at, "write it as in li.wei@example.com", "%q is no mail address", e.text)
	}
	return e.text
}
