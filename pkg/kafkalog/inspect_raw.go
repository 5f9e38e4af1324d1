package kafkalog

import (
	"context"
	"io"

	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/apiversions"
	"github.com/segmentio/kafka-go/protocol/metadata"
)

// fresh asks for metadata past the transport's cache, which knows no authorised operations.
func (c *Client) fresh(ctx context.Context, ask *metadata.Request) (*metadata.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	r, err := c.transport.RoundTrip(ctx, c.kafka.Addr, &freshMetadata{ask: ask})
	if err != nil {
		return nil, err
	}
	return r.(*freshAnswer).Response, nil
}

// freshMetadata is a metadata request that the transport doesn't take for one.
type freshMetadata struct {
	ask     *metadata.Request
	version int16
}

// freshAnswer is its answer.
type freshAnswer struct{ *metadata.Response }

// ApiKey is protocol.Message.
func (m *freshMetadata) ApiKey() protocol.ApiKey { return protocol.Metadata }

// Required is protocol.RawExchanger: always, and it tells the version.
func (m *freshMetadata) Required(versions map[protocol.ApiKey]int16) bool {
	m.version = versions[protocol.Metadata]
	return true
}

// RawExchange is protocol.RawExchanger.
func (m *freshMetadata) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	r, err := protocol.RoundTrip(rw, m.version, 0, "tierctl", m.ask)
	if err != nil {
		return nil, err
	}
	return &freshAnswer{r.(*metadata.Response)}, nil
}

// versionsOf asks one broker.
type versionsOf struct {
	broker  int32
	version int16
}

// ApiKey is protocol.Message.
func (m *versionsOf) ApiKey() protocol.ApiKey { return protocol.ApiVersions }

// Broker is protocol.BrokerMessage.
func (m *versionsOf) Broker(protocol.Cluster) (protocol.Broker, error) {
	return protocol.Broker{ID: m.broker}, nil
}

// Required is protocol.RawExchanger: always, and it tells the version.
func (m *versionsOf) Required(versions map[protocol.ApiKey]int16) bool {
	m.version = versions[protocol.ApiVersions]
	return true
}

// RawExchange is protocol.RawExchanger.
func (m *versionsOf) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	return protocol.RoundTrip(rw, m.version, 0, "tierctl", &apiversions.Request{})
}
