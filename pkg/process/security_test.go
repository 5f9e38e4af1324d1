package process_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/secure"
	"github.com/tierstream/tierstream/pkg/secure/securetest"
)

func passwordFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadSecurity(t *testing.T) {
	ca := securetest.New(t)
	cert, key := ca.Issue("client")
	password := passwordFile(t, "hush\n")
	full := process.Security{
		KafkaTLS:   secure.TLS{On: true, For: "kafka", CAFile: ca.File, CertFile: cert, KeyFile: key},
		RedisTLS:   secure.TLS{On: true, For: "redis", CAFile: ca.File, CertFile: cert, KeyFile: key},
		KafkaLogin: secure.Login{Mechanism: secure.ScramSHA512, User: "u", Password: secure.File(password)},
		RedisLogin: secure.Login{User: "r", Password: secure.File(password)},
	}
	settings := map[string]string{
		"kafka-tls": "true", "kafka-ca-file": ca.File, "kafka-cert-file": cert, "kafka-key-file": key, "kafka-sasl": "SCRAM-SHA-512", "kafka-user": "u",
		"kafka-password-file": password, "redis": "rediss://h:1", "redis-ca-file": ca.File, "redis-cert-file": cert, "redis-key-file": key,
		"redis-user": "r", "redis-password-file": password,
	}
	var file, environ, args []string
	for name, value := range settings {
		file = append(file, name+": "+value)
		environ = append(environ, "TIERSTREAM_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_"))+"="+value)
		args = append(args, "--"+name+"="+value)
	}
	for _, tc := range []struct {
		name, file string
		environ    []string
		args       []string
		want       process.Security
	}{
		{name: "by a file", file: strings.Join(file, "\n"), want: full},
		{name: "by the environment", environ: environ, want: full},
		{name: "by flags", args: args, want: full},
		{
			name:    "passwords in the environment, PLAIN without TLS",
			environ: []string{"TIERSTREAM_KAFKA_PASSWORD=hush", "TIERSTREAM_REDIS_PASSWORD=hush", "TIERSTREAM_KAFKA_SASL=PLAIN", "TIERSTREAM_KAFKA_USER=u"},
			want: process.Security{
				KafkaTLS: secure.TLS{For: "kafka"}, RedisTLS: secure.TLS{For: "redis"},
				KafkaLogin: secure.Login{Mechanism: secure.Plain, User: "u", Password: secure.Value("hush")}, RedisLogin: secure.Login{Password: secure.Value("hush")},
				Warnings: []string{"--kafka-sasl PLAIN without --kafka-tls sends the password over the network as it is: set --kafka-tls, or use SCRAM"},
			},
		},
		{
			name: "a password among the arguments", args: []string{"--redis", "redis://u:hush@h:1"},
			want: process.Security{
				KafkaTLS: secure.TLS{For: "kafka"}, RedisTLS: secure.TLS{For: "redis"},
				Warnings: []string{"the password in --redis is seen by everybody who lists this machine's processes: use --redis-password-file"},
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := load(t, tc.file, tc.environ, tc.args...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got.Security); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// What doesn't go together doesn't start, with an error that names the setting and no password.
func TestLoadRefusesSecurity(t *testing.T) {
	ca := securetest.New(t)
	cert, key := ca.Issue("client")
	_, otherKey := ca.Issue("other")
	password, empty := passwordFile(t, "hush"), passwordFile(t, "\n")
	for _, tc := range []struct {
		name    string
		file    string
		environ []string
		args    string
		names   string
	}{
		{name: "a CA without TLS", args: "--kafka-ca-file " + ca.File, names: "--kafka-ca-file is given without TLS: set --kafka-tls"},
		{name: "a CA without rediss", args: "--redis-ca-file " + ca.File, names: "--redis-ca-file is given without TLS: set --redis rediss://"},
		{name: "a certificate without TLS", args: "--kafka-cert-file " + cert + " --kafka-key-file " + key, names: "--kafka-cert-file"},
		{name: "a certificate without key", args: "--kafka-tls --kafka-cert-file " + cert, names: "--kafka-key-file"},
		{name: "a key without certificate", args: "--redis rediss://h:1 --redis-key-file " + key, names: "--redis-cert-file"},
		{name: "a key of another certificate", args: "--kafka-tls --kafka-cert-file " + cert + " --kafka-key-file " + otherKey, names: "--kafka-key-file " + otherKey},
		{name: "no such CA", args: "--kafka-tls --kafka-ca-file /nowhere/ca.crt", names: "--kafka-ca-file: open /nowhere/ca.crt"},
		{name: "a CA that is none", args: "--kafka-tls --kafka-ca-file " + password, names: "--kafka-ca-file " + password},
		{name: "half a yes", environ: []string{"TIERSTREAM_KAFKA_TLS=yes"}, names: `--kafka-tls is true or false, not "yes"`},
		{name: "an unknown mechanism", args: "--kafka-sasl SCRAM --kafka-user u --kafka-password-file " + password, names: `--kafka-sasl "SCRAM"`},
		{name: "a mechanism without user", args: "--kafka-sasl PLAIN --kafka-password-file " + password, names: "--kafka-user"},
		{name: "a mechanism without password", args: "--kafka-sasl PLAIN --kafka-user u", names: "--kafka-password-file"},
		{name: "a user without mechanism", args: "--kafka-user u", names: "--kafka-sasl"},
		{name: "a password without mechanism", environ: []string{"TIERSTREAM_KAFKA_PASSWORD=hush"}, names: "--kafka-sasl"},
		{name: "two passwords", environ: []string{"TIERSTREAM_KAFKA_PASSWORD=hush"}, args: "--kafka-sasl PLAIN --kafka-user u --kafka-password-file " + password, names: "TIERSTREAM_KAFKA_PASSWORD"},
		{name: "no password file", args: "--kafka-sasl PLAIN --kafka-user u --kafka-password-file /nowhere/password", names: "--kafka-password-file: reading a password: open /nowhere/password"},
		{name: "an empty password file", args: "--redis-password-file " + empty, names: "--redis-password-file"},
		{name: "a user of Redis without password", args: "--redis-user u", names: "--redis-password-file"},
		{name: "a password beside the URL's", args: "--redis redis://:hush@h:1 --redis-password-file " + password, names: "--redis-password-file"},
		{name: "a user beside the URL's", args: "--redis redis://u@h:1 --redis-user v --redis-password-file " + password, names: "--redis-user"},
		{name: "a password in the file of settings", file: "kafka-password: hush\n", names: "kafka-password-file, or TIERSTREAM_KAFKA_PASSWORD"},
		{name: "another password in the file of settings", file: "redis-password: hush\n", names: "redis-password-file, or TIERSTREAM_REDIS_PASSWORD"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := load(t, tc.file, tc.environ, strings.Fields(tc.args)...)
			if err == nil || !strings.Contains(err.Error(), tc.names) {
				t.Fatalf("got %v, want an error that names %s", err, tc.names)
			}
			if strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error prints a password, or more than a line: %v", err)
			}
		})
	}
}

// No flag takes a password: arguments are seen by everybody on the machine. And help shows none.
func TestNoFlagTakesAPassword(t *testing.T) {
	t.Setenv("TIERSTREAM_KAFKA_PASSWORD", "hush")
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	process.Flags(fs)
	for _, name := range []string{"kafka-password", "redis-password"} {
		if fs.Lookup(name) != nil {
			t.Errorf("--%s takes a password", name)
		}
	}
	if strings.Contains(fs.FlagUsages(), "hush") {
		t.Error("help shows a password")
	}
	if err := fs.Parse([]string{"--kafka-password=hush"}); err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("%v, want an error without the password", err)
	}
}
