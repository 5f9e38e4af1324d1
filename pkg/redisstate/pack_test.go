package redisstate

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"github.com/klauspost/compress/s2"
	"pgregory.net/rapid"

	"github.com/tierstream/tierstream/pkg/processor"
)

func outputs(t *rapid.T) (out []processor.Emission) {
	word := rapid.SliceOfN(rapid.Byte(), 1, 40)
	for range rapid.IntRange(0, 4).Draw(t, "topics") {
		e := processor.Emission{Topic: rapid.StringN(1, 20, -1).Draw(t, "topic")}
		for range rapid.IntRange(1, 60).Draw(t, "messages") {
			m := processor.Message{Key: rapid.StringN(0, 12, -1).Draw(t, "key"), Value: word.Draw(t, "value")}
			for range rapid.IntRange(0, 2).Draw(t, "headers") {
				m.Headers = append(m.Headers, processor.Header{Key: "ce_id", Value: word.Draw(t, "header")})
			}
			e.Messages = append(e.Messages, m)
		}
		out = append(out, e)
	}
	return out
}

// What was stored comes back, compressed or not, from today's programs and from older ones.
func TestLastComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		out := outputs(t)
		for what, stored := range map[string][]byte{"packed": packLast(out), "plain": encodeLast(out)} {
			if got, err := unpackLast(stored); err != nil || !reflect.DeepEqual(got, out) {
				t.Fatalf("%s: %v, %v, want %v", what, got, err, out)
			}
		}
		if !bytes.Equal(packLast(out), packLast(out)) {
			t.Fatal("the same outputs are other bytes")
		}
	})
}

// Outputs of a batch are stored in less than half of their bytes; few are stored as they are, as older programs did.
func TestLastIsCompressed(t *testing.T) {
	e := processor.Emission{Topic: "scores"}
	for i := range 100 {
		e.Messages = append(e.Messages, processor.Message{Key: "C1", Value: append(bytes.Repeat([]byte("level"), 20), byte(i))})
	}
	if all, b := encodeLast([]processor.Emission{e}), packLast([]processor.Emission{e}); b[0] != packed || 2*len(b) > len(all) {
		t.Errorf("%d bytes of %d", len(b), len(all))
	}
	e.Messages = e.Messages[:2]
	if all, b := encodeLast([]processor.Emission{e}), packLast([]processor.Emission{e}); !bytes.Equal(all, b) {
		t.Errorf("few outputs are stored as %x", b)
	}
}

// FuzzLast: whatever is stored is read or refused, and what claims to be huge takes no memory.
func FuzzLast(f *testing.F) {
	f.Add(packLast([]processor.Emission{{Topic: "scores", Messages: []processor.Message{{Key: "a", Value: make([]byte, 2000)}}}}))
	f.Add(append([]byte{packed}, s2.Encode(nil, []byte("no outputs"))...))
	f.Add([]byte{packed, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte{packed})
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := unpackLast(b); err != nil && !errors.Is(err, processor.ErrDamaged) {
			t.Errorf("%v is no damage", err)
		}
	})
}
