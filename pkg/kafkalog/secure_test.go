package kafkalog_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/secure"
	"github.com/tierstream/tierstream/pkg/secure/securetest"
)

// guarded is a broker that asks for TLS, a user, and what the user may do. Its superuser made the topics in and out, of
// one partition.
type guarded struct {
	addrs []string
	ca    *securetest.CA
	admin *kafkalog.Client
}

func allow(kind kmsg.ACLResourceType, name string, operation kmsg.ACLOperation) kfake.ACL {
	return kfake.ACL{Resource: kind, Name: name, Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: operation, Allow: true}
}

func guard(t testing.TB, acls ...kfake.ACL) guarded {
	t.Helper()
	ca := securetest.New(t)
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.TLS(ca.Server()), kfake.EnableSASL(), kfake.EnableACLs(),
		kfake.Superuser(secure.ScramSHA256, "admin", "admin's"), kfake.User(secure.ScramSHA512, "u", "u's", acls...), kfake.User(secure.Plain, "p", "p's"),
		kfake.BrokerConfigs(map[string]string{"group.initial.rebalance.delay.ms": "0"}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	g := guarded{addrs: c.ListenAddrs(), ca: ca}
	g.admin = g.open(t, secure.ScramSHA256, "admin", secure.Value("admin's"))
	if err := g.admin.EnsureTopics(t.Context(), []kafkalog.Topic{{Name: "in", Partitions: 1}, {Name: "out", Partitions: 1}}); err != nil {
		t.Fatal(err)
	}
	return g
}

func (g guarded) config(mechanism, user string, password secure.Secret) kafkalog.Config {
	return kafkalog.Config{
		Brokers: g.addrs, TLS: secure.TLS{On: true, For: "kafka", CAFile: g.ca.File},
		Login: secure.Login{Mechanism: mechanism, User: user, Password: password},
	}
}

func (g guarded) open(t testing.TB, mechanism, user string, password secure.Secret) *kafkalog.Client {
	t.Helper()
	return client(t, g.config(mechanism, user, password))
}

func client(t testing.TB, cfg kafkalog.Config) *kafkalog.Client {
	t.Helper()
	c, err := kafkalog.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// operator is how franz-go gets in with these settings: for what kafka-go can't do.
func operator(cfg kafkalog.Config) (opts []kgo.Opt) {
	if cfg.TLS.On {
		opts = append(opts, kgo.Dialer(secure.Dial(nil, cfg.TLS)))
	}
	password, _ := cfg.Login.Password.Read()
	switch cfg.Login.Mechanism {
	case secure.Plain:
		opts = append(opts, kgo.SASL(plain.Auth{User: cfg.Login.User, Pass: password}.AsMechanism()))
	case secure.ScramSHA256:
		opts = append(opts, kgo.SASL(scram.Auth{User: cfg.Login.User, Pass: password}.AsSha256Mechanism()))
	case secure.ScramSHA512:
		opts = append(opts, kgo.SASL(scram.Auth{User: cfg.Login.User, Pass: password}.AsSha512Mechanism()))
	}
	return opts
}

func TestConformanceSecured(t *testing.T) {
	conforms(t, func(t testing.TB) broker {
		g := guard(t)
		return connect(t, g.config(secure.ScramSHA256, "admin", secure.Value("admin's")), "p.")
	})
}

// Who may not get in is told what to correct, in one line that shows no password.
func TestGettingIn(t *testing.T) {
	g := guard(t)
	tls := secure.TLS{On: true, For: "kafka", CAFile: g.ca.File}
	for _, tc := range []struct {
		name  string
		tls   secure.TLS
		login secure.Login
		says  string // empty: comes in
	}{
		{"SCRAM-SHA-256", tls, secure.Login{Mechanism: secure.ScramSHA256, User: "admin", Password: secure.Value("admin's")}, ""},
		{"SCRAM-SHA-512", tls, secure.Login{Mechanism: secure.ScramSHA512, User: "u", Password: secure.Value("u's")}, ""},
		{"PLAIN", tls, secure.Login{Mechanism: secure.Plain, User: "p", Password: secure.Value("p's")}, ""},
		{"a wrong password", tls, secure.Login{Mechanism: secure.ScramSHA512, User: "u", Password: secure.Value("hunter2")}, "Kafka refuses --kafka-user u"},
		{"a wrong password, PLAIN", tls, secure.Login{Mechanism: secure.Plain, User: "p", Password: secure.Value("hunter2")}, "Kafka refuses --kafka-user p"},
		{"no such user", tls, secure.Login{Mechanism: secure.ScramSHA256, User: "nobody", Password: secure.Value("hunter2")}, "Kafka refuses --kafka-user nobody"},
		{"a file that is gone", tls, secure.Login{Mechanism: secure.Plain, User: "p", Password: secure.File("/nowhere/password")}, "/nowhere/password"},
		{"no user", tls, secure.Login{}, "set --kafka-sasl"},
		{"no TLS", secure.TLS{For: "kafka"}, secure.Login{Mechanism: secure.Plain, User: "p", Password: secure.Value("hunter2")}, "set --kafka-tls"},
		{"another authority", secure.TLS{On: true, For: "kafka", CAFile: securetest.New(t).File}, secure.Login{}, "--kafka-ca-file"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := client(t, kafkalog.Config{Brokers: g.addrs, TLS: tc.tls, Login: tc.login}).Partitions(t.Context(), "in")
			inside := err == nil || strings.Contains(err.Error(), "may not describe") // p and u have no grants
			switch {
			case tc.says == "" && !inside:
				t.Error(err)
			case tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "hunter2")):
				t.Errorf("%v, want one line with %q", err, tc.says)
			}
		})
	}
}

