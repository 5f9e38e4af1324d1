// Package securetest makes certificates for tests: an authority, and what it signs.
package securetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// CA is an authority whose certificates are PEM files in a folder of the test.
type CA struct {
	t    testing.TB
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	File string // its own certificate
}

// New makes an authority.
func New(t testing.TB) *CA {
	t.Helper()
	c := &CA{t: t, dir: t.TempDir()}
	c.key = c.newKey()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority of a test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	var der []byte
	der, c.cert = c.create(template, template, c.key.Public(), c.key)
	c.File = c.write("ca.crt", "CERTIFICATE", der)
	return c
}

// Option changes a certificate before it is signed.
type Option func(*x509.Certificate)

// Expired is one that has been valid.
func Expired(c *x509.Certificate) {
	c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
}

// For is one for another host than 127.0.0.1 and localhost.
func For(host string) Option {
	return func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{host} }
}

// Issue signs a certificate for servers and clients on this machine, and gives its file and that of its key.
func (c *CA) Issue(name string, options ...Option) (cert, key string) {
	c.t.Helper()
	k := c.newKey()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
	}
	for _, o := range options {
		o(template)
	}
	der, _ := c.create(template, c.cert, k.Public(), c.key)
	raw, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.write(name+".crt", "CERTIFICATE", der), c.write(name+".key", "EC PRIVATE KEY", raw)
}

// Server is the settings of a server with a certificate of this authority.
func (c *CA) Server(options ...Option) *tls.Config {
	c.t.Helper()
	certFile, keyFile := c.Issue("server", options...)
	own, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		c.t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS12}
}

// Asking is Server that lets in only who has a certificate of this authority.
func (c *CA) Asking() *tls.Config {
	c.t.Helper()
	cfg := c.Server()
	cfg.ClientAuth, cfg.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
	cfg.ClientCAs.AddCert(c.cert)
	return cfg
}

func (c *CA) newKey() *ecdsa.PrivateKey {
	c.t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.t.Fatal(err)
	}
	return k
}

func (c *CA) create(template, parent *x509.Certificate, public any, key *ecdsa.PrivateKey) ([]byte, *x509.Certificate) {
	c.t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		c.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		c.t.Fatal(err)
	}
	return der, cert
}

func (c *CA) write(name, kind string, der []byte) string {
	c.t.Helper()
	path := filepath.Join(c.dir, name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return path
}
