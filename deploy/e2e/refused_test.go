//go:build servers

package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tierstream/tierstream/deploy/security"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/secure"
	"github.com/tierstream/tierstream/pkg/secure/securetest"
	"github.com/tierstream/tierstream/pkg/worker"
)

// What a real Kafka and Redis say to who may not get in, or may not do something, becomes one line that names what to
// correct and shows no password.
func TestSecuredRefusals(t *testing.T) {
	o := administer(t)
	prefix := fmt.Sprintf("no%d.", time.Now().UnixNano())
	o.users(t.TempDir(), prefix)
	wrong := secure.Value("hunter2")
	password := filepath.Join(t.TempDir(), "password")
	must(t, os.WriteFile(password, []byte("good"), 0o600))
	user := "ts-nothing-" + prefix
	o.kafkaUser(user, password)
	must(t, o.redis.Do(t.Context(), "ACL", "SETUSER", user, "reset", "on", ">good", "-@all", "+script|load", "~{"+prefix+"scorer:*").Err())
	as := func(c *process.Config) {
		c.KafkaLogin.User, c.KafkaLogin.Password = user, secure.File(password)
		c.RedisLogin = secure.Login{User: user, Password: secure.File(password)}
	}
	kafka := func(c process.Config) error {
		client, err := worker.Kafka(c, process.Deps{}, "test")
		must(t, err)
		defer client.Close()
		_, err = client.Partitions(t.Context(), "x")
		return err
	}
	slot := func(stage string) func(process.Config) error {
		return func(c process.Config) error {
			store, err := worker.Redis(t.Context(), c, process.Deps{})
			if err != nil {
				return err
			}
			defer func() { _ = store.Close() }()
			_, err = store.Slot(prefix, stage, 0).Read(t.Context(), processor.Query{})
			return err
		}
	}
	other := securetest.New(t)
	for _, tc := range []struct {
		name string
		does func(process.Config) error
		with func(*process.Config)
		says string // empty: works
	}{
		{"Kafka: all is right", kafka, func(*process.Config) {}, ""},
		{"Kafka: PLAIN", kafka, func(c *process.Config) { c.KafkaLogin.Mechanism = secure.Plain }, ""},
		{"Kafka: SCRAM-SHA-256", kafka, func(c *process.Config) { c.KafkaLogin.Mechanism = secure.ScramSHA256 }, ""},
		{"Kafka: a wrong password", kafka, func(c *process.Config) { c.KafkaLogin.Password = wrong }, "Kafka refuses --kafka-user admin"},
		{"Kafka: a wrong password by PLAIN", kafka, func(c *process.Config) { c.KafkaLogin.Password, c.KafkaLogin.Mechanism = wrong, secure.Plain }, "Kafka refuses --kafka-user admin"},
		{"Kafka: no user", kafka, func(c *process.Config) { c.KafkaLogin = secure.Login{} }, "set --kafka-sasl"},
		{"Kafka: no TLS", kafka, func(c *process.Config) { c.KafkaTLS = secure.TLS{For: "kafka"} }, "set --kafka-tls"},
		{"Kafka: no TLS and no user", kafka, func(c *process.Config) { c.KafkaTLS, c.KafkaLogin = secure.TLS{For: "kafka"}, secure.Login{} }, "set --kafka-tls"},
		{"Kafka: another authority", kafka, func(c *process.Config) { c.KafkaTLS.CAFile = other.File }, "isn't signed by an authority in --kafka-ca-file " + other.File},
		{"Kafka: no grant", kafka, as, "--add --allow-principal User:" + user + " --operation Describe --topic x"},
		{"Kafka: users where certificates are asked for", kafka, func(c *process.Config) { certificates(t, c); c.KafkaLogin = login(o) }, "unset --kafka-sasl"},
		{"Kafka: a certificate without grant", kafka, func(c *process.Config) { certificates(t, c) }, "the user of the certificate"},
		{"Kafka: no certificate", kafka, func(c *process.Config) { certificates(t, c); c.KafkaTLS.CertFile, c.KafkaTLS.KeyFile = "", "" }, "set --kafka-cert-file"},
		{"Redis: all is right", slot("scorer"), func(*process.Config) {}, ""},
		{"Redis: a wrong password", slot("scorer"), func(c *process.Config) { c.RedisLogin.Password = wrong }, "Redis refuses user admin"},
		{"Redis: no user", slot("scorer"), func(c *process.Config) { c.RedisLogin = secure.Login{} }, "set --redis-user"},
		{"Redis: no TLS", slot("scorer"), func(c *process.Config) { c.Redis = strings.Replace(c.Redis, "rediss:", "redis:", 1) }, "set --redis rediss://"},
		{"Redis: another authority", slot("scorer"), func(c *process.Config) { c.RedisTLS.CAFile = other.File }, "isn't signed by an authority in --redis-ca-file " + other.File},
		{"Redis: no command", slot("scorer"), as, "user " + user + " lacks a command or a key"},
		{"Redis: no key", slot("tierchange"), as, "user " + user + " lacks a command or a key"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := o.settings
			tc.with(&c)
			switch err := tc.does(c); {
			case tc.says == "" && err != nil:
				t.Error(err)
			case tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "hunter2")):
				t.Errorf("%v\nwant one line with %q", err, tc.says)
			}
		})
	}
}

