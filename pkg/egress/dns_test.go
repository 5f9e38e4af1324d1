package egress_test

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
)

// nameServer answers each question for an A record with the next of its addresses, and the last again and again.
type nameServer struct {
	mu      sync.Mutex
	answers []netip.Addr
	asked   int
}

// resolver asks the name server, over a connection in memory.
func (s *nameServer) resolver(t *testing.T) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		t.Cleanup(func() { _ = client.Close(); _ = server.Close() })
		go s.serve(server)
		return client, nil
	}}
}

// serve speaks DNS over a stream: a length, then the message (RFC 1035, 4.2.2).
func (s *nameServer) serve(c net.Conn) {
	for {
		var size [2]byte
		if _, err := c.Read(size[:]); err != nil {
			return
		}
		q := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := c.Read(q); err != nil {
			return
		}
		a := s.answer(q)
		if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(a))), a...)); err != nil {
			return
		}
	}
}

func (s *nameServer) answer(q []byte) []byte {
	end := 12
	for q[end] != 0 {
		end += 1 + int(q[end])
	}
	question := q[12 : end+5]
	kind := binary.BigEndian.Uint16(q[end+1:])
	a := append([]byte{}, q[0], q[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0)
	a = append(a, question...)
	if kind != 1 || !strings.Contains(string(question), "hook") {
		return a
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.answers[min(s.asked, len(s.answers)-1)]
	s.asked++
	a[7] = 1
	a = append(a, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
	return append(a, at.AsSlice()...)
}
