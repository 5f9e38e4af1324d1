package kafkalog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// access is what a request wants to do, for the advice where it may not.
type access struct {
	operation string // as ACLs name it
	topic     string
	group     string
}

// advise says what to do about an error of getting in or being allowed.
func (c *Client) advise(err error, a access) error {
	var (
		code kafka.Error
		dial *net.OpError
	)
	errors.As(err, &code)
	switch {
	case err == nil:
		return nil
	case code == kafka.SASLAuthenticationFailed:
		return fmt.Errorf("%w: Kafka refuses --kafka-user %s with %s by %s: correct them; it is read again with each try", err, c.cfg.Login.User, c.cfg.Login.Password, c.cfg.Login.Mechanism)
	case code == kafka.UnsupportedSASLMechanism:
		return fmt.Errorf("%w: Kafka doesn't take --kafka-sasl %s there: give one that the listener has enabled", err, c.cfg.Login.Mechanism)
	case code == kafka.IllegalSASLState:
		return fmt.Errorf("%w: Kafka asks for no user there: unset --kafka-sasl, or give the port that asks", err)
	case code == kafka.TopicAuthorizationFailed:
		return fmt.Errorf("%w: %s may not %s topic %s: %s", err, c.who(), verb(a.operation), a.topic, c.grant(a.operation, "--topic", a.topic))
	case code == kafka.GroupAuthorizationFailed:
		return fmt.Errorf("%w: %s may not use group %s: %s", err, c.who(), a.group, c.grant(a.operation, "--group", a.group))
	case code == kafka.ClusterAuthorizationFailed:
		return fmt.Errorf("%w: %s may not %s the cluster: %s", err, c.who(), verb(a.operation), c.grant(a.operation, "--cluster", ""))
	case c.cfg.Login.Mechanism == "" && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)):
		return fmt.Errorf("%w (does it ask for a user? set --kafka-sasl)", err)
	case errors.As(err, &dial) && dial.Op == "dial", errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w (is it running, and are --brokers right?)", err)
	}
	return err
}

func verb(operation string) string { return strings.ToLower(operation) }

// who is the client, as an ACL names it.
func (c *Client) who() string {
	switch {
	case c.cfg.Login.User != "":
		return "User:" + c.cfg.Login.User
	case c.cfg.TLS.CertFile != "":
		return "the user of the certificate " + c.cfg.TLS.CertFile
	}
	return "User:ANONYMOUS"
}

// grant is the command that allows it.
func (c *Client) grant(operation, kind, name string) string {
	who := c.who()
	if !strings.HasPrefix(who, "User:") {
		who = "User:DISTINGUISHED-NAME"
	}
	return strings.TrimSpace(fmt.Sprintf("grant it with kafka-acls.sh --bootstrap-server %s --command-config ADMIN.properties --add --allow-principal %s --operation %s %s %s",
		c.cfg.Brokers[0], who, operation, kind, name))
}

// refused is advise for a request to a topic that may be hidden from this user.
func (c *Client) refused(ctx context.Context, err error, a access) error {
	if errors.Is(err, kafka.UnknownTopicOrPartition) || errors.Is(err, protocol.ErrNoTopic) {
		if hidden := c.denied(ctx, a.topic); hidden != nil {
			err = hidden
		}
	}
	return c.advise(err, a)
}

// denied says whether the topic is hidden from this user rather than not there: metadata of all topics leaves such out.
func (c *Client) denied(ctx context.Context, topic string) error {
	if c.cfg.Login.Mechanism == "" && c.cfg.TLS.CertFile == "" {
		return nil // nobody is asked who they are
	}
	t := c.newTransport(topic)
	defer t.CloseIdleConnections()
	m, err := (&kafka.Client{Addr: c.kafka.Addr, Timeout: requestTimeout, Transport: t}).Metadata(ctx, &kafka.MetadataRequest{Topics: []string{topic}})
	if err != nil {
		return err
	}
	for _, x := range m.Topics {
		if x.Name == topic && errors.Is(x.Error, kafka.TopicAuthorizationFailed) {
			return x.Error
		}
	}
	return nil
}
