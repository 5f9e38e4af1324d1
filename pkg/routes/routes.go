// Package routes reads the routing file of the notifier: which endpoints there are, who gets which notice, and where
// deliveries may go at all. It is YAML, checked down to the column as policies are, and it holds no secret: those stay in
// files or in the environment.
package routes

import (
	"net/netip"
	"time"

	"github.com/tierstream/tierstream/pkg/notice"
)

// Kind is what an endpoint speaks.
type Kind string

// The kinds of endpoints.
const (
	Webhook  Kind = "webhook" // the record as JSON, signed as Standard Webhooks
	Feishu   Kind = "feishu"
	Lark     Kind = "lark" // Feishu outside China
	DingTalk Kind = "dingtalk"
	WeCom    Kind = "wecom"
	Slack    Kind = "slack"
	Teams    Kind = "teams"
	SMTP     Kind = "smtp"
)

// Kinds are all of them.
func Kinds() []Kind { return []Kind{Webhook, Feishu, Lark, DingTalk, WeCom, Slack, Teams, SMTP} }

// Locale is a language of messages.
type Locale string

// The languages.
const (
	English Locale = "en"
	Chinese Locale = "zh-CN"
)

// File is a routing file. It is never changed once parsed and can be used from many goroutines.
type File struct {
	Version   string // the writer's own name for it
	Endpoints []Endpoint
	Routes    []Route
	Default   []string // endpoints of what no route takes, and of who has no account manager that is known
	Managers  map[string]Manager
	Egress    Egress
	Warnings  Problems // what is allowed, and is likely a mistake

	byName map[string]int
}

// Endpoint is one place that notices go to. An account manager's mail address is an endpoint of its own, named
// "NAME/MANAGER" after the smtp endpoint that it uses; so whoever delivers need not know of managers.
type Endpoint struct {
	Name   string
	Kind   Kind
	URL    Source // smtp://HOST:PORT (STARTTLS) or smtps://HOST:PORT for mail
	Secret Source // of a webhook: whsec_...; of feishu, lark and dingtalk: the signing key, optional; of smtp: the password
	Locale Locale
	Link   string // template with {customer_id}, {type} and {id}; empty: no link
	// Timeout of one attempt.
	Timeout time.Duration
	// MaxInFlight is how many attempts may run at once.
	MaxInFlight int
	// MaxAge is how long ago a notice may have been decided when it is first read.
	MaxAge time.Duration
	// AllowHTTP lets deliveries go out unencrypted: http:// for web endpoints, SMTP without TLS for mail.
	AllowHTTP bool

	Username string // smtp
	From     string // smtp: sender's address, with or without a name
	To       []string
}

// Source is where a value is: in the routing file itself, or in a file or an environment variable, of which it is read at
// each use, so that a value that is changed there holds without a restart. At most one of the three is set.
type Source struct {
	Value string // never a secret: lint sees to it
	File  string // absolute, or relative to the working directory
	Env   string
}

// Route sends the notices that Match takes to the endpoints To, and to the customer's own account manager.
type Route struct {
	Name           string
	Match          Match
	To             []string
	AccountManager bool // also to the customer's account manager
	Stop           bool // the routes below don't see what this one takes
}

// Match is what a route takes: every list that isn't empty must have what the notice has. The zero value takes all.
type Match struct {
	Types                               []notice.Type
	Directions, Kinds, States           []string
	FromTiers, ToTiers, Tiers           []string // Tiers: from or to
	Segments, AccountManagers, Severity []string
}

// Manager is how an account manager is reached: an endpoint of their own, mail, or both.
type Manager struct {
	Endpoints []string // names, mail's derived one included
}

// Egress is where deliveries may go beside public addresses: by address or by the name of the host.
type Egress struct {
	Prefixes []netip.Prefix
	Hosts    []string // lower case
}
