package routes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/tierstream/tierstream/pkg/lintyaml"
)

// managers reads how account managers are reached, and makes an endpoint of each one's mail address.
func (d document) managers(keys map[string]lintyaml.Field, names *known) {
	k, ok := keys["managers"]
	if !ok {
		return
	}
	list, ok := k.Value.(*ast.SequenceNode)
	if !ok {
		d.Fail(k.At, "write one entry per account manager: - {id: li.wei, email: li.wei@example.com}", "%q must be a list of account managers", k.Name)
		return
	}
	at := map[string]lintyaml.Position{}
	for _, n := range list.Values {
		sub := d.Fields(n, "an account manager", "id", "email", "by", "endpoint", "locale")
		if sub == nil {
			continue
		}
		where := lintyaml.At(n)
		k, ok := sub["id"]
		if !ok {
			d.Fail(where, "add the id that profiles have as account_manager: id: li.wei", "the account manager has no id")
			continue
		}
		id := d.Name(k)
		if first, twice := at[id]; twice {
			d.Fail(lintyaml.At(k.Value), fmt.Sprintf("the first is on line %d", first.Line), "there are two account managers with the id %q", id)
			continue
		}
		at[id] = lintyaml.At(k.Value)
		names.file.Managers[id] = d.manager(sub, id, at[id], names)
	}
}

func (d document) manager(sub map[string]lintyaml.Field, id string, at lintyaml.Position, names *known) (m Manager) {
	if k, ok := sub["endpoint"]; ok {
		m.Endpoints = d.leads(k, names)
	}
	email, ok := sub["email"]
	switch {
	case !ok && sub["endpoint"].Value == nil:
		d.Fail(at, "add email: ADDRESS or endpoint: NAME", "nothing says how the account manager is reached")
		return m
	case !ok:
		for _, name := range []string{"by", "locale"} {
			if k, ok := sub[name]; ok {
				d.Fail(k.At, "it is for mail; an endpoint has its own", "%q has no effect without \"email\"", name)
			}
		}
		return m
	}
	text, ok := d.Scalar(email)
	if !ok {
		return m
	}
	by, found := d.mailServer(sub, lintyaml.At(email.Value), names)
	if !found {
		return m
	}
	own := by
	own.Name, own.To = by.Name+"/"+id, []string{d.mailbox(entry{text, lintyaml.At(email.Value)})}
	if k, ok := sub["locale"]; ok {
		own.Locale = d.locale(k)
	}
	names.file.Endpoints = append(names.file.Endpoints, own)
	m.Endpoints = append(m.Endpoints, own.Name)
	return m
}

// mailServer is the endpoint that "by" names, or the only one of type smtp.
func (d document) mailServer(sub map[string]lintyaml.Field, at lintyaml.Position, names *known) (Endpoint, bool) {
	var servers []string
	for _, name := range names.names {
		if e, _ := names.find(name); e.Kind == SMTP {
			servers = append(servers, name)
		}
	}
	k, named := sub["by"]
	switch {
	case named:
		text, ok := d.Scalar(k)
		if ok && !slices.Contains(servers, text) {
			d.Fail(lintyaml.At(k.Value), lintyaml.Closest(text, servers, "name an endpoint of type smtp"), "there is no mail server %q", text)
			return Endpoint{}, false
		}
		names.used[text] = true
		return names.find(text)
	case len(servers) == 1:
		names.used[servers[0]] = true
		return names.find(servers[0])
	case len(servers) == 0:
		d.Fail(at, "add an endpoint of type smtp", "there is no mail server to write to the account manager by")
	default:
		d.Fail(at, fmt.Sprintf("add by: %s", servers[0]), "there are several mail servers to write to the account manager by")
	}
	return Endpoint{}, false
}

func (k *known) find(name string) (Endpoint, bool) {
	for _, e := range k.file.Endpoints {
		if e.Name == name {
			return e, true
		}
	}
	return Endpoint{}, false
}

// leads reads names of endpoints; also has the words that may stand among them.
func (d document) leads(k lintyaml.Field, names *known, also ...string) []string {
	var out []string
	all := append(slices.Clone(names.names), also...)
	for _, e := range d.texts(k) {
		if _, ok := names.at[e.text]; !ok {
			d.Fail(e.at, lintyaml.Closest(e.text, all, otherwise(all)), "there is no endpoint %q", e.text)
			continue
		}
		names.used[e.text] = true
		out = append(out, e.text)
	}
	return out
}

func otherwise(names []string) string {
	if len(names) == 0 {
		return "there are no endpoints: add them under endpoints"
	}
	return "it is one of: " + strings.Join(names, ", ")
}
