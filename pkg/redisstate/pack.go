package redisstate

import (
	"github.com/klauspost/compress/s2"

	"github.com/tierstream/tierstream/pkg/processor"
)

const (
	// packed begins outputs that are compressed. Those that aren't begin with the number of topics, which are few.
	packed = 0xff
	// packFrom is where compressing begins to be worth its while.
	packFrom = 1 << 10
	// plainMost is more than any batch sends: what claims to be larger isn't read into memory.
	plainMost = 64 << 20
)

// packLast is encodeLast as it is stored. Outputs are two thirds of what Apply sends to Redis, and of what that appends to its
// file, which it has to write anew the sooner; compressed they are half to an eighth.
func packLast(out []processor.Emission) []byte {
	plain := encodeLast(out)
	if len(plain) < packFrom {
		return plain
	}
	b := make([]byte, 1+s2.MaxEncodedLen(len(plain)))
	b[0] = packed
	return b[:1+len(s2.Encode(b[1:], plain))]
}

// unpackLast reads what packLast wrote, and what encodeLast did: older programs stored that.
func unpackLast(b []byte) ([]processor.Emission, error) {
	if len(b) == 0 || b[0] != packed {
		return decodeLast(b)
	}
	if n, err := s2.DecodedLen(b[1:]); err != nil || n > plainMost {
		return nil, errLast
	}
	plain, err := s2.Decode(nil, b[1:])
	if err != nil {
		return nil, errLast
	}
	return decodeLast(plain)
}
