package secure_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/tierstream/tierstream/pkg/secure"
	"github.com/tierstream/tierstream/pkg/secure/securetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve answers each line with the same line, over TLS if cfg isn't nil, and gives its address.
func serve(t *testing.T, cfg *tls.Config) string {
	return listen(t, func(c net.Conn) {
		if cfg != nil {
			c = tls.Server(c, cfg)
		}
		line, err := bufio.NewReader(c).ReadString('\n')
		if err == nil {
			_, _ = io.WriteString(c, line)
		}
	})
}

func listen(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			handle(c)
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		_ = ln.Close()
		<-ended
	})
	return ln.Addr().String()
}

// talk connects, sends a line and wants it back.
func talk(ctx context.Context, s secure.TLS, address string) error {
	conn, err := secure.Dial(nil, s)(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "hello\n"); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && line != "hello\n" {
		err = errors.New("it answered " + line)
	}
	return err
}

// Each way in which two ends don't agree names what is wrong and the setting to mend.
func TestDial(t *testing.T) {
	ca, other := securetest.New(t), securetest.New(t)
	certFile, keyFile := ca.Issue("client")
	oldCert, oldKey := ca.Issue("old", securetest.Expired)
	foreignCert, foreignKey := other.Issue("client")
	old := ca.Server()
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	good := secure.TLS{On: true, For: "kafka", CAFile: ca.File}
	with := func(cert, key string) secure.TLS {
		s := good
		s.CertFile, s.KeyFile = cert, key
		return s
	}
	for _, tc := range []struct {
		name   string
		client secure.TLS
		server *tls.Config // nil: plain
		says   []string    // none: it works
	}{
		{"they agree", good, ca.Server(), nil},
		{"neither speaks TLS", secure.TLS{For: "kafka"}, nil, nil},
		{"the server wants a certificate and gets it", with(certFile, keyFile), ca.Asking(), nil},
		{"a certificate is there that nobody wants", with(certFile, keyFile), ca.Server(), nil},
		{"another authority", good, other.Server(), []string{"isn't signed by an authority in --kafka-ca-file " + ca.File}},
		{"none but the system's authorities", secure.TLS{On: true, For: "redis"}, ca.Server(), []string{"set --redis-ca-file"}},
		{"it has expired", good, ca.Server(securetest.Expired), []string{"expired", "renew the server's certificate"}},
		{"it is for another host", good, ca.Server(securetest.For("elsewhere.example")), []string{"connect by a name that the certificate has", "issued for 127.0.0.1"}},
		{"the server speaks none", good, nil, []string{"unset --kafka-tls"}},
		{"the server speaks an old one", good, old, []string{"speaking TLS to"}},
		{"the server wants a certificate", good, ca.Asking(), []string{"set --kafka-cert-file"}},
		{"the server wants another certificate", with(foreignCert, foreignKey), ca.Asking(), []string{"--kafka-cert-file " + foreignCert}},
		{"the client's has expired", with(oldCert, oldKey), ca.Asking(), []string{"--kafka-cert-file " + oldCert, "renew"}},
		{"only the server speaks it", secure.TLS{For: "kafka"}, ca.Server(), []string{"set --kafka-tls"}},
		{"only the server speaks it, of Redis", secure.TLS{For: "redis"}, ca.Server(), []string{"rediss://"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			address := serve(t, tc.server)
			err := talk(t.Context(), tc.client, address)
			switch {
			case len(tc.says) == 0 && err != nil:
				t.Error(err)
			case len(tc.says) > 0 && err == nil:
				t.Error("they talked")
			}
			for _, part := range tc.says {
				if err != nil && (!strings.Contains(err.Error(), part) || !strings.Contains(err.Error(), address) || strings.Contains(err.Error(), "\n")) {
					t.Errorf("%v: want one line with %q and the address", err, part)
				}
			}
		})
	}
}

// A server that hangs up without a word may be one that speaks TLS.
func TestDialHungUp(t *testing.T) {
	address := listen(t, func(net.Conn) {})
	for _, s := range []secure.TLS{{For: "kafka"}, {On: true, For: "kafka"}} {
		if err := talk(t.Context(), s, address); err == nil || !strings.Contains(err.Error(), "set --kafka-tls") {
			t.Errorf("TLS %v: %v", s.On, err)
		}
	}
}

// Files that are renewed count with the next connection.
func TestDialReadsFilesAgain(t *testing.T) {
	before, after := securetest.New(t), securetest.New(t)
	s := secure.TLS{On: true, For: "kafka", CAFile: before.File}
	s.CertFile, s.KeyFile = before.Issue("client")
	if err := talk(t.Context(), s, serve(t, before.Asking())); err != nil {
		t.Fatal(err)
	}
	address := serve(t, after.Asking())
	if err := talk(t.Context(), s, address); err == nil {
		t.Fatal("the new server was believed before its authority was known")
	}
	cert, key := after.Issue("client")
	for to, from := range map[string]string{s.CAFile: after.File, s.CertFile: cert, s.KeyFile: key} {
		b, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := talk(t.Context(), s, address); err != nil {
		t.Error(err)
	}
}
