package sender

import "time"

// Failure is why an attempt failed, and what that means for the next one.
type Failure struct {
	// What is one line: what was being done, with which endpoint, what is wrong, what to do. No address, no secret.
	What string
	// Permanent: trying again can't help this notice; it is dead at once. Otherwise it may be tried again later.
	Permanent bool
	// Gone: the endpoint is no longer there for anybody (a bot that was removed, a key that is refused): set it aside.
	Gone bool
	// RetryAfter is the least time to wait before the next attempt at this endpoint, where the server said so; 0: it didn't.
	RetryAfter time.Duration
	cause      error
}

// Error is What.
func (f *Failure) Error() string { return f.What }

// Unwrap is context.DeadlineExceeded and the like, where there is such a cause. It never holds an address.
func (f *Failure) Unwrap() error { return f.cause }
