package dev_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tierstream/tierstream/deploy/security"
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/secure"
	"github.com/tierstream/tierstream/pkg/secure/securetest"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/services/ingest"
	"github.com/tierstream/tierstream/services/notifier"
	"github.com/tierstream/tierstream/services/scorer"
	"github.com/tierstream/tierstream/services/tierchange"
)

// Every service over TLS, as a user of its own who may do what deploy/security says: an order becomes a tier change. One
// service begins with a wrong password: it isn't ready, says why, and gets in when the file is corrected.
func TestSecured(t *testing.T) {
	ca, passwords := securetest.New(t), t.TempDir()
	kafka, err := kfake.NewCluster(append(grantedUsers(t), kfake.NumBrokers(1), kfake.GroupMinSessionTimeout(sessionTimeout), kfake.TLS(ca.Server()), kfake.EnableSASL(), kfake.EnableACLs(),
		kfake.Superuser(secure.ScramSHA256, "admin", "admin's"), kfake.BrokerConfigs(map[string]string{"group.initial.rebalance.delay.ms": "0"}))...)
	must(t, err)
	defer kafka.Close()
	redis, err := miniredis.RunTLS(ca.Server())
	must(t, err)
	defer redis.Close()
	w := &world{t: t}
	tls := secure.TLS{On: true, For: "kafka", CAFile: ca.File}
	w.client, err = kafkalog.Open(kafkalog.Config{
		Brokers: kafka.ListenAddrs(), TLS: tls, Login: secure.Login{Mechanism: secure.ScramSHA256, User: "admin", Password: secure.Value("admin's")},
	})
	must(t, err)
	defer w.client.Close()
	w.initialise(dayPolicy)
	w.append(topics.Orders, kafkalog.Partition("C1", partitions), order("C1", 1, time.Now()))

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ready, ended := map[string]*process.Readiness{}, map[string]chan error{}
	for name, run := range map[string]process.RunFunc{
		topics.Ingest: ingest.Run, topics.Scorer: scorer.Run, topics.TierChange: tierchange.Run, "notifier": notifier.Run,
	} {
		file := filepath.Join(passwords, name)
		must(t, os.WriteFile(file, []byte(name+"'s\n"), 0o600))
		redis.RequireUserAuth("ts-"+name, name+"'s")
		login := secure.Login{Mechanism: secure.ScramSHA512, User: "ts-" + name, Password: secure.File(file)}
		c := process.Config{
			Brokers: kafka.ListenAddrs(), Redis: "rediss://" + redis.Addr(), TopicPrefix: prefix, SessionTimeout: sessionTimeout,
			Security: process.Security{KafkaTLS: tls, KafkaLogin: login, RedisTLS: secure.TLS{CAFile: ca.File}, RedisLogin: login},
		}
		if name == topics.Ingest {
			must(t, os.WriteFile(file, []byte("hunter2\n"), 0o600))
		}
		log, err := process.Logger(&w.log, name, "info")
		must(t, err)
		d := process.Deps{Log: log, Registry: prometheus.NewRegistry(), Ready: &process.Readiness{}, Clock: func() civil.Instant { return w.clock.now() }}
		ready[name], ended[name] = d.Ready, make(chan error, 1)
		go func() { ended[name] <- run(ctx, c, d) }()
	}
	in := &instance{ready: ready[topics.Ingest]}
	refusal := "Kafka refuses --kafka-user ts-ingest with the password in " + filepath.Join(passwords, topics.Ingest)
	w.until("ingest says that it is refused", func() error { return says(in, 503, refusal) })
	must(t, os.WriteFile(filepath.Join(passwords, topics.Ingest), []byte("ingest's\n"), 0o600))
	w.until("the order is a tier change", func() error { return w.hasChanges("C1", 1) })
	for name, r := range ready {
		w.until(name+" is ready", func() error { return says(&instance{ready: r}, 200, "ready") })
	}
	stop()
	for name, e := range ended {
		if err := <-e; err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	text := strings.Join(w.log.lines(), "\n")
	if !strings.Contains(text, refusal) || strings.Contains(text, "hunter2") || strings.Contains(text, "ingest's") {
		t.Errorf("the log doesn't say it, or shows a password:\n%s", w.log.tail(60))
	}
	if strings.Contains(text, "may not") {
		t.Errorf("something was refused:\n%s", w.log.tail(60))
	}
}

// grantedUsers are the users of the services with the grants of deploy/security.
func grantedUsers(t *testing.T) (opts []kfake.Opt) {
	t.Helper()
	grants, err := security.Kafka(prefix)
	must(t, err)
	acls := map[string][]kfake.ACL{}
	for _, g := range grants {
		a := kfake.ACL{
			Resource: map[string]kmsg.ACLResourceType{"topic": kmsg.ACLResourceTypeTopic, "group": kmsg.ACLResourceTypeGroup}[g.Kind], Name: g.Name,
			Pattern: kmsg.ACLResourcePatternTypeLiteral, Allow: true,
			Operation: map[string]kmsg.ACLOperation{
				"Read": kmsg.ACLOperationRead, "Write": kmsg.ACLOperationWrite, "Describe": kmsg.ACLOperationDescribe, "Create": kmsg.ACLOperationCreate,
			}[g.Operation],
		}
		if g.Prefixed {
			a.Pattern = kmsg.ACLResourcePatternTypePrefixed
		}
		acls[g.User] = append(acls[g.User], a)
	}
	for user, a := range acls {
		opts = append(opts, kfake.User(secure.ScramSHA512, user, strings.TrimPrefix(user, "ts-")+"'s", a...))
	}
	return opts
}

// says is nil when an instance's readiness is that.
func says(i *instance, code int, part string) error {
	got, text := i.readyz()
	if got != code || !strings.Contains(text, part) {
		return fmt.Errorf("readiness is %d: %s", got, text)
	}
	return nil
}
