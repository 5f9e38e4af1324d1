package routes

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/tierstream/tierstream/pkg/lintyaml"
)

// Address reads and checks where an endpoint is. Its error never holds the address, which may be a secret.
func (e Endpoint) Address(getenv func(string) string) (*url.URL, error) {
	text, err := e.URL.Read(getenv)
	if err != nil {
		return nil, err
	}
	u, what, hint := e.parse(text)
	if what != "" {
		return nil, fmt.Errorf("%s: %w", e.URL, errors.New(strings.TrimSuffix(what+": "+hint, ": ")))
	}
	return u, nil
}

// parse gives what is wrong with an address, or nothing.
func (e Endpoint) parse(text string) (u *url.URL, what, hint string) {
	secure, open, example := "https", "http", "write it as in https://crm.example/hook"
	if e.Kind == SMTP {
		secure, open, example = "smtps", "smtp", "write it as in smtp://mail.example:587 or smtps://mail.example:465"
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != secure && u.Scheme != open:
		return nil, "this is no address of " + e.article(), example
	case u.User != nil:
		return nil, "a url must not hold a name or password", "give them as username and secret_file where the type has them, or put the whole url into a file and write url_file"
	case u.Fragment != "":
		return nil, "a url to post to has no # part", ""
	case e.Kind == SMTP && (u.Path != "" || u.RawQuery != ""):
		return nil, "a mail server has a host and a port only", example
	case e.Kind != SMTP && u.Scheme == open && !e.AllowHTTP:
		return nil, "http would send the notice in the open", "use https, or allow it with allow_http: true"
	}
	return u, "", ""
}

func (e Endpoint) article() string {
	if e.Kind == SMTP {
		return "a mail server"
	}
	return "a " + string(e.Kind) + " endpoint"
}

// address checks the address that stands in the file, and that there is one where it must be.
func (d document) address(keys map[string]lintyaml.Field, e *Endpoint, at lintyaml.Position) {
	given := slices.ContainsFunc([]string{"url", "url_file", "url_env"}, func(name string) bool { return keys[name].Value != nil })
	if !given {
		hint := "the url holds its key: put it into a file of its own and write url_file: PATH, or url_env: NAME"
		if e.Kind == Webhook || e.Kind == SMTP {
			hint = "add url, url_file or url_env"
		}
		d.Fail(at, hint, "the endpoint has no url")
	}
	if e.Kind == Webhook && !e.Secret.Set() && keys["secret_file"].Value == nil && keys["secret_env"].Value == nil {
		d.Fail(at, "make a secret with tierctl webhook rotate-secret and write secret_file: PATH, or secret_env: NAME", "the webhook has no secret to sign with")
	}
	if e.URL.Value == "" {
		return
	}
	where := lintyaml.At(keys["url"].Value)
	u, what, hint := e.parse(e.URL.Value)
	switch {
	case e.Kind != Webhook && e.Kind != SMTP:
		d.Fail(where, "put it into a file of its own and write url_file: PATH, or url_env: NAME", "the url of a %s endpoint holds its key and never stands in the routing file", e.Kind)
	case what != "":
		d.Fail(where, hint, "%s", what)
	case keyed(u):
		d.Fail(where, "put the url into a file of its own and write url_file: PATH, or url_env: NAME", "the url has a parameter that holds a key")
	}
}

func keyed(u *url.URL) bool {
	names := regexp.MustCompile(`(?i)token|secret|passw|signature|^sig$|^sign$|key|^code$|^auth`)
	for name := range u.Query() {
		if names.MatchString(name) {
			return true
		}
	}
	return false
}

// link checks a template.
func (d document) link(k lintyaml.Field) string {
	text, ok := d.Scalar(k)
	if !ok {
		return ""
	}
	places := []string{"customer_id", "id", "type"}
	positions := d.Positions(k.Value, text)
	for _, at := range regexp.MustCompile(`\{[^{}]*\}?`).FindAllStringIndex(text, -1) {
		name := strings.Trim(text[at[0]:at[1]], "{}")
		if !slices.Contains(places, name) {
			where := positions[min(len([]rune(text[:at[0]])), len(positions)-1)]
			d.Fail(where, lintyaml.Closest(name, places, "write one of {"+strings.Join(places, "}, {")+"}"), "a link has no {%s}", name)
			return ""
		}
	}
	u, err := url.Parse(strings.NewReplacer("{", "", "}", "").Replace(text))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		d.Fail(lintyaml.At(k.Value), "write it as in https://crm.example/customers/{customer_id}", "this is no link that can be opened")
	}
	return text
}
