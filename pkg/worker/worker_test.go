package worker

import "testing"

// Rule 15: a nonce tells two Applies apart, wherever they were made, and is never that of an empty slot.
func TestNoncesDiffer(t *testing.T) {
	const n = 10_000
	seen := map[uint64]bool{}
	for range n {
		seen[nonce()] = true
	}
	if len(seen) != n || seen[0] {
		t.Errorf("%d nonces of %d, 0 among them: %v", len(seen), n, seen[0])
	}
}
