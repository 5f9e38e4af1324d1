package egress_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/egress"
)

func TestAddresses(t *testing.T) {
	for address, allowed := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "2606:4700::1111": true, "::ffff:8.8.8.8": true, "64:ff9b::8.8.8.8": true, "2002:808:808::1": true,
		"9.255.255.255": true, "11.0.0.0": true, "172.15.0.1": true, "172.32.0.1": true, "100.63.255.255": true, "100.128.0.0": true,
		"10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false, "100.64.0.1": false, "100.127.255.255": false,
		"127.0.0.1": false, "127.255.255.254": false, "::1": false, "0.0.0.0": false, "0.1.2.3": false, "::": false,
		"169.254.169.254": false, "169.254.0.1": false, "fe80::1": false, "fe80::1%eth0": false, "fd00:ec2::254": false, "fd12::1": false, "fc00::1": false,
		"100.100.100.200": false, "192.0.0.192": false, "224.0.0.1": false, "239.255.255.255": false, "ff02::1": false, "255.255.255.255": false, "240.0.0.1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:169.254.169.254": false, "::127.0.0.1": false,
		"64:ff9b::10.0.0.1": false, "64:ff9b::169.254.169.254": false, "64:ff9b:1::8.8.8.8": false, "2002:a00:1::1": false, "2001:0:1::1": false,
		"192.0.2.1": false, "198.18.0.1": false, "198.51.100.1": false, "203.0.113.1": false, "2001:db8::1": false, "fec0::1": false,
	} {
		err := egress.New(egress.Config{}).Check("example.com", netip.MustParseAddr(address))
		if (err == nil) != allowed {
			t.Errorf("%s: %v, want allowed: %v", address, err, allowed)
		}
		if err != nil && !errors.As(err, new(*egress.Refused)) {
			t.Errorf("%s: %T is not Refused", address, err)
		}
	}
}

func TestAllowed(t *testing.T) {
	var allow []netip.Prefix
	for _, text := range []string{"10.1.0.0/16", "169.254.169.254/32", "fd00::/64"} {
		allow = append(allow, netip.MustParsePrefix(text))
	}
	f := egress.New(egress.Config{Allow: allow, AllowHosts: []string{"crm.internal"}})
	for _, c := range []struct {
		host, address string
		allowed       bool
	}{
		{"a", "10.1.2.3", true}, {"a", "::ffff:10.1.2.3", true}, {"a", "10.2.0.1", false}, {"a", "fd00::1", true}, {"a", "169.254.169.254", true},
		{"crm.internal", "10.2.0.1", true}, {"CRM.Internal.", "127.0.0.1", true}, {"xcrm.internal", "10.2.0.1", false},
		{"crm.internal", "169.254.1.1", false}, {"crm.internal", "fd00:ec2::254", false}, {"crm.internal", "0.0.0.0", false}, {"crm.internal", "224.0.0.1", false},
	} {
		if err := f.Check(c.host, netip.MustParseAddr(c.address)); (err == nil) != c.allowed {
			t.Errorf("%s at %s: %v, want allowed: %v", c.host, c.address, err, c.allowed)
		}
	}
}

func TestURLs(t *testing.T) {
	f := egress.New(egress.Config{})
	for text, says := range map[string]string{
		"https://example.com/x": "", "http://example.com": "allow_http", "ftp://example.com": "scheme", "https://": "no host", "https://[::1]/": "internal",
		"https://127.0.0.1:8443": "internal", "https://169.254.169.254/latest": "no address of a service",
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.CheckURL(u, false); (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
	u, _ := url.Parse("http://example.com")
	if err := f.CheckURL(u, true); err != nil {
		t.Errorf("allow_http: %v", err)
	}
}

// server answers on loopback, and counts.
func server(t *testing.T, h http.HandlerFunc) *url.URL {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func call(c *http.Client, u string) (int, error) {
	r, err := c.Post(u, "text/plain", strings.NewReader("x"))
	if err != nil {
		return 0, err
	}
	defer func() { _ = r.Body.Close() }()
	_, err = io.Copy(io.Discard, r.Body)
	return r.StatusCode, err
}

// Numbers in other spellings are resolved by the system or not at all; what is dialled is checked.
func TestDial(t *testing.T) {
	reached := 0
	u := server(t, func(http.ResponseWriter, *http.Request) { reached++ })
	t.Setenv("HTTP_PROXY", u.String())
	t.Setenv("HTTPS_PROXY", u.String())
	closed := egress.New(egress.Config{}).Client(5*time.Second, true)
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"} {
		if code, err := call(closed, "http://"+net.JoinHostPort(strings.Trim(host, "[]"), u.Port())); err == nil {
			t.Errorf("%s answered %d", host, code)
		}
	}
	if reached > 0 {
		t.Fatalf("the server on loopback was reached %d times", reached)
	}
	open := egress.New(egress.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}).Client(5*time.Second, true)
	if code, err := call(open, u.String()); err != nil || code != 200 || reached != 1 {
		t.Errorf("allowed by CIDR: %d %v, reached %d", code, err, reached)
	}
	named := egress.New(egress.Config{AllowHosts: []string{"localhost"}}).Client(5*time.Second, true)
	if code, err := call(named, "http://localhost:"+u.Port()); err != nil || code != 200 || reached != 2 {
		t.Errorf("allowed by name: %d %v, reached %d", code, err, reached)
	}
}

// A name that was public when somebody looked, and isn't when it is called.
func TestRebinding(t *testing.T) {
	reached := 0
	u := server(t, func(http.ResponseWriter, *http.Request) { reached++ })
	dns := &nameServer{answers: []netip.Addr{netip.MustParseAddr("93.184.215.14"), netip.MustParseAddr("127.0.0.1")}}
	f := egress.New(egress.Config{Resolver: dns.resolver(t)})
	first, err := dns.resolver(t).LookupNetIP(t.Context(), "ip4", "hook.example.com")
	if err != nil || len(first) != 1 {
		t.Fatalf("the name server doesn't answer: %v %v", first, err)
	}
	if err := f.Check("hook.example.com", first[0]); err != nil {
		t.Errorf("at first the name is public: %v", err)
	}
	_, err = call(f.Client(5*time.Second, true), "http://hook.example.com:"+u.Port())
	var refused *egress.Refused
	if !errors.As(err, &refused) || !strings.Contains(refused.Why, "127.0.0.1") || reached > 0 {
		t.Errorf("then it is loopback: %v, reached %d, want a refusal that names the address", err, reached)
	}
}

func TestRedirect(t *testing.T) {
	reached := 0
	target := server(t, func(http.ResponseWriter, *http.Request) { reached++ })
	u := server(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, target.String(), http.StatusTemporaryRedirect)
	})
	open := egress.New(egress.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}).Client(5*time.Second, true)
	if code, err := call(open, u.String()); err != nil || code != http.StatusTemporaryRedirect || reached > 0 {
		t.Errorf("%d %v, reached the target %d times", code, err, reached)
	}
}

func TestRequiresHTTPS(t *testing.T) {
	u := server(t, func(http.ResponseWriter, *http.Request) {})
	c := egress.New(egress.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}).Client(5*time.Second, false)
	if _, err := call(c, u.String()); err == nil || !strings.Contains(err.Error(), "allow_http") {
		t.Errorf("got %v", err)
	}
}
