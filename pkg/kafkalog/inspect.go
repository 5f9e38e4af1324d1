package kafkalog

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/apiversions"
	"github.com/segmentio/kafka-go/protocol/metadata"
)

// Operations are what this client's user may do with a topic, a group or the cluster, as the broker says.
type Operations int32

// Operation is one of them, by Kafka's numbers.
type Operation int

// The operations that the services need.
const (
	Read            Operation = 3
	Write           Operation = 4
	Create          Operation = 5
	Describe        Operation = 8
	DescribeConfigs Operation = 10
)

// String is the operation as Kafka's tools name it.
func (o Operation) String() string {
	return map[Operation]string{Read: "Read", Write: "Write", Create: "Create", Describe: "Describe", DescribeConfigs: "DescribeConfigs"}[o]
}

// NotTold is what a broker gives that is too old to tell.
const NotTold Operations = math.MinInt32

// May says whether an operation is among them.
func (o Operations) May(op Operation) bool { return o != NotTold && o&(1<<op) != 0 }

// ErrDenied says that this client's user isn't allowed to ask.
var ErrDenied = errors.New("not allowed")

// Cluster is what the brokers say of themselves.
type Cluster struct {
	Controller int
	Operations Operations
	Brokers    []Broker
}

// Broker is one broker, asked directly.
type Broker struct {
	ID       int
	Address  string
	Err      error          // it doesn't answer
	Answer   time.Duration  // until it did, on an open connection
	Versions map[string]int // the newest version of each request that it takes, by the request's name
	Config   Settings
}

// Settings are settings by name. Err: they can't be asked for.
type Settings struct {
	Values map[string]string
	Err    error
}

// Inspect asks every broker.
func (c *Client) Inspect(ctx context.Context, settings []string) (Cluster, error) {
	m, err := c.fresh(ctx, &metadata.Request{TopicNames: []string{}, IncludeClusterAuthorizedOperations: true})
	if err != nil {
		return Cluster{}, fmt.Errorf("asking Kafka at %s for its brokers: %w", strings.Join(c.cfg.Brokers, ","), err)
	}
	out := Cluster{Controller: int(m.ControllerID), Operations: told(m.ClusterAuthorizedOperations)}
	for _, b := range m.Brokers {
		out.Brokers = append(out.Brokers, c.broker(ctx, b, settings))
	}
	slices.SortFunc(out.Brokers, func(a, b Broker) int { return a.ID - b.ID })
	return out, nil
}

func (c *Client) broker(ctx context.Context, m metadata.ResponseBroker, settings []string) Broker {
	b := Broker{ID: int(m.NodeID), Address: net.JoinHostPort(m.Host, strconv.Itoa(int(m.Port))), Versions: map[string]int{}}
	for range 2 { // the first opens the connection
		start := time.Now()
		r, err := c.transport.RoundTrip(ctx, c.kafka.Addr, &versionsOf{broker: m.NodeID})
		if err != nil {
			b.Err = err
			return b
		}
		b.Answer = time.Since(start)
		for _, k := range r.(*apiversions.Response).ApiKeys {
			b.Versions[protocol.ApiKey(k.ApiKey).String()] = int(k.MaxVersion)
		}
	}
	b.Config = c.settings(ctx, kafka.ResourceTypeBroker, []string{strconv.Itoa(b.ID)}, settings)[strconv.Itoa(b.ID)]
	return b
}

// settings gives named settings of topics or of one broker.
func (c *Client) settings(ctx context.Context, kind kafka.ResourceType, resources, names []string) map[string]Settings {
	var ask []kafka.DescribeConfigRequestResource
	out := map[string]Settings{}
	for _, r := range resources {
		ask = append(ask, kafka.DescribeConfigRequestResource{ResourceType: kind, ResourceName: r, ConfigNames: names})
		out[r] = Settings{Err: errors.New("no answer")}
	}
	r, err := c.kafka.DescribeConfigs(ctx, &kafka.DescribeConfigsRequest{Resources: ask})
	if err != nil {
		for name := range out {
			out[name] = Settings{Err: err}
		}
		return out
	}
	for _, x := range r.Resources {
		s := Settings{Values: map[string]string{}, Err: denied(x.Error)}
		for _, e := range x.ConfigEntries {
			s.Values[e.ConfigName] = e.ConfigValue
		}
		out[x.ResourceName] = s
	}
	return out
}

// denied makes one error of all that say 'not allowed'.
func denied(err error) error {
	for _, e := range []kafka.Error{kafka.TopicAuthorizationFailed, kafka.GroupAuthorizationFailed, kafka.ClusterAuthorizationFailed} {
		if errors.Is(err, e) {
			return ErrDenied
		}
	}
	return err
}

func told(ops int32) Operations {
	if ops == 0 { // an answer of a version that doesn't have them
		return NotTold
	}
	return Operations(ops)
}
