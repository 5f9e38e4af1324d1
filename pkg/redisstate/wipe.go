package redisstate

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// wipePage is how many keys one step of Wipe looks at.
const wipePage = 1000

// Wipe forgets every partition of a stage, and tells after each step how many keys are gone. The cursors go first: what a wipe
// that is broken off leaves behind is never taken for a state.
func (s *Store) Wipe(ctx context.Context, prefix, stage string, partitions int, gone func(keys int64)) error {
	for p := range partitions {
		if err := s.client.Del(ctx, s.Slot(prefix, stage, p).key("cursor")).Err(); err != nil {
			return fmt.Errorf("forgetting %s partition %d: %w", stage, p, err)
		}
	}
	var mu sync.Mutex // the masters of a cluster are asked side by side
	told := func(keys int64) {
		mu.Lock()
		defer mu.Unlock()
		gone(keys)
	}
	pattern := literal("{"+prefix+stage+":p") + "*"
	each := func(ctx context.Context, c *redis.Client) error { return wipe(ctx, c, pattern, told) }
	if _, err := s.eachMaster(ctx, each); err != nil {
		return fmt.Errorf("forgetting %s: %w", stage, err)
	}
	return nil
}

// literal takes the letters of Redis' patterns for themselves.
func literal(text string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`).Replace(text)
}

func wipe(ctx context.Context, c *redis.Client, pattern string, gone func(int64)) error {
	for cursor := uint64(0); ; {
		keys, next, err := c.Scan(ctx, cursor, pattern, wipePage).Result()
		if err != nil {
			return err
		}
		if len(keys) > 0 {
			_, err := c.Pipelined(ctx, func(p redis.Pipeliner) error { // a command each: they lie in many slots
				for _, k := range keys {
					p.Unlink(ctx, k)
				}
				return nil
			})
			if err != nil {
				return err
			}
			gone(int64(len(keys)))
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}
