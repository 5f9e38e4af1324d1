package sender_test

import (
	"bufio"
	"crypto/tls"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// sink is a mail server that keeps what it gets. Replies says otherwise than yes to a verb: "RCPT": "550 no such user".
type sink struct {
	address string
	tls     *tls.Config
	offers  []string // extensions, STARTTLS among them
	replies map[string]string
	hang    string // the verb that is never answered
	hung    chan struct{}

	mu    sync.Mutex
	lines []string // commands, with the state of encryption in front
	data  string
}

// newSink starts a server whose certificate is that of the test server, for 127.0.0.1.
func newSink(t *testing.T, certificate *httptest.Server, direct bool) *sink {
	t.Helper()
	s := &sink{tls: &tls.Config{Certificates: certificate.TLS.Certificates, MinVersion: tls.VersionTLS12}, replies: map[string]string{}, offers: []string{"STARTTLS", "AUTH PLAIN LOGIN", "8BITMIME"}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if direct {
		listener = tls.NewListener(listener, s.tls)
	}
	s.address = listener.Addr().String()
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); group.Wait() })
	return s
}

func (s *sink) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	_, secure := conn.(*tls.Conn)
	in, say := bufio.NewReader(conn), func(text string) { _, _ = conn.Write([]byte(text + "\r\n")) }
	say("220 sink ESMTP")
	for {
		text, err := in.ReadString('\n')
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.TrimSpace(text), " ")
		verb = strings.ToUpper(verb)
		s.note(secure, strings.TrimSpace(text))
		switch reply := s.replies[verb]; {
		case s.hang == verb:
			s.hung <- struct{}{}
			_, _ = in.ReadByte()
			return
		case reply != "":
			say(reply)
			continue
		}
		switch verb {
		case "EHLO":
			say("250-sink\r\n250-" + strings.Join(s.offers, "\r\n250-") + "\r\n250 SIZE 1000000")
		case "STARTTLS":
			say("220 go on")
			upgraded := tls.Server(conn, s.tls)
			conn, secure, in = upgraded, true, bufio.NewReader(upgraded)
		case "AUTH":
			say("235 welcome")
		case "DATA":
			say("354 go on")
			if !s.take(in) {
				return
			}
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 fine")
		}
	}
}

func (s *sink) take(in *bufio.Reader) bool {
	var b strings.Builder
	for {
		text, err := in.ReadString('\n')
		if err != nil {
			return false
		}
		if text == ".\r\n" {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.data = b.String()
			return true
		}
		b.WriteString(text)
	}
}

func (s *sink) note(secure bool, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if secure {
		text = "tls " + text
	}
	s.lines = append(s.lines, text)
}

func (s *sink) got() (commands, data string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n"), s.data
}
