package process_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/secure"
)

// load is Load as a program does it: args, environment, and a file that it may be told of.
func load(t *testing.T, file string, environ []string, args ...string) (process.Config, error) {
	t.Helper()
	if file != "" {
		path := filepath.Join(t.TempDir(), "settings.yaml")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		environ = append(environ, "TIERSTREAM_CONFIG="+path)
	}
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	process.Flags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	return process.Load(fs, func() []string { return environ })
}

func TestLoad(t *testing.T) {
	defaults := process.Config{Brokers: []string{"127.0.0.1:9092"}, Redis: "redis://127.0.0.1:6379", SessionTimeout: 6 * time.Second, LogLevel: "info",
		Security: process.Security{KafkaTLS: secure.TLS{For: "kafka"}, RedisTLS: secure.TLS{For: "redis"}}}
	with := func(change func(*process.Config)) process.Config {
		c := defaults
		change(&c)
		return c
	}
	for _, tc := range []struct {
		name, file string
		environ    []string
		args       []string
		want       process.Config
	}{
		{name: "nothing is given", want: defaults},
		{
			name: "a file", file: "topic-prefix: a.\nbrokers: [one:1, two:2]\nsession-timeout: 9s\n",
			want: with(func(c *process.Config) {
				c.TopicPrefix, c.Brokers, c.SessionTimeout = "a.", []string{"one:1", "two:2"}, 9*time.Second
			}),
		},
		{
			name: "the environment goes before the file", file: "topic-prefix: a.\nlog-level: debug\n",
			environ: []string{"TIERSTREAM_TOPIC_PREFIX=b.", "TIERSTREAM_BROKERS=one:1,two:2", "TIERSTREAM_CLOCK_OFFSET=3d", "HOME=/nowhere"},
			want: with(func(c *process.Config) {
				c.ClockOffset = 3 * 24 * time.Hour
				c.TopicPrefix, c.LogLevel, c.Brokers = "b.", "debug", []string{"one:1", "two:2"}
			}),
		},
		{
			name: "a flag goes before both", file: "topic-prefix: a.\n", environ: []string{"TIERSTREAM_TOPIC_PREFIX=b.", "TIERSTREAM_CLOCK_OFFSET=-24h"},
			args: []string{"--topic-prefix", "c."},
			want: with(func(c *process.Config) { c.TopicPrefix, c.ClockOffset = "c.", -24*time.Hour }),
		},
		{
			name: "a flag that says the default goes before both too", file: "log-level: debug\n", environ: []string{"TIERSTREAM_LOG_LEVEL=warn"},
			args: []string{"--log-level", "info"}, want: defaults,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := load(t, tc.file, tc.environ, tc.args...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// An error names the setting that is wrong, and never what a secret one says.
func TestLoadRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, file string
		environ    []string
		args       []string
		names      string
	}{
		{name: "a misspelt key of a file", file: "topic-prefx: a.\nredis: redis://:hush@h:1\n", names: `"topic-prefx"`},
		{name: "a misspelt variable", environ: []string{"TIERSTREAM_BROKER=one:1", "TIERSTREAM_REDIS=redis://:hush@h:1"}, names: `"broker"`},
		{name: "a file that is no YAML", file: "redis: [redis://:hush@h:1\n", names: "--config"},
		{name: "a file that isn't there", environ: []string{"TIERSTREAM_CONFIG=/nowhere/settings.yaml"}, names: "/nowhere/settings.yaml"},
		{name: "no duration", environ: []string{"TIERSTREAM_SESSION_TIMEOUT=soon"}, names: `--session-timeout: "soon"`},
		{name: "a session of no length", args: []string{"--session-timeout", "0s"}, names: "--session-timeout 0s"},
		{name: "a session of negative length", environ: []string{"TIERSTREAM_SESSION_TIMEOUT=-1d"}, names: "--session-timeout -24h"},
		{name: "an unknown level", environ: []string{"TIERSTREAM_LOG_LEVEL=loud"}, names: `--log-level "loud"`},
		{name: "no brokers", args: []string{"--brokers", ""}, names: "--brokers"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := load(t, tc.file, tc.environ, tc.args...)
			if err == nil || !strings.Contains(err.Error(), tc.names) {
				t.Fatalf("got %v, want an error that names %s", err, tc.names)
			}
			if strings.Contains(err.Error(), "hush") {
				t.Errorf("the error prints a password: %v", err)
			}
		})
	}
}
