//go:build servers

package e2e

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// moveFor is how long a slot may take to move: it holds a few hundred keys.
const moveFor = time.Minute

// moveSlot moves the slot of one partition of the scorer to another master while it is being written: its keys lie on both
// sides for a while, and the servers answer ASK, TRYAGAIN and MOVED.
func (c *cluster) moveSlot(prefix string) {
	ctx, stop := context.WithTimeout(context.Background(), moveFor)
	defer stop()
	slot := fmt.Sprint(c.keySlot("{" + prefix + "scorer:p3}:cursor"))
	from, to := c.holder(slot), -1
	for i := range c.ports {
		if i != from && c.master(i) {
			to = i
		}
	}
	if from < 0 || to < 0 {
		return // a master is being replaced
	}
	if err := c.move(ctx, slot, from, to); err != nil {
		c.t.Errorf("moving slot %s from node %d to node %d: %v", slot, from, to, err)
	}
}

func (c *cluster) move(ctx context.Context, slot string, from, to int) error {
	// The client sends nothing twice by itself: a MIGRATE whose answer is late may still be at work.
	source := redis.NewClient(&redis.Options{Addr: c.addr(from), MaxRetries: -1, ReadTimeout: moveFor})
	target := redis.NewClient(&redis.Options{Addr: c.addr(to), MaxRetries: -1, ReadTimeout: moveFor})
	defer func() { _, _ = source.Close(), target.Close() }()
	sourceID, targetID := source.ClusterMyID(ctx).Val(), target.ClusterMyID(ctx).Val()
	if err := insist(ctx, target, "cluster", "setslot", slot, "importing", sourceID); err != nil {
		return err
	}
	if err := insist(ctx, source, "cluster", "setslot", slot, "migrating", targetID); err != nil {
		return err
	}
	for {
		keys, err := source.Do(ctx, "cluster", "getkeysinslot", slot, 20).StringSlice()
		if err != nil {
			return fmt.Errorf("listing its keys: %w", err)
		}
		if len(keys) == 0 {
			break
		}
		// REPLACE: of a key that an interrupted MIGRATE left on both sides, the source's is what is served.
		args := []any{"migrate", "127.0.0.1", c.ports[to], "", 0, moveFor.Milliseconds(), "replace", "keys"}
		for _, k := range keys {
			args = append(args, k)
		}
		if err := insist(ctx, source, args...); err != nil {
			return err
		}
	}
	if err := insist(ctx, target, "cluster", "setslot", slot, "node", targetID); err != nil {
		return err
	}
	return insist(ctx, source, "cluster", "setslot", slot, "node", targetID)
}

// insist sends a command that does no harm twice until it succeeds: a cluster that has just failed over refuses for a moment.
func insist(ctx context.Context, db *redis.Client, args ...any) error {
	for {
		err := db.Do(ctx, args...).Err()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%v %v: %w, last: %w", args[0], args[1], ctx.Err(), err)
		case <-time.After(100 * time.Millisecond): // between two attempts
		}
	}
}

func (c *cluster) keySlot(key string) int64 {
	db := redis.NewClient(&redis.Options{Addr: c.addr(0)})
	defer func() { _ = db.Close() }()
	return db.ClusterKeySlot(context.Background(), key).Val()
}

// holder is the node that has a slot, with something in it.
func (c *cluster) holder(slot string) int {
	for i := range c.ports {
		if c.master(i) && c.owns(i, slot) {
			return i
		}
	}
	return -1
}

// owns asks a node for a key of the slot: whoever has it not says MOVED.
func (c *cluster) owns(i int, slot string) bool {
	db := redis.NewClient(&redis.Options{Addr: c.addr(i)})
	defer func() { _ = db.Close() }()
	keys, err := db.Do(context.Background(), "cluster", "getkeysinslot", slot, 1).StringSlice()
	return err == nil && len(keys) == 1 && db.Exists(context.Background(), keys[0]).Err() == nil
}
