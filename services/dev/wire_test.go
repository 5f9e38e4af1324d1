package dev_test

import (
	"encoding/binary"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// wire is the brokers' side of every connection: it can be cut, go silent for a while, or lose the reply to a request
// that the broker has done.
type wire struct {
	net   *kfake.VirtualNetwork
	mu    sync.Mutex
	conns map[*conn]bool
	lose  map[int16]int // replies to lose, by API key
	lost  int
}

func newWire(net *kfake.VirtualNetwork) *wire {
	return &wire{net: net, conns: map[*conn]bool{}, lose: map[int16]int{}}
}

func (w *wire) listen(network, address string) (net.Listener, error) {
	l, err := w.net.Listen(network, address)
	return &listener{l, w}, err
}

type listener struct {
	net.Listener
	wire *wire
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	out := &conn{Conn: c, wire: l.wire, joining: make(chan struct{}, 1), closed: make(chan struct{})}
	l.wire.mu.Lock()
	l.wire.conns[out] = true
	l.wire.mu.Unlock()
	return out, nil
}

// loseReply lets the next n requests of a kind be done and their replies be lost, with the connections.
func (w *wire) loseReply(key kmsg.Key, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lose[int16(key)] += n
}

// heal takes back what hasn't come to pass.
func (w *wire) heal() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.lose)
}

func (w *wire) takes(key int16) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lose[key] == 0 {
		return false
	}
	w.lose[key]--
	w.lost++
	return true
}

func (w *wire) each(f func(*conn)) {
	w.mu.Lock()
	var all []*conn
	for c := range w.conns {
		all = append(all, c)
	}
	w.mu.Unlock()
	for _, c := range all {
		f(c)
	}
}

// cut ends every connection.
func (w *wire) cut() { w.each(func(c *conn) { _ = c.Conn.Close() }) }

// mute keeps back every reply for so long, as a network does that loses packets. Connections to group coordinators are
// spared: there kafka-go waits for its turn to read with a mutex, and while anybody does the bubble's clock stands still.
func (w *wire) mute(d time.Duration) {
	until := time.Now().Add(d).UnixNano()
	w.each(func(c *conn) {
		if !c.group.Load() {
			c.until.Store(until)
		}
	})
}

// conn reads along what the client asks, to know whose reply to lose.
type conn struct {
	net.Conn
	wire  *wire
	head  []byte // of a request: size, API key
	skip  int    // bytes left of a request
	drop  atomic.Bool
	group atomic.Bool // to a group's coordinator
	until atomic.Int64
	// joining is full while the broker owes the answer to a JoinGroup.
	joining chan struct{}
	once    sync.Once
	closed  chan struct{} // by the broker
}

// Read tells the broker that the connection has ended, but not while it owes the answer to a JoinGroup: there Kafka doesn't
// look either. It gives every member that it answers a session, whether the answer arrives or not; kfake gives none to one
// that it knows to be cut off, which then stays a member for ever, with partitions that nobody reads.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.follow(b[:n])
	if err != nil && c.skip == 0 {
		select {
		case c.joining <- struct{}{}:
		case <-c.closed:
		}
	}
	return n, err
}

func (c *conn) follow(b []byte) {
	for len(b) > 0 {
		if c.skip > 0 {
			n := min(c.skip, len(b))
			c.skip, b = c.skip-n, b[n:]
			continue
		}
		c.head, b = append(c.head, b[0]), b[1:]
		if len(c.head) == 6 {
			c.skip = int(binary.BigEndian.Uint32(c.head)) - 2
			key := int16(binary.BigEndian.Uint16(c.head[4:]))
			if key == int16(kmsg.JoinGroup) {
				c.group.Store(true)
				c.until.Store(0)
				c.joining <- struct{}{} // there is room: kafka-go awaits each answer
			}
			if c.wire.takes(key) {
				c.drop.Store(true)
			}
			c.head = c.head[:0]
		}
	}
}

func (c *conn) Write(b []byte) (int, error) {
	select { // before it is written: the next request may come before this returns
	case <-c.joining:
	default:
	}
	if wait := time.Until(time.Unix(0, c.until.Load())); wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		select {
		case <-t.C:
		case <-c.closed:
		}
	}
	if c.drop.Load() {
		_ = c.Close()
		return 0, net.ErrClosed
	}
	return c.Conn.Write(b)
}

func (c *conn) Close() error {
	c.once.Do(func() { close(c.closed) })
	c.wire.mu.Lock()
	delete(c.wire.conns, c)
	c.wire.mu.Unlock()
	return c.Conn.Close()
}
