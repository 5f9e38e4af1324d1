package redisstate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Node is one Redis server that takes writes, asked directly. What it doesn't tell (it may be forbidden, or a server that
// lacks the command) is absent.
type Node struct {
	Address string
	Info    map[string]string // INFO
	Config  map[string]string // CONFIG GET
	Ping    time.Duration     // the median of a few
	// Ahead is how far its clock is ahead of this machine's, give or take Bound.
	Ahead, Bound time.Duration
	ClockErr     error
}

// How often a node is asked for what differs from time to time.
const inspectTries = 5

// Inspect asks every server that takes writes for its state and the named settings. Clustered says whether the client
// was told that they are a cluster.
func (s *Store) Inspect(ctx context.Context, settings []string) (nodes []Node, clustered bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var mu sync.Mutex
	ask := func(ctx context.Context, c *redis.Client) error {
		n, err := inspect(ctx, c, settings)
		mu.Lock()
		defer mu.Unlock()
		nodes = append(nodes, n)
		return err
	}
	clustered, err = s.eachMaster(ctx, ask)
	slices.SortFunc(nodes, func(a, b Node) int { return strings.Compare(a.Address, b.Address) })
	return nodes, clustered, err
}

// eachMaster does f with every server that takes writes: those of a cluster side by side.
func (s *Store) eachMaster(ctx context.Context, f func(context.Context, *redis.Client) error) (clustered bool, err error) {
	switch c := s.client.(type) {
	case *redis.ClusterClient:
		return true, c.ForEachMaster(ctx, f)
	case *redis.Client:
		return false, f(ctx, c)
	default:
		return false, fmt.Errorf("asking Redis: a client of type %T isn't known", c)
	}
}

func inspect(ctx context.Context, c *redis.Client, settings []string) (Node, error) {
	n := Node{Address: c.Options().Addr, Info: map[string]string{}, Config: map[string]string{}}
	var pings []time.Duration
	for range inspectTries {
		start := time.Now()
		if err := c.Ping(ctx).Err(); err != nil && !refused(err) {
			return n, fmt.Errorf("asking Redis at %s: %w", n.Address, err)
		}
		pings = append(pings, time.Since(start))
	}
	slices.Sort(pings)
	n.Ping = pings[len(pings)/2]
	if text, err := c.Info(ctx).Result(); err == nil {
		for line := range strings.SplitSeq(text, "\n") {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
				n.Info[name] = value
			}
		}
	}
	for _, name := range settings {
		if got, err := c.ConfigGet(ctx, name).Result(); err == nil {
			for k, v := range got {
				n.Config[k] = v
			}
		}
	}
	n.clock(ctx, c)
	return n, nil
}

// clock keeps the narrowest of a few answers.
func (n *Node) clock(ctx context.Context, c *redis.Client) {
	for i := range inspectTries {
		before := time.Now()
		at, err := c.Time(ctx).Result()
		took := time.Since(before)
		if err != nil {
			n.ClockErr = err
			return
		}
		if bound := took / 2; i == 0 || bound < n.Bound {
			n.Ahead, n.Bound = at.Sub(before.Add(took/2)), bound
		}
	}
}

// refused says whether Redis itself has said no.
func refused(err error) bool {
	var own redis.Error
	return errors.As(err, &own)
}

// Access is what the user of the connection may do of what the services do.
type Access struct {
	User    string   // empty: it isn't told
	Refused []string // commands, with the keys for which they are refused
	Unsure  []string // commands that could not be tried
}

// usage is a command of the services, with arguments that ACL DRYRUN takes. KEY stands for a key of a partition. A
// command with probe is harmless, and can be tried in earnest.
type usage struct {
	args  []any
	probe bool
}

func usages() []usage {
	return []usage{
		{[]any{"get", "KEY"}, true}, {[]any{"mget", "KEY"}, true}, {[]any{"hmget", "KEY", "f"}, true}, {[]any{"hgetall", "KEY"}, true},
		{[]any{"zrange", "KEY", "0", "0"}, true}, {[]any{"zrangebyscore", "KEY", "0", "0"}, true},
		{[]any{"type", "KEY"}, true}, {[]any{"zcard", "KEY"}, true}, {[]any{"hlen", "KEY"}, true}, {[]any{"set", "KEY", "v"}, false},
		{[]any{"zmscore", "KEY", "m"}, true}, {[]any{"strlen", "KEY"}, true}, {[]any{"mset", "KEY", "v"}, false}, {[]any{"zadd", "KEY", "0", "m"}, false},
		{[]any{"zrem", "KEY", "m"}, false}, {[]any{"hset", "KEY", "f", "v"}, false}, {[]any{"hdel", "KEY", "f"}, false},
		{[]any{"evalsha", "0", "1", "KEY"}, false}, {[]any{"eval", "return 1", "1", "KEY"}, false},
		{[]any{"multi"}, false}, {[]any{"exec"}, false}, {[]any{"ping"}, true}, {[]any{"script", "load", "return 1"}, false},
	}
}

// Access asks whether the user may do what the services do with the keys of the given slots: by ACL DRYRUN where that is
// allowed, else by trying what changes nothing.
func (s *Store) Access(ctx context.Context, slots []*Slot) (a Access) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if user, err := s.client.Do(ctx, "acl", "whoami").Text(); err == nil {
		a.User = user
	}
	for _, slot := range slots {
		for _, u := range usages() {
			key := slot.key("cursor")
			args := slices.Clone(u.args)
			keyed := ""
			for i := range args {
				if args[i] == "KEY" {
					args[i], keyed = key, " "+slot.tag+"*"
				}
			}
			may, known := s.may(ctx, a.User, args, u.probe)
			what := strings.ToUpper(args[0].(string)) + keyed
			switch {
			case !known && !slices.Contains(a.Unsure, what):
				a.Unsure = append(a.Unsure, what)
			case known && !may && !slices.Contains(a.Refused, what):
				a.Refused = append(a.Refused, what)
			}
		}
	}
	return a
}

func (s *Store) may(ctx context.Context, user string, args []any, probe bool) (may, known bool) {
	if user != "" {
		answer, err := s.client.Do(ctx, append([]any{"acl", "dryrun", user}, args...)...).Text()
		if err == nil {
			return answer == "OK", true
		}
	}
	if !probe {
		return false, false
	}
	err := s.client.Do(ctx, args...).Err()
	if err == nil || errors.Is(err, redis.Nil) || strings.HasPrefix(err.Error(), "WRONGTYPE") {
		return true, true
	}
	return false, strings.HasPrefix(err.Error(), "NOPERM")
}
