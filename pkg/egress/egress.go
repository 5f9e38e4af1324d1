// Package egress lets a program call addresses that a user configured without becoming a way into the network that it
// runs in. What is checked is the address that is dialled, after names are resolved, at the moment of the call: a name
// that answers differently the second time (DNS rebinding) gets nowhere.
package egress

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Config says what is allowed beyond the public internet.
type Config struct {
	Allow      []netip.Prefix // addresses
	AllowHosts []string       // names that may lead to private, loopback and carrier-grade NAT addresses
	// Resolver and RootCAs are for tests; nil: the system's.
	Resolver *net.Resolver
	RootCAs  *x509.CertPool
}

// Refused says that a call was not made.
type Refused struct {
	Host string // as it was called
	Why  string
}

// Error is one line; it names no URL, since a URL may carry a token.
func (r *Refused) Error() string { return fmt.Sprintf("calling %s was refused: %s", r.Host, r.Why) }

// Filter is the way out.
type Filter struct {
	cfg   Config
	hosts map[string]bool
	table table
}

// New makes a filter.
func New(cfg Config) *Filter {
	f := &Filter{cfg: cfg, hosts: map[string]bool{}, table: newTable()}
	for _, h := range cfg.AllowHosts {
		f.hosts[plain(h)] = true
	}
	return f
}

// plain is a host name without what doesn't tell two apart.
func plain(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

// Check says whether an address may be dialled for the sake of a host name; nil: it may.
func (f *Filter) Check(host string, a netip.Addr) error {
	real := embedded(a)
	if contains(f.cfg.Allow, a.WithZone("").Unmap()) || contains(f.cfg.Allow, real) {
		return nil
	}
	switch f.table.kindOf(real) {
	case public:
		return nil
	case internal:
		if f.hosts[plain(host)] {
			return nil
		}
		return &Refused{host, fmt.Sprintf("%s is an internal address; if it is meant, name the host or the address under egress: allow", real)}
	}
	return &Refused{host, fmt.Sprintf("%s is no address of a service; if it is meant, name the address under egress: allow", real)}
}

// dialTimeout bounds the making of one connection.
const dialTimeout = 5 * time.Second

// DialContext dials what the filter lets through.
func (f *Filter) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("calling %s: %w", address, err)
	}
	d := net.Dialer{Timeout: dialTimeout, Resolver: f.cfg.Resolver, Control: func(_, at string, _ syscall.RawConn) error {
		a, err := netip.ParseAddrPort(at)
		if err != nil {
			return &Refused{host, "its address can't be read"}
		}
		return f.Check(host, a.Addr())
	}}
	return d.DialContext(ctx, network, address)
}

// CheckURL says what is wrong with a URL before anything is called; the address is checked again when it is dialled.
func (f *Filter) CheckURL(u *url.URL, allowHTTP bool) error {
	host := u.Hostname()
	switch {
	case host == "":
		return errors.New("the URL has no host: write it like https://example.com/path")
	case u.Scheme == "http" && !allowHTTP:
		return &Refused{host, "it isn't https; if that is meant, set allow_http: true"}
	case u.Scheme != "http" && u.Scheme != "https":
		return &Refused{host, "its scheme is neither https nor http"}
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return f.Check(host, a)
	}
	return nil
}

// Client is an HTTP client that goes through the filter. It takes no proxy from the environment, and follows no
// redirect: the answer 3xx is what its caller gets.
func (f *Filter) Client(timeout time.Duration, allowHTTP bool) *http.Client {
	t := &http.Transport{
		DialContext: f.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: dialTimeout, IdleConnTimeout: 90 * time.Second,
		MaxIdleConnsPerHost: 4, MaxResponseHeaderBytes: 64 << 10, DisableCompression: true,
	}
	if f.cfg.RootCAs != nil {
		t.TLSClientConfig = tlsConfig(f.cfg.RootCAs)
	}
	return &http.Client{
		Transport:     &checked{f, t, allowHTTP},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       timeout,
	}
}
