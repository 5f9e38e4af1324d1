package kafkalog

import "sync"

// commits puts together what the partitions of a generation commit: while one request is under way, the next one gathers.
// They share a connection, on which kafka-go has all who wait look in turn whose answer it is that comes, again and again.
type commits struct {
	send func(offsets map[int]int64) error
	turn chan struct{} // holds one while a request is under way

	mu   sync.Mutex
	next *commitment
}

// commitment is one request.
type commitment struct {
	offsets map[int]int64 // by partition
	sent    bool          // with turn, as err
	err     error
}

func newCommits(send func(map[int]int64) error) *commits {
	return &commits{send: send, turn: make(chan struct{}, 1)}
}

// commit returns when a request with the offset has been answered.
func (c *commits) commit(partition int, offset int64) error {
	mine := c.join(partition, offset)
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	if !mine.sent {
		c.close()
		mine.sent, mine.err = true, c.send(mine.offsets)
	}
	return mine.err
}

// join adds an offset to the next request.
func (c *commits) join(partition int, offset int64) *commitment {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next == nil {
		c.next = &commitment{offsets: map[int]int64{}}
	}
	c.next.offsets[partition] = offset
	return c.next
}

// close lets nobody join the next request any more.
func (c *commits) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next = nil
}
