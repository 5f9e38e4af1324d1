package redisstate

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/tierstream/tierstream/pkg/processor"
)

// writeToken is a token as the script takes it: offset:epoch:logic:nonce. The cursor key holds it with the number of
// customers behind it.
func writeToken(t processor.Token) string {
	b := make([]byte, 0, 48)
	for _, n := range [...]int64{t.Offset, t.Epoch, t.Logic} {
		b = append(strconv.AppendInt(b, n, 10), ':')
	}
	return string(strconv.AppendUint(b, t.Nonce, 16))
}

func readToken(text string) (t processor.Token, missing bool, err error) {
	if text == "" {
		return t, true, nil
	}
	parts := strings.Split(text, ":")
	var customers uint64
	if len(parts) == 5 {
		for i, to := range [...]*int64{&t.Offset, &t.Epoch, &t.Logic} {
			*to, _ = strconv.ParseInt(parts[i], 10, 64) // what can't be read isn't written the same
		}
		t.Nonce, _ = strconv.ParseUint(parts[3], 16, 64)
		customers, _ = strconv.ParseUint(parts[4], 10, 64)
	}
	if writeToken(t)+":"+strconv.FormatUint(customers, 10) != text {
		return processor.Token{}, false, fmt.Errorf("%w: the cursor %q is none of ours", processor.ErrDamaged, text)
	}
	return t, false, nil
}

var errLast = fmt.Errorf("%w: the last outputs can't be read", processor.ErrDamaged)

// encodeLast is the outputs of a batch, each text with its length before it: the same outputs are the same bytes.
func encodeLast(out []processor.Emission) []byte {
	size := 0
	for _, e := range out {
		size += len(e.Topic) + 2*binary.MaxVarintLen32
		for _, m := range e.Messages {
			size += len(m.Key) + len(m.Value) + 3*binary.MaxVarintLen16
			for _, h := range m.Headers {
				size += len(h.Key) + len(h.Value) + 2*binary.MaxVarintLen16
			}
		}
	}
	b := binary.AppendUvarint(make([]byte, 0, size+binary.MaxVarintLen32), uint64(len(out)))
	for _, e := range out {
		b = text(b, e.Topic)
		b = binary.AppendUvarint(b, uint64(len(e.Messages)))
		for _, m := range e.Messages {
			b = text(text(b, m.Key), m.Value)
			b = binary.AppendUvarint(b, uint64(len(m.Headers)))
			for _, h := range m.Headers {
				b = text(text(b, h.Key), h.Value)
			}
		}
	}
	return b
}

func text[T string | []byte](b []byte, t T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(t))), t...)
}

// scanner reads what encodeLast wrote; after a fault it gives nothing more.
type scanner struct {
	b   []byte
	bad bool
}

func (s *scanner) number() int {
	n, size := binary.Uvarint(s.b)
	if size <= 0 || n > uint64(len(s.b)) {
		s.bad = true
		return 0
	}
	s.b = s.b[size:]
	return int(n)
}

func (s *scanner) text() []byte {
	n := s.number()
	if s.bad || n > len(s.b) {
		s.bad = true
		return nil
	}
	t := s.b[:n:n]
	s.b = s.b[n:]
	return t
}

func decodeLast(b []byte) (out []processor.Emission, err error) {
	if len(b) == 0 {
		return nil, nil
	}
	s := &scanner{b: b}
	for range s.number() {
		e := processor.Emission{Topic: string(s.text())}
		for range s.number() {
			m := processor.Message{Key: string(s.text()), Value: s.text()}
			for range s.number() {
				m.Headers = append(m.Headers, processor.Header{Key: string(s.text()), Value: s.text()})
			}
			e.Messages = append(e.Messages, m)
		}
		out = append(out, e)
	}
	if s.bad || len(s.b) > 0 {
		return nil, errLast
	}
	return out, nil
}