// A listener that asks for nothing, or for something else, says so too.
func TestGettingInWhereOthersDo(t *testing.T) {
	login := secure.Login{Mechanism: secure.Plain, User: "p", Password: secure.Value("hunter2")}
	for _, tc := range []struct {
		says      string
		tls       bool
		handshake int16 // the broker's error code
	}{
		{"unset --kafka-tls", true, 0},
		{"unset --kafka-sasl", false, kerr.IllegalSaslState.Code},
		{"Kafka doesn't take --kafka-sasl PLAIN", false, kerr.UnsupportedSaslMechanism.Code},
	} {
		b := start(t)
		b.cluster.ControlKey(int16(kmsg.SASLHandshake), func(r kmsg.Request) (kmsg.Response, error, bool) {
			b.cluster.KeepControl()
			resp := r.ResponseKind().(*kmsg.SASLHandshakeResponse)
			resp.ErrorCode = tc.handshake
			return resp, nil, true
		})
		_, err := client(t, kafkalog.Config{Brokers: b.addrs, Login: login, TLS: secure.TLS{On: tc.tls, For: "kafka"}}).Partitions(t.Context(), "in")
		if err == nil || !strings.Contains(err.Error(), tc.says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v, want %q", err, tc.says)
		}
	}
}

// What a user may not do names the topic or the group, and the command that allows it.
func TestNotAllowed(t *testing.T) {
	topic, group := kmsg.ACLResourceTypeTopic, kmsg.ACLResourceTypeGroup
	g := guard(t, allow(topic, "in", kmsg.ACLOperationDescribe), allow(topic, "new", kmsg.ACLOperationDescribe), allow(group, "known", kmsg.ACLOperationDescribe))
	c := g.open(t, secure.ScramSHA512, "u", secure.Value("u's"))
	grant := "--add --allow-principal User:u --operation "
	record := []kafkalog.Message{{Value: []byte("v")}}
	first := func(_ any, err error) error { return err }
	for says, do := range map[string]func(context.Context) error{
		"User:u may not describe topic out: grant it with kafka-acls.sh --bootstrap-server " + g.addrs[0]: func(ctx context.Context) error { return first(c.Partitions(ctx, "out")) },
		grant + "Describe --topic out": func(ctx context.Context) error { return first(c.Offsets(ctx, "out")) },
		grant + "Write --topic in":     func(ctx context.Context) error { return first(c.Produce(ctx, "in", 0, record)) },
		grant + "Write --topic out":    func(ctx context.Context) error { return first(c.Produce(ctx, "out", 0, record)) },
		grant + "Read --topic in":      func(ctx context.Context) error { return c.ReadRange(ctx, "in", 0, 0, 1, nil) },
		grant + "Create --topic new": func(ctx context.Context) error {
			return c.EnsureTopics(ctx, []kafkalog.Topic{{Name: "new", Partitions: 1}})
		},
		grant + "Describe --group other": func(ctx context.Context) error { return first(c.Committed(ctx, "other", "in", 1)) },
		grant + "Read --group mine":      func(ctx context.Context) error { return joins(ctx, c, "mine", "in") },
	} {
		if err := do(t.Context()); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v\nwant one line with %q", err, says)
		}
	}
	if _, err := c.Committed(t.Context(), "known", "in", 1); err != nil {
		t.Errorf("what is allowed: %v", err)
	}
}

// joins gives the first thing that keeps a member from joining, or nil.
func joins(ctx context.Context, c *kafkalog.Client, group, topic string) error {
	ctx, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	heard := make(chan error, 100)
	tell := func(err error) { heard <- err; stop() }
	cfg := kafkalog.GroupConfig{Group: group, Topic: topic, Waiting: tell, Failed: tell, Joined: func() { tell(nil) }}
	if err := c.Group(cfg).Run(ctx, func(context.Context, kafkalog.Claim) {}); err != nil {
		return err
	}
	return <-heard
}

// A member waits with a wrong password, says so each time, and joins when the file is corrected.
func TestCorrectedPasswordNeedsNoRestart(t *testing.T) {
	g := guard(t, allow(kmsg.ACLResourceTypeTopic, "in", kmsg.ACLOperationRead), allow(kmsg.ACLResourceTypeGroup, "g", kmsg.ACLOperationRead))
	path := filepath.Join(t.TempDir(), "password")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Error(err)
		}
	}
	write("old\n")
	c := g.open(t, secure.ScramSHA512, "u", secure.File(path))
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	joined, refused := false, 0
	err := c.Group(kafkalog.GroupConfig{
		Group: "g", Topic: "in",
		Waiting: func(err error) {
			if err == nil || !strings.Contains(err.Error(), "Kafka refuses --kafka-user u with the password in "+path) {
				t.Errorf("heard %v", err)
			}
			if refused++; refused == 2 {
				write("u's\n")
			}
		},
		Joined: func() { joined = true; stop() },
	}).Run(ctx, func(context.Context, kafkalog.Claim) {})
	if err != nil || !joined || refused < 2 {
		t.Errorf("joined %v after %d refusals, %v", joined, refused, err)
	}
}
