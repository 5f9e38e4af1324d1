package dev_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// redisWire is the clients' side of every connection to Redis: it can be cut, refused, or lose an answer.
type redisWire struct {
	server   *miniredis.Miniredis
	mu       sync.Mutex
	conns    map[*redisConn]bool
	refusing bool
	lose     int
}

// redisConn is a client's side of a connection to Redis: the answer to a command that was done may be lost. What is
// written waits in a buffer, as the kernel has one: over a bare pipe a long pipeline and its first answers would wait
// for each other.
type redisConn struct {
	net.Conn
	wire   *redisWire
	out    chan []byte
	once   sync.Once
	closed chan struct{}
}

const redisBuffer = 1 << 12 // writes

func (w *redisWire) dial(context.Context, string, string) (net.Conn, error) {
	if w.refuses() {
		return nil, errors.New("connection refused")
	}
	c, err := w.server.Dial() // waits for the server, which may wait for a reader: not under the mutex
	if err != nil {
		return nil, err
	}
	out := &redisConn{Conn: c, wire: w, out: make(chan []byte, redisBuffer), closed: make(chan struct{})}
	w.mu.Lock()
	w.conns[out] = true
	w.mu.Unlock()
	go out.pump()
	return out, nil
}

func (w *redisWire) refuses() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.refusing
}

// refuse keeps new connections out, or lets them in.
func (w *redisWire) refuse(all bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refusing = all
}

// cut closes every connection.
func (w *redisWire) cut() {
	w.mu.Lock()
	all := slices.Collect(maps.Keys(w.conns))
	w.mu.Unlock()
	for _, c := range all {
		_ = c.Close()
	}
}

// loseAnswers lets the next n answers be lost, with the connections.
func (w *redisWire) loseAnswers(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lose = n
}

func (w *redisWire) takes() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lose == 0 {
		return false
	}
	w.lose--
	return true
}

func (c *redisConn) pump() {
	for {
		select {
		case <-c.closed:
			return
		case b := <-c.out:
			if _, err := c.Conn.Write(b); err != nil {
				_ = c.Close()
				return
			}
		}
	}
}

func (c *redisConn) Write(b []byte) (int, error) {
	select {
	case <-c.closed:
		return 0, net.ErrClosed
	case c.out <- bytes.Clone(b):
		return len(b), nil
	}
}

func (c *redisConn) SetDeadline(t time.Time) error    { return c.SetReadDeadline(t) }
func (c *redisConn) SetWriteDeadline(time.Time) error { return nil } // of the buffer

func (c *redisConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err == nil && c.wire.takes() {
		_ = c.Close()
		return 0, net.ErrClosed
	}
	return n, err
}

func (c *redisConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	c.wire.mu.Lock()
	delete(c.wire.conns, c)
	c.wire.mu.Unlock()
	return c.Conn.Close()
}
