// Package secure is how the clients of Kafka and Redis prove who they are and to whom they talk: certificates and
// passwords from files that are read again for each connection, so that renewing them needs no restart, and errors that
// name the setting to mend.
package secure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"time"
)

// TLS says how to know the server by and, with a certificate, who the client is. The zero value: no TLS.
type TLS struct {
	On       bool
	For      string // kafka or redis: errors speak of --kafka-ca-file
	CAFile   string // PEM of the authorities that may have signed the server's certificate; empty: the system's
	CertFile string // PEM of the client's own certificate and what lies between it and its authority; empty: none
	KeyFile  string // PEM of its key
}

// DialFunc opens a connection.
type DialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// handshakeWithin bounds the handshake, besides the caller's own time-out.
const handshakeWithin = 5 * time.Second

// Dial gives a dial function that speaks TLS if that is on, and else says so where the server does. dial nil: the network.
func Dial(dial DialFunc, t TLS) DialFunc {
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		if !t.On {
			return t.plain(conn, address), nil
		}
		secured, err := t.handshake(ctx, conn, address)
		if err != nil {
			_ = conn.Close()
			return nil, err
		}
		return secured, nil
	}
}

func (t TLS) handshake(ctx context.Context, conn net.Conn, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", address, err)
	}
	cfg, err := t.config(host)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithTimeout(ctx, handshakeWithin)
	defer stop()
	c := tls.Client(conn, cfg)
	if err := c.HandshakeContext(ctx); err != nil {
		return nil, t.explain(err, address)
	}
	return &tlsConn{Conn: c, tls: t, address: address}, nil
}

// Check reads the files, as the first connection will.
func (t TLS) Check() error {
	_, err := t.config("")
	return err
}

// config is made anew for each connection, from the files as they are now.
func (t TLS) config(host string) (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, fmt.Errorf("reading --%s-ca-file: %w", t.For, err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("reading --%s-ca-file %s: there is no PEM certificate in it", t.For, t.CAFile)
		}
	}
	if t.CertFile != "" {
		own, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("reading --%s-cert-file %s and --%s-key-file %s: %w", t.For, t.CertFile, t.For, t.KeyFile, err)
		}
		// Not Certificates: those are left out where the server's list of authorities doesn't name theirs, and then the
		// server complains that there is none.
		cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &own, nil }
	}
	return cfg, nil
}
