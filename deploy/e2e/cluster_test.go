//go:build servers

package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/porttest"
	"github.com/tierstream/tierstream/pkg/redisstate"
)

// cluster is a Redis Cluster of a test's own: three masters with a replica each.
type cluster struct {
	t     *testing.T
	dir   string
	ports []int
	procs []*exec.Cmd
}

const clusterNodes = 6

func startCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{t: t, dir: t.TempDir()}
	for range clusterNodes {
		c.ports = append(c.ports, freePorts(t, 0, 10_000)) // the second is the cluster's bus
		c.procs = append(c.procs, nil)
	}
	t.Cleanup(func() {
		for i := range c.procs {
			c.kill(i)
		}
	})
	args := []string{"--cluster", "create"}
	for i := range c.ports {
		c.launch(i)
		args = append(args, c.addr(i))
	}
	args = append(args, "--cluster-replicas", "1", "--cluster-yes")
	if out, err := exec.Command("redis-cli", args...).CombinedOutput(); err != nil {
		t.Fatalf("making the cluster: %v: %s", err, out)
	}
	for i := range c.ports {
		c.until(i, "the cluster is complete", func(ctx context.Context, db *redis.Client) bool {
			return strings.Contains(db.ClusterInfo(ctx).Val(), "cluster_state:ok") && strings.Count(db.ClusterNodes(ctx).Val(), "slave") == clusterNodes/2
		})
	}
	return c
}

func (c *cluster) addr(i int) string { return fmt.Sprintf("127.0.0.1:%d", c.ports[i]) }

// url is what services are given: three of the nodes.
func (c *cluster) url() string {
	return "redis://" + strings.Join([]string{c.addr(0), c.addr(1), c.addr(2)}, ",")
}

func (c *cluster) launch(i int) {
	dir := filepath.Join(c.dir, fmt.Sprint(i))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		c.t.Error(err)
	}
	cmd := exec.Command("redis-server", "--port", fmt.Sprint(c.ports[i]), "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "yes",
		"--cluster-enabled", "yes", "--cluster-node-timeout", "5000", "--cluster-require-full-coverage", "no", "--repl-diskless-load", "disabled",
		"--maxmemory-policy", "noeviction")
	if err := cmd.Start(); err != nil {
		c.t.Errorf("starting a Redis: %v", err)
		return
	}
	c.procs[i] = cmd
	c.until(i, "a node answers", func(ctx context.Context, db *redis.Client) bool { return db.Ping(ctx).Err() == nil })
}

func (c *cluster) kill(i int) {
	if cmd := c.procs[i]; cmd != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		c.procs[i] = nil
	}
}

// until asks a node until it is so, for a minute at most.
func (c *cluster) until(i int, what string, is func(context.Context, *redis.Client) bool) {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	db := redis.NewClient(&redis.Options{Addr: c.addr(i), MaxRetries: -1})
	defer func() { _ = db.Close() }()
	for ; !is(ctx, db); time.Sleep(50 * time.Millisecond) { // between two looks
		if ctx.Err() != nil {
			c.t.Errorf("node %d: not within a minute: %s", i, what)
			return
		}
	}
}

// role says whether a node is a master with slots.
func (c *cluster) master(i int) (is bool) {
	db := redis.NewClient(&redis.Options{Addr: c.addr(i), MaxRetries: -1})
	defer func() { _ = db.Close() }()
	for line := range strings.Lines(db.ClusterNodes(context.Background()).Val()) {
		if strings.Contains(line, "myself,") {
			return strings.Contains(line, "master") && len(strings.Fields(line)) > 8
		}
	}
	return false
}

// killMaster lets a master die, waits until its replica has taken over, and starts it again as that one's replica.
func (c *cluster) killMaster(from int) {
	for n := range c.ports {
		if i := (from + n) % clusterNodes; c.master(i) {
			masters := c.masters()
			c.kill(i)
			c.until((i+1)%clusterNodes, "a replica has taken over", func(context.Context, *redis.Client) bool { return c.masters() == masters })
			c.launch(i)
			c.until(i, "it is a replica", func(ctx context.Context, db *redis.Client) bool {
				return !c.master(i) && strings.Contains(db.Info(ctx, "replication").Val(), "master_link_status:up")
			})
			return
		}
	}
}

func (c *cluster) masters() (n int) {
	for i := range c.ports {
		if c.procs[i] != nil && c.master(i) {
			n++
		}
	}
	return n
}

// failover asks a replica to take over in good order.
func (c *cluster) failover(from int) {
	for n := range c.ports {
		if i := (from + n) % clusterNodes; !c.master(i) {
			c.until(i, "it has taken over", func(ctx context.Context, db *redis.Client) bool {
				_ = db.ClusterFailover(ctx).Err()
				return c.master(i)
			})
			return
		}
	}
}

// The state port on a cluster, and a replay over one whose masters die and hand over: simulate's bytes.
func TestRedisCluster(t *testing.T) {
	c := startCluster(t)
	t.Run("conformance", func(t *testing.T) {
		store, err := redisstate.Open(t.Context(), redisstate.Config{URL: c.url()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		porttest.State(t, func(*testing.T) processor.State {
			return store.Slot(fmt.Sprintf("port%x.", rand.Uint64()), "scorer", 3)
		})
	})
	t.Run("replay", func(t *testing.T) {
		s := start(t, 2, "TIERSTREAM_REDIS="+c.url())
		s.replayed(
			func() { c.failover(0) },
			func() { c.killMaster(0) },
			func() { c.moveSlot(s.prefix) },
			func() { c.failover(3) },
			func() { c.killMaster(3) },
		)
	})
}
