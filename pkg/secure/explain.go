package secure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"syscall"
)

// explain turns an error of the handshake into one that says what to do.
func (t TLS) explain(err error, address string) error {
	var (
		unknown   x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		notTLS    tls.RecordHeaderError
		authority = "one of the system's authorities: set --" + t.For + "-ca-file"
	)
	if t.CAFile != "" {
		authority = "an authority in --" + t.For + "-ca-file " + t.CAFile
	}
	what := ""
	switch {
	case errors.As(err, &unknown):
		what = fmt.Sprintf("the server's certificate isn't signed by %s: give the file of the authority that signed it", authority)
	case errors.As(err, &name):
		what = fmt.Sprintf("connect by a name that the certificate has, or have it issued for %s", name.Host)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		what = "renew the server's certificate, and check this machine's clock"
	case errors.As(err, &notTLS):
		what = fmt.Sprintf("the server doesn't speak TLS there: give its TLS port, or %s", t.without())
	case alerted(err):
		what = t.refused()
	case errors.Is(err, context.DeadlineExceeded):
		what = fmt.Sprintf("the server doesn't answer the handshake: does it speak TLS there? If not, give its TLS port, or %s", t.without())
	case ended(err):
		what = fmt.Sprintf("the server ended the handshake: does it speak TLS 1.2 or newer there? If it speaks none, give its TLS port, or %s", t.without())
	default:
		return fmt.Errorf("speaking TLS to %s: %w", address, err)
	}
	return fmt.Errorf("speaking TLS to %s: %w: %s", address, err, what)
}

// without is how to do without TLS.
func (t TLS) without() string {
	if t.For == "redis" {
		return "--redis redis:// without the second s"
	}
	return "unset --" + t.For + "-tls"
}

func (t TLS) refused() string {
	if t.CertFile == "" {
		return fmt.Sprintf("the server refuses the client; if it asks for a certificate, set --%s-cert-file and --%s-key-file", t.For, t.For)
	}
	return fmt.Sprintf("the server refuses the certificate in --%s-cert-file %s: renew it, or have an authority sign it that the server trusts", t.For, t.CertFile)
}

// alerted says whether the other side has refused, in TLS' own words.
func alerted(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

// ended says whether the other side has gone.
func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// tlsConn explains what comes after the handshake: in TLS 1.3 the server refuses a client's certificate only then.
type tlsConn struct {
	net.Conn
	tls     TLS
	address string
}

func (c *tlsConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if alerted(err) {
		err = fmt.Errorf("speaking TLS to %s: %w: %s", c.address, err, c.tls.refused())
	}
	return n, err
}

// plainConn finds out by the first answer that the server speaks TLS. It has the socket's other methods: go-redis looks
// with them whether a connection in its pool has ended.
type plainConn struct {
	*net.TCPConn
	address string
	tls     TLS
	heard   atomic.Bool
}

func (t TLS) plain(conn net.Conn, address string) net.Conn {
	socket, ok := conn.(*net.TCPConn)
	if !ok {
		return conn
	}
	return &plainConn{TCPConn: socket, address: address, tls: t}
}

// First bytes of a TLS alert: type 21, major version 3.
const (
	alertType  = 21
	tlsVersion = 3
)

func (c *plainConn) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	if c.heard.Load() {
		return n, err
	}
	switch {
	case n > 0 && b[0] == alertType && (n == 1 || b[1] == tlsVersion):
		return 0, fmt.Errorf("%s answers with TLS: %s", c.address, c.tls.with())
	case n == 0 && err != nil && ended(err):
		// Not wrapped: kafka-go would put its own words for an end in place of these.
		return 0, fmt.Errorf("%s ended the connection without a word: %v (if it speaks TLS, %s)", c.address, err, c.tls.with())
	case n > 0:
		c.heard.Store(true)
	}
	return n, err
}

// with is how to ask for TLS.
func (t TLS) with() string {
	if t.For == "redis" {
		return "set --redis rediss://, with two s"
	}
	return "set --" + t.For + "-tls"
}
