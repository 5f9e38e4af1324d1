//go:build servers

package e2e

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// moveSlots moves the slot of one partition of the scorer to another master while it is being written: its keys lie on both
// sides for a while, and the servers answer ASK, TRYAGAIN and MOVED.
func (c *cluster) moveSlots(prefix string) {
	ctx := context.Background()
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
	source, target := redis.NewClient(&redis.Options{Addr: c.addr(from)}), redis.NewClient(&redis.Options{Addr: c.addr(to)})
	defer func() { _, _ = source.Close(), target.Close() }()
	sourceID, targetID := source.ClusterMyID(ctx).Val(), target.ClusterMyID(ctx).Val()
	c.ok(target.Do(ctx, "cluster", "setslot", slot, "importing", sourceID).Err())
	c.ok(source.Do(ctx, "cluster", "setslot", slot, "migrating", targetID).Err())
	for {
		keys, err := source.Do(ctx, "cluster", "getkeysinslot", slot, 20).StringSlice()
		c.ok(err)
		if len(keys) == 0 {
			break
		}
		args := []any{"migrate", "127.0.0.1", c.ports[to], "", 0, 5000, "keys"}
		for _, k := range keys {
			args = append(args, k)
		}
		c.ok(source.Do(ctx, args...).Err())
	}
	for _, db := range []*redis.Client{target, source} {
		c.ok(db.Do(ctx, "cluster", "setslot", slot, "node", targetID).Err())
	}
}

func (c *cluster) ok(err error) {
	if err != nil {
		c.t.Errorf("moving a slot: %v", err)
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
