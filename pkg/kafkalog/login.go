package kafkalog

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"

	"github.com/tierstream/tierstream/pkg/secure"
)

// login is kafka-go's view of a Login: the password is read for each connection.
type login struct{ secure.Login }

func mechanism(l secure.Login) sasl.Mechanism {
	if l.Mechanism == "" {
		return nil
	}
	return login{l}
}

// Name is the mechanism's.
func (l login) Name() string { return l.Mechanism }

// Start begins to log in.
func (l login) Start(ctx context.Context) (sasl.StateMachine, []byte, error) {
	password, err := l.Password.Read()
	if err != nil {
		return nil, nil, err
	}
	var algorithm scram.Algorithm
	switch l.Mechanism {
	case secure.Plain:
		return plain.Mechanism{Username: l.User, Password: password}.Start(ctx)
	case secure.ScramSHA256:
		algorithm = scram.SHA256
	case secure.ScramSHA512:
		algorithm = scram.SHA512
	default:
		return nil, nil, fmt.Errorf("--kafka-sasl %s is not known", l.Mechanism)
	}
	m, err := scram.Mechanism(algorithm, l.User, password)
	if err != nil { // not named: it may show a part of the password
		return nil, nil, fmt.Errorf("the user or the password of --kafka-user %s has characters that SCRAM can't carry", l.User)
	}
	return m.Start(ctx)
}

// newTransport is a transport to these brokers as this user. topics: those that its metadata is about; none: all.
func (c *Client) newTransport(topics ...string) *kafka.Transport {
	return &kafka.Transport{
		ClientID: c.cfg.ClientID, DialTimeout: dialTimeout, MetadataTTL: metadataTTL, MetadataTopics: topics,
		Dial: c.dial(), SASL: mechanism(c.cfg.Login),
	}
}

// dialer is the consumer groups' way to the brokers.
func (c *Client) dialer() *kafka.Dialer {
	return &kafka.Dialer{ClientID: c.cfg.ClientID, Timeout: dialTimeout, DialFunc: c.dial(), SASLMechanism: mechanism(c.cfg.Login)}
}

// dial does TLS by itself: kafka-go's two ways of doing it explain nothing and keep the files that they began with.
func (c *Client) dial() secure.DialFunc {
	dial := secure.Dial(c.cfg.Dial, c.cfg.TLS)
	if c.cfg.Login.Mechanism == "" {
		return dial
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &loginConn{Conn: conn}, nil
	}
}

// loginConn is a connection that logs in. A broker may refuse by hanging up, which kafka-go takes for a fault of the
// network; and it waits for a broker that says nothing for ever. Requests have their own deadlines.
type loginConn struct {
	net.Conn
	asked atomic.Int32 // key of the latest request
}

// Keys of the requests that log in, and where a request has its key: behind its length.
const (
	saslHandshake    = 17
	saslAuthenticate = 36
	keyAt, keyEnd    = 4, 6
)

// Write notes what is asked.
func (c *loginConn) Write(b []byte) (int, error) {
	if len(b) >= keyEnd {
		c.asked.Store(int32(binary.BigEndian.Uint16(b[keyAt:keyEnd])))
	}
	return c.Conn.Write(b)
}

// Read tells a refusal from other ends.
func (c *loginConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 || !errors.Is(err, io.EOF) {
		return n, err
	}
	switch c.asked.Load() {
	case saslHandshake:
		err = fmt.Errorf("the broker ended the connection when asked to log in: %w", kafka.IllegalSASLState)
	case saslAuthenticate:
		err = fmt.Errorf("the broker ended the connection while logging in: %w", kafka.SASLAuthenticationFailed)
	}
	return n, err
}

// SetDeadline takes no deadline for the longest one.
func (c *loginConn) SetDeadline(t time.Time) error { return c.Conn.SetDeadline(bounded(t)) }

// SetReadDeadline takes no deadline for the longest one.
func (c *loginConn) SetReadDeadline(t time.Time) error { return c.Conn.SetReadDeadline(bounded(t)) }

// SetWriteDeadline takes no deadline for the longest one.
func (c *loginConn) SetWriteDeadline(t time.Time) error { return c.Conn.SetWriteDeadline(bounded(t)) }

func bounded(t time.Time) time.Time {
	if t.IsZero() {
		return time.Now().Add(requestTimeout)
	}
	return t
}
