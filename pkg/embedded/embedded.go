// Package embedded starts Kafka and Redis inside the process, for `tierctl dev` and `demo` and for tests: the real
// protocols on real ports, through the very clients that talk to real servers. Nothing here is made to last.
package embedded

import (
	"fmt"
	"net"
	"strconv"

	"github.com/alicebob/miniredis/v2"
	"github.com/twmb/franz-go/pkg/kfake"
)

// Kafka is an embedded broker.
type Kafka struct {
	Broker  string // its address
	cluster *kfake.Cluster
}

// StartKafka starts a broker on addr; port 0 takes a free one. dataDir: where it keeps its logs; empty: nowhere.
func StartKafka(addr, dataDir string) (*Kafka, error) {
	port, err := freePort(addr)
	if err != nil {
		return nil, err
	}
	opts := []kfake.Opt{
		kfake.NumBrokers(1), kfake.Ports(port), kfake.BrokerConfigs(map[string]string{"group.initial.rebalance.delay.ms": "0"}),
	}
	if dataDir != "" {
		opts = append(opts, kfake.DataDir(dataDir))
	}
	c, err := kfake.NewCluster(opts...)
	if err != nil {
		return nil, fmt.Errorf("starting the embedded Kafka on %s: %w", addr, err)
	}
	return &Kafka{Broker: c.ListenAddrs()[0], cluster: c}, nil
}

// freePort gives the port of addr, a free one for port 0, and says so where it is taken.
func freePort(addr string) (int, error) {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return 0, fmt.Errorf("starting the embedded Kafka: %s can't be listened on: %w (is a broker there already? give --brokers another address)", addr, err)
	}
	defer func() { _ = ln.Close() }()
	_, text, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(text)
}

// Close stops the broker.
func (k *Kafka) Close() { k.cluster.Close() }

// Redis is an embedded Redis.
type Redis struct {
	URL    string
	server *miniredis.Miniredis
}

// StartRedis starts a Redis on addr; port 0 takes a free one. It keeps nothing beyond the process.
func StartRedis(addr string) (*Redis, error) {
	m := miniredis.NewMiniRedis()
	if err := m.StartAddr(addr); err != nil {
		return nil, fmt.Errorf("starting the embedded Redis: %s can't be listened on: %w (is a Redis there already? give --redis another address)", addr, err)
	}
	return &Redis{URL: "redis://" + m.Addr(), server: m}, nil
}

// Close stops the server.
func (r *Redis) Close() { r.server.Close() }
