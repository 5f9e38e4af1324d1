// Package redisstate keeps the processor's state in Redis: all of a partition in one hash slot, one script that
// changes it, and reads that answer with the token of what they read. It is the only importer of go-redis.
package redisstate

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/tierstream/tierstream/pkg/secure"
)

//go:embed apply.lua
var applySource string

// Config says where Redis is.
type Config struct {
	URL   string       // redis[s]://[user:password@]host:port[/db]; several hosts, or ?cluster=true, mean a cluster
	TLS   secure.TLS   // whether to speak it is the URL's to say
	Login secure.Login // beside the URL's, or instead of it
	// Partitions that the process may own at once, 60 if 0: the pool has a connection for each, and a few more.
	Partitions int
	Dialer     Dialer // nil: the network
}

// Dialer is for tests without a network.
type Dialer = func(ctx context.Context, network, addr string) (net.Conn, error)

// Store is a connection to Redis.
type Store struct {
	client redis.UniversalClient
	apply  *redis.Script
	user   string // as errors name it
}

// ErrSettings says that the settings themselves can't be used, whatever Redis says.
var ErrSettings = errors.New("the settings of Redis can't be used")

// Open connects, and says in one line what is wrong where it can't. The URL, which may hold a password, is not named.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	opts, err := options(cfg)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSettings, err)
	}
	logging.Disable() // go-redis prints to stderr what it also returns; whoever calls tells it once, in one line
	s := &Store{client: connect(opts), user: cmp.Or(cfg.Login.User, opts.Username, "default")}
	if s.apply, err = script(ctx, s.client); err != nil {
		_ = s.client.Close()
		return nil, fmt.Errorf("connecting to Redis at %s: %w", strings.Join(opts.Addrs, ","), s.advise(err))
	}
	return s, nil
}

// stateReload bounds how long a cluster's client goes on asking a master that is gone: it wouldn't look for another
// before this has passed.
const stateReload = time.Second

func connect(o *redis.UniversalOptions) redis.UniversalClient {
	if !o.IsClusterMode && len(o.Addrs) < 2 {
		return redis.NewClient(o.Simple())
	}
	cluster := o.Cluster()
	cluster.ClusterStateReloadInterval = stateReload
	return redis.NewClusterClient(cluster)
}

// script is Apply as the server takes it. Its first line makes a real Redis refuse it before anything is written when
// memory is full, replicas are missing or a key lies in another slot; the embedded one has no slots and doesn't know
// that line.
func script(ctx context.Context, c redis.UniversalClient) (*redis.Script, error) {
	err := c.ScriptLoad(ctx, applySource).Err()
	if err == nil {
		return redis.NewScript(applySource), nil
	}
	_, plain, _ := strings.Cut(applySource, "\n")
	if !strings.Contains(err.Error(), "compiling script") || c.ScriptLoad(ctx, plain).Err() != nil {
		return nil, err
	}
	return redis.NewScript(plain), nil
}

// Close ends the connections.
func (s *Store) Close() error { return s.client.Close() }

// options are those that a failover of a real cluster showed to be right: no retries of its own, since a script that
// got no answer is the engine's business, and short time-outs.
func options(cfg Config) (*redis.UniversalOptions, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || u.Scheme != "redis" && u.Scheme != "rediss" {
		return nil, errors.New("--redis is no URL of the form redis://host:port")
	}
	one, err := redis.ParseURL(u.Scheme + "://" + strings.Split(u.Host, ",")[0] + u.Path)
	if err != nil {
		return nil, fmt.Errorf("--redis can't be used: %w", err)
	}
	password, _ := u.User.Password()
	login := cfg.Login
	login.User = cmp.Or(login.User, u.User.Username())
	if !login.Password.Set() {
		login.Password = secure.Value(password)
	}
	o := &redis.UniversalOptions{
		Addrs: strings.Split(u.Host, ","), Username: login.User, CredentialsProviderContext: credentials(login), DB: one.DB,
		IsClusterMode: u.Query().Get("cluster") == "true",
		MaxRedirects:  8, MaxRetries: -1, MinRetryBackoff: 10 * time.Millisecond, MaxRetryBackoff: 250 * time.Millisecond,
		ReadTimeout: callTimeout, WriteTimeout: callTimeout, DialTimeout: connectWithin, DialerRetries: 1,
		ContextTimeoutEnabled: true, PoolSize: 4 + cmp.Or(cfg.Partitions, 60), DisableIdentity: true,
	}
	tls := cfg.TLS
	tls.For, tls.On = "redis", u.Scheme == "rediss"
	if tls.On {
		o.DialTimeout += handshakeWithin
	}
	dial := cfg.Dialer
	if dial == nil {
		dial = (&net.Dialer{Timeout: connectWithin, KeepAlive: keepAlive}).DialContext
	}
	o.Dialer = secure.Dial(dial, tls)
	return o, nil
}

// Times of a connection.
const (
	connectWithin   = 500 * time.Millisecond
	handshakeWithin = 3 * time.Second
	keepAlive       = 5 * time.Minute
)

// credentials are read for each connection.
func credentials(l secure.Login) func(context.Context) (string, string, error) {
	return func(context.Context) (string, string, error) {
		password, err := l.Password.Read()
		return l.User, password, err
	}
}
