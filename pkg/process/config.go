// Package process has what every program of the project shares: the flags and where else they may come from, the
// log, the admin port with its health and metrics, and the way a program starts and stops.
package process

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

// envPrefix begins every environment variable: --topic-prefix is TIERSTREAM_TOPIC_PREFIX.
const envPrefix = "TIERSTREAM_"

// Config is what every program takes, by flag, environment or file.
type Config struct {
	Brokers        []string      // Kafka's bootstrap addresses
	Redis          string        // URL; it may carry a password and is never printed
	TopicPrefix    string        // stands before every topic, group and Redis key
	Admin          string        // address of health, metrics and pprof; empty: none
	SessionTimeout time.Duration // of the consumer groups
	ClockOffset    time.Duration // added to the wall clock; for tests
	LogLevel       string
	Routes         string // the notifier's routing file; empty: it tells the log alone
	Security
	// Rebuild starts an empty Redis from the start of the logs. Set by `tierctl dev`, whose Redis keeps nothing.
	Rebuild bool
}

// Flags declares the shared flags with their defaults.
func Flags(fs *pflag.FlagSet) {
	fs.StringSlice("brokers", []string{"127.0.0.1:9092"}, "Kafka bootstrap addresses")
	fs.String("redis", "redis://127.0.0.1:6379", "Redis URL")
	fs.String("topic-prefix", "", "stands before every topic, consumer group and Redis key")
	fs.String("admin", "", "address of /livez, /readyz, /metrics and pprof, such as 127.0.0.1:8080; empty: none")
	DurationVar(fs, new(time.Duration), "session-timeout", 6*time.Second, "after which Kafka gives a dead instance's partitions to others")
	DurationVar(fs, new(time.Duration), "clock-offset", 0, "added to the wall clock (for tests)")
	fs.String("log-level", "info", "debug, info, warn or error")
	fs.String("routes", "", "the notifier's routing file; empty: tier changes are told to the log alone")
	fs.String("config", "", "YAML file with any of these, by their names")
	securityFlags(fs)
}

// Load takes the defaults, then the file, then the environment, then the flags. A key that no flag knows is an
// error that names it.
func Load(fs *pflag.FlagSet, environ func() []string) (Config, error) {
	k := koanf.New(".")
	path, err := configPath(fs, environ)
	if err != nil {
		return Config{}, err
	}
	if path != "" {
		if err := k.Load(file.Provider(path), yaml.Parser()); err != nil {
			return Config{}, fmt.Errorf("reading --config %s: %w", path, err)
		}
		if err := noSecrets(k, path); err != nil {
			return Config{}, err
		}
	}
	if err := k.Load(env.Provider(".", env.Opt{Prefix: envPrefix, TransformFunc: envKey, EnvironFunc: environ}), nil); err != nil {
		return Config{}, fmt.Errorf("reading the environment: %w", err)
	}
	if err := known(k, fs); err != nil {
		return Config{}, err
	}
	if err := k.Load(posflag.Provider(fs, ".", k), nil); err != nil {
		return Config{}, fmt.Errorf("reading the flags: %w", err)
	}
	c, err := read(k)
	c.exposed(fs)
	return c, err
}

func envKey(name, value string) (string, any) {
	key := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, envPrefix)), "_", "-")
	if key == "brokers" {
		return key, strings.Split(value, ",")
	}
	return key, value
}

// configPath is --config, or TIERSTREAM_CONFIG where the flag isn't given.
func configPath(fs *pflag.FlagSet, environ func() []string) (string, error) {
	path, err := fs.GetString("config")
	if err != nil || path != "" {
		return path, err
	}
	for _, e := range environ() {
		if v, ok := strings.CutPrefix(e, envPrefix+"CONFIG="); ok {
			return v, nil
		}
	}
	return "", nil
}

func known(k *koanf.Koanf, fs *pflag.FlagSet) error {
	var errs []error
	for _, key := range k.Keys() {
		if fs.Lookup(key) == nil && !toolchainKey(key) && !secretKey(key) {
			errs = append(errs, fmt.Errorf("the setting %q is not known: see --help for the names", key))
		}
	}
	return errors.Join(errs...)
}

// toolchainKey: variables that the scripts and tests share the prefix with.
func toolchainKey(key string) bool {
	switch key {
	case "tools", "servers", "servers-dir", "kafka-port", "redis-port", "test-brokers", "test-redis":
		return true
	}
	return false
}

func read(k *koanf.Koanf) (Config, error) {
	c := Config{
		Brokers: k.Strings("brokers"), Redis: k.String("redis"), TopicPrefix: k.String("topic-prefix"), Admin: k.String("admin"),
		LogLevel: k.String("log-level"), Routes: k.String("routes"),
	}
	for name, to := range map[string]*time.Duration{"session-timeout": &c.SessionTimeout, "clock-offset": &c.ClockOffset} {
		d, err := ParseDuration(k.String(name))
		if err != nil {
			return c, fmt.Errorf("--%s: %w", name, err)
		}
		*to = d
	}
	if c.SessionTimeout <= 0 {
		return c, fmt.Errorf("--session-timeout %v is not positive: give a time such as 6s", c.SessionTimeout)
	}
	if err := checkLevel(c.LogLevel); err != nil {
		return c, err
	}
	if len(c.Brokers) == 0 || c.Brokers[0] == "" {
		return c, errors.New("--brokers is empty: give at least one address such as 127.0.0.1:9092")
	}
	var err error
	c.Security, err = readSecurity(k, c.Redis)
	return c, err
}
