package egress

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
)

// checked refuses URLs before the transport sees them.
type checked struct {
	filter    *Filter
	transport *http.Transport
	allowHTTP bool
}

// RoundTrip does one call.
func (c *checked) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := c.filter.CheckURL(r.URL, c.allowHTTP); err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, err
	}
	return c.transport.RoundTrip(r)
}

// CloseIdleConnections ends what is kept open.
func (c *checked) CloseIdleConnections() { c.transport.CloseIdleConnections() }

func tlsConfig(roots *x509.CertPool) *tls.Config {
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}