func login(o *operator) secure.Login { return o.settings.KafkaLogin }

// certificates turns to the listener that asks for certificates instead of users, with the one that scripts/servers made.
func certificates(t *testing.T, c *process.Config) {
	t.Helper()
	host, port, err := net.SplitHostPort(c.Brokers[0])
	must(t, err)
	n, err := strconv.Atoi(port)
	must(t, err)
	dir := filepath.Dir(c.KafkaTLS.CAFile)
	c.Brokers, c.KafkaLogin = []string{net.JoinHostPort(host, strconv.Itoa(n+50))}, secure.Login{}
	c.KafkaTLS.CertFile, c.KafkaTLS.KeyFile = filepath.Join(dir, "client.crt"), filepath.Join(dir, "client.key")
}

// A certificate is a user too.
func TestSecuredByCertificate(t *testing.T) {
	o := administer(t)
	topic := fmt.Sprintf("cert%d", time.Now().UnixNano())
	o.grant(security.Grant{User: "CN=client", Operation: "Describe", Kind: "topic", Name: topic})
	c := o.settings
	certificates(t, &c)
	client, err := worker.Kafka(c, process.Deps{}, "test")
	must(t, err)
	defer client.Close()
	if n, err := client.Partitions(t.Context(), topic); err != nil || n != 0 {
		t.Errorf("%d partitions, %v, want none and no error", n, err)
	}
}

// A service with a wrong password is alive, not ready, and says why in its log; it gets in when the file is corrected,
// without a restart.
func TestSecuredMendsItself(t *testing.T) {
	o := administer(t)
	s := o.system()
	path := s.path("ingest.password")
	good, err := os.ReadFile(path)
	must(t, err)
	s.cut("ingest-0")
	must(t, os.WriteFile(path, []byte("hunter2\n"), 0o600))
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	admin := ln.Addr().String()
	must(t, ln.Close())
	s.own["ingest"] = append(s.own["ingest"], "TIERSTREAM_ADMIN="+admin)
	s.launch("ingest-0")
	user := "Kafka refuses --kafka-user ts-ingest-" + s.prefix
	await(t, "the refusal on /readyz", func() bool {
		code, body := get(admin, "/readyz?verbose")
		return code == http.StatusServiceUnavailable && strings.Contains(body, user)
	})
	if code, _ := get(admin, "/livez"); code != http.StatusOK {
		t.Errorf("/livez: %d: a restart mends no password", code)
	}
	must(t, os.WriteFile(path, good, 0o600))
	s.tierctl("init", "--policy", policyFile, "--partitions", "1")
	await(t, "readiness", func() bool { code, _ := get(admin, "/readyz"); return code == http.StatusOK })
	if text := s.read("services.log"); !strings.Contains(text, user) || strings.Contains(text, "hunter2") {
		t.Error("the log doesn't say it, or shows the password")
	}
}

// cut ends an instance for good, as a power cut would.
func (s *system) cut(name string) {
	_ = s.procs[name].Process.Kill()
	<-s.ended[name]
	delete(s.procs, name)
	delete(s.ended, name)
}

func get(address, path string) (int, string) {
	resp, err := http.Get("http://" + address + path)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(20 * time.Millisecond) { // asking again
		if time.Now().After(deadline) {
			t.Fatalf("%s didn't come", what)
		}
	}
}
