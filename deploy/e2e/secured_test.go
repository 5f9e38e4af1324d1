//go:build servers

package e2e

import (
	"bufio"
	"context"
	"crypto/pbkdf2"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/spf13/pflag"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/tierstream/tierstream/deploy/security"
	"github.com/tierstream/tierstream/pkg/kafkalog"
	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/pkg/secure"
	"github.com/tierstream/tierstream/pkg/topics"
	"github.com/tierstream/tierstream/pkg/worker"
)

// operator is the administrator of servers that ask for TLS, users and grants (scripts/servers with --secure).
type operator struct {
	t        *testing.T
	settings process.Config
	kafka    *kgo.Client
	redis    *redis.Client
}

func administer(t *testing.T) *operator {
	t.Helper()
	server(t, "TIERSTREAM_KAFKA_CA_FILE")
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	process.Flags(fs)
	c, err := process.Load(fs, os.Environ)
	must(t, err)
	password, err := c.KafkaLogin.Password.Read()
	must(t, err)
	o := &operator{t: t, settings: c}
	o.kafka, err = kgo.NewClient(kgo.SeedBrokers(c.Brokers...), kgo.Dialer(secure.Dial(nil, c.KafkaTLS)),
		kgo.SASL(scram.Auth{User: c.KafkaLogin.User, Pass: password}.AsSha512Mechanism()))
	must(t, err)
	t.Cleanup(o.kafka.Close)
	if password, err = c.RedisLogin.Password.Read(); err != nil {
		t.Fatal(err)
	}
	o.redis = redis.NewClient(&redis.Options{
		Addr: strings.TrimPrefix(c.Redis, "rediss://"), Username: c.RedisLogin.User, Password: password, Dialer: secure.Dial(nil, c.RedisTLS), DisableIdentity: true,
	})
	t.Cleanup(func() { _ = o.redis.Close() })
	return o
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// users makes the users of every program, with what deploy/security grants them under a prefix, and gives each program's
// settings. The names end with the prefix, since a test has several deployments on the same servers.
func (o *operator) users(dir, prefix string) map[string][]string {
	o.t.Helper()
	suffix := "-" + prefix
	own := map[string][]string{}
	for _, program := range append([]string{"tierctl"}, services...) {
		path := filepath.Join(dir, program+".password")
		must(o.t, os.WriteFile(path, fmt.Appendf(nil, "%x\n", rand.Uint64()), 0o600))
		o.kafkaUser("ts-"+program+suffix, path)
		own[program] = []string{
			"TIERSTREAM_KAFKA_USER=ts-" + program + suffix, "TIERSTREAM_KAFKA_PASSWORD_FILE=" + path,
			"TIERSTREAM_REDIS_USER=ts-" + program + suffix, "TIERSTREAM_REDIS_PASSWORD_FILE=" + path,
		}
	}
	grants, err := security.Kafka(prefix)
	must(o.t, err)
	for i := range grants {
		grants[i].User += suffix
	}
	o.grant(grants...)
	for _, u := range security.Redis(prefix) {
		password, err := secure.File(filepath.Join(dir, strings.TrimPrefix(u.Name, "ts-")+".password")).Read()
		must(o.t, err)
		args := []any{"ACL", "SETUSER", u.Name + suffix, "reset", ">" + password}
		for _, r := range u.Rules {
			args = append(args, r)
		}
		must(o.t, o.redis.Do(o.t.Context(), args...).Err())
	}
	return own
}

// iterations of SCRAM: the least that Kafka takes.
const iterations = 4096

// kafkaUser makes a user, or gives one another password, as kafka-configs.sh does.
func (o *operator) kafkaUser(name, passwordFile string) {
	o.t.Helper()
	password, err := secure.File(passwordFile).Read()
	must(o.t, err)
	salt := fmt.Appendf(nil, "%x", rand.Uint64())
	salted, err := pbkdf2.Key(sha512.New, password, salt, iterations, sha512.Size)
	must(o.t, err)
	req := kmsg.NewPtrAlterUserSCRAMCredentialsRequest()
	u := kmsg.NewAlterUserSCRAMCredentialsRequestUpsertion()
	u.Name, u.Mechanism, u.Iterations, u.Salt, u.SaltedPassword = name, 2, iterations, salt, salted
	req.Upsertions = append(req.Upsertions, u)
	resp, err := req.RequestWith(o.t.Context(), o.kafka)
	must(o.t, err)
	for _, r := range resp.Results {
		must(o.t, kerr.ErrorForCode(r.ErrorCode))
	}
}

// grant is kafka-acls.sh --add.
func (o *operator) grant(grants ...security.Grant) {
	o.t.Helper()
	req := kmsg.NewPtrCreateACLsRequest()
	for _, g := range grants {
		c := kmsg.NewCreateACLsRequestCreation()
		c.ResourceType = map[string]kmsg.ACLResourceType{"topic": kmsg.ACLResourceTypeTopic, "group": kmsg.ACLResourceTypeGroup}[g.Kind]
		c.ResourcePatternType = kmsg.ACLResourcePatternTypeLiteral
		if g.Prefixed {
			c.ResourcePatternType = kmsg.ACLResourcePatternTypePrefixed
		}
		c.Operation = map[string]kmsg.ACLOperation{
			"Read": kmsg.ACLOperationRead, "Write": kmsg.ACLOperationWrite, "Describe": kmsg.ACLOperationDescribe, "Create": kmsg.ACLOperationCreate,
		}[g.Operation]
		c.ResourceName, c.Principal, c.Host, c.PermissionType = g.Name, "User:"+g.User, "*", kmsg.ACLPermissionTypeAllow
		req.Creations = append(req.Creations, c)
	}
	resp, err := req.RequestWith(o.t.Context(), o.kafka)
	must(o.t, err)
	for _, r := range resp.Results {
		must(o.t, kerr.ErrorForCode(r.ErrorCode))
	}
}

// Every program with a user of its own that may do what deploy/security says and nothing else: a replay gives simulate's
// files, and the wall clock runs; nothing is refused on the way, and no grant is there in vain.
func TestSecuredReplay(t *testing.T) {
	o := administer(t)
	must(t, o.redis.ConfigResetStat(t.Context()).Err())
	replay, wall, ranked := o.system(), o.system(), o.system()
	replay.trade(60)
	replay.tierctl("init", "--policy", policyFile, "--clock", "event", "--partitions", "2")
	replay.tierctl("send", replay.path("events.jsonl"))
	replay.tierctl("clock", "advance", "--to", end)
	replay.sameAsSimulate()
	wall.tierctl("init", "--policy", policyFile, "--partitions", "2")
	o.ticked(wall)
	for _, text := range []string{firstInput, everyInput} {
		wall.tierctl("send", wall.write("events.jsonl", text))
		wall.tierctl("wait")
	}
	if text := wall.tierctl("explain", "C1", "-o", "json"); !strings.Contains(text, `"C1"`) {
		t.Errorf("explain says %s", text)
	}
	wall.stop()
	// Its midnights are waited for, and tierchange asks for a Tick after each, to look at everybody by the new cut-offs.
	ranked.policy("version: \"1\"\nportfolio: {}\ntiers:\n  - {name: base}\n  - {name: gold, enter: 'value.class == \"A\"'}\n")
	ranked.tierctl("init", "--policy", ranked.path("policy.yaml"), "--clock", "event", "--partitions", "2")
	ranked.tierctl("send", ranked.write("events.jsonl", firstInput))
	ranked.tierctl("clock", "advance", "--to", "2024-03-04")
	ranked.stop()
	told := o.told()
	o.forgotten(replay)
	replay.stop()
	o.auditKafka(replay.prefix, wall.prefix, ranked.prefix, told)
	o.auditRedis(replay.prefix, wall.prefix, ranked.prefix, told)
}

// told is the prefix of a deployment whose notifier has a receiver: it is refused for good, and what it had to say is sent again
// by an operator.
func (o *operator) told() (prefix string) {
	o.t.Helper()
	var asked atomic.Int64
	crm := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusGone)
		}
	}))
	o.t.Cleanup(crm.Close)
	s := o.assembled()
	s.write("secret", "whsec_"+base64.StdEncoding.EncodeToString(make([]byte, 32))+"\n")
	path := s.write("routes.yaml", fmt.Sprintf(`version: "1"
egress: {allow: [127.0.0.1]}
endpoints:
  - {name: crm, type: webhook, url: "%s", secret_file: %s, allow_http: true}
default: crm
`, crm.URL, s.path("secret")))
	for _, program := range []string{"notifier", "tierctl"} {
		s.own[program] = append(s.own[program], "TIERSTREAM_ROUTES="+path)
	}
	s.launchAll(1)
	s.policy("version: \"1\"\ntiers:\n  - {name: base}\n  - {name: gold, enter: value.net > 1000.0}\n")
	s.tierctl("init", "--policy", s.path("policy.yaml"), "--partitions", "2")
	s.tierctl("send", s.write("events.jsonl", firstInput))
	await(o.t, "a receiver that wants nothing more", func() bool { return strings.Contains(s.tierctl("webhook", "list"), "disabled") })
	s.tierctl("webhook", "enable", "crm")
	s.tierctl("webhook", "retry", "--endpoint", "crm")
	await(o.t, "what was sent again", func() bool { return asked.Load() > 1 })
	s.stop()
	return s.prefix
}

// ticked waits until time has come into every partition of facts. Record 0 brings none, so a stage under the wall clock wants a Tick
// at once, and asks first how far ingest is. An event that comes before it would put that off for a minute.
func (o *operator) ticked(s *system) {
	o.t.Helper()
	facts := o.follow(s.prefix + topics.Facts)
	await(o.t, "a Tick in every partition", func() bool {
		return !slices.ContainsFunc(facts(), func(b kafkalog.Bounds) bool { return b.End < 2 })
	})
}

// follow gives a look at where the partitions of a topic end now.
func (o *operator) follow(topic string) func() []kafkalog.Bounds {
	o.t.Helper()
	client, err := worker.Kafka(o.settings, process.Deps{}, "test")
	must(o.t, err)
	o.t.Cleanup(client.Close)
	return func() []kafkalog.Bounds {
		o.t.Helper()
		bounds, err := client.Offsets(o.t.Context(), topic)
		must(o.t, err)
		return bounds
	}
}

// forgotten lets Redis lose its scripts, as a restart does, and each stage be the one that finds out. One EVAL brings the script
// back for everybody, and so does SCRIPT LOAD of whoever connects: nobody else is at work meanwhile. scorer ends with it.
func (o *operator) forgotten(s *system) {
	o.t.Helper()
	late := s.write("late.jsonl", lateInput)
	scores := o.follow(s.prefix + topics.Scores)
	before, evals := scores(), o.calls("eval")
	s.signal("tierchange-0", syscall.SIGSTOP)
	defer s.signal("tierchange-0", syscall.SIGCONT)
	must(o.t, o.redis.ScriptFlush(o.t.Context()).Err())
	s.tierctl("send", late)
	await(o.t, "EVAL by scorer", func() bool { return o.calls("eval") > evals })
	await(o.t, "what tierchange is to read", func() bool { return !slices.Equal(scores(), before) })
	s.end("scorer-0")
	must(o.t, o.redis.ScriptFlush(o.t.Context()).Err())
	evals = o.calls("eval")
	s.signal("tierchange-0", syscall.SIGCONT)
	await(o.t, "EVAL by tierchange", func() bool { return o.calls("eval") > evals })
}

// calls is how often Redis has run a command; one that it refused doesn't count.
func (o *operator) calls(command string) int {
	o.t.Helper()
	stats, err := o.redis.Info(o.t.Context(), "commandstats").Result()
	must(o.t, err)
	n, _ := strconv.Atoi(between(stats, "cmdstat_"+command+":calls=", ","))
	return n
}

// firstInput comes alone: who is new to scorer is read with the registers that their first records name, and never again while the
// cache has them. A profile would name none.
const firstInput = `{"topic":"orders","value":{"event_id":"e1","occurred_at":"2024-03-01T09:30:00Z","customer_id":"C1","order_id":"O1","placed":{"amount_minor":"120000","currency":"CNY","terms_days":30}}}
`

// lateInput comes after all of the trade.
const lateInput = `{"topic":"orders","value":{"event_id":"late","occurred_at":"2024-08-02T09:30:00Z","customer_id":"LATE","order_id":"LATE","placed":{"amount_minor":"120000","currency":"CNY","terms_days":30}}}
`

// everyInput has, with firstInput, a line for each input topic, rates that ingest passes on, and one that becomes a dead letter.
const everyInput = `{"topic":"invoices","value":{"event_id":"e2","occurred_at":"2024-03-01T09:31:00Z","customer_id":"C1","invoice_id":"I1","issued":{"amount_minor":"120000","currency":"CNY","due_date":"2024-04-01","orders":[{"order_id":"O1","amount_minor":"120000"}]}}}
{"topic":"payments","value":{"event_id":"e3","occurred_at":"2024-03-02T09:30:00Z","customer_id":"C1","payment_id":"P1","received":{"amount_minor":"120000","currency":"CNY","value_date":"2024-03-02"}}}
{"topic":"profiles","value":{"event_id":"e4","occurred_at":"2024-03-02T09:31:00Z","customer_id":"C1","name":"C1"}}
{"topic":"engagements","value":{"event_id":"e5","occurred_at":"2024-03-02T09:32:00Z","customer_id":"C1","survey":{"score":9}}}
{"topic":"fx-rates","value":{"version":"1","as_of":"2024-03-01","base":"CNY","rates":{"USD":"7.2"}}}
{"topic":"events","value":{"topic":"fx-rates","value":{"version":"2","as_of":"2024-03-01","base":"CNY","rates":{"USD":"7.21"}}}}
{"topic":"orders","value":{"event_id":"e6","occurred_at":"2024-03-02T09:33:00Z","order_id":"O2"}}
`

// system is a deployment whose programs are users of their own.
func (o *operator) system() *system {
	o.t.Helper()
	s := o.assembled()
	s.launchAll(1)
	return s
}

// assembled is system without a running service.
func (o *operator) assembled() *system {
	o.t.Helper()
	s := assemble(o.t)
	s.own = o.users(s.dir, s.prefix)
	o.t.Cleanup(s.stop)
	return s
}

// auditKafka reads what the authorizer decided for the users of these deployments.
func (o *operator) auditKafka(prefixes ...string) {
	o.t.Helper()
	f, err := os.Open(filepath.Join(filepath.Dir(o.settings.KafkaTLS.CAFile), "authorizer.log"))
	must(o.t, err)
	defer func() { _ = f.Close() }()
	used := map[security.Grant]bool{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		for _, p := range prefixes {
			if strings.Contains(between(lines.Text(), "Principal = User:", " is "), "-"+p) {
				used[o.decision(lines.Text(), p)] = true
			}
		}
	}
	must(o.t, lines.Err())
	grants, err := security.Kafka("")
	must(o.t, err)
	for _, g := range grants {
		if !used[g] && (g.User != "ts-tierchange" || g.Operation != "Describe") { // asked for where a wait of days ends under the wall clock
			o.t.Errorf("deploy/security/kafka.acl grants %+v, which nobody used", g)
		}
	}
}

// decision is the grant that allowed something.
func (o *operator) decision(line, prefix string) security.Grant {
	if !strings.Contains(line, " is Allowed ") {
		o.t.Errorf("refused: %s", line)
	}
	_, rule, _ := strings.Cut(line, "based on rule ")
	operation := between(rule, "operation=", ",")
	return security.Grant{
		User: strings.TrimSuffix(between(line, "Principal = User:", " is "), "-"+prefix), Operation: operation[:min(1, len(operation))] + strings.ToLower(operation[min(1, len(operation)):]),
		Kind: strings.ToLower(between(rule, "resourceType=", ",")), Name: strings.TrimPrefix(between(rule, "resourceName=", ","), prefix),
		Prefixed: between(rule, "patternType=", ",") == "PREFIXED",
	}
}

func between(text, after, before string) string {
	_, text, _ = strings.Cut(text, after)
	text, _, _ = strings.Cut(text, before)
	return text
}

// rare are commands that this trade has no use for.
var rare = map[string]string{
	"hgetall": "a ledger that is settled anew, of a customer who isn't in the cache",
	"hdel":    "an erasure",
}

// auditRedis asks what Redis refused these users, and which commands it ran.
func (o *operator) auditRedis(prefixes ...string) {
	o.t.Helper()
	ctx := context.Background()
	refused, err := o.redis.ACLLog(ctx, 1000).Result()
	must(o.t, err)
	for _, r := range refused {
		for _, p := range prefixes {
			if strings.HasSuffix(r.Username, "-"+p) {
				o.t.Errorf("refused %s: %s of %s", r.Username, r.Reason, r.Object)
			}
		}
	}
	stats, err := o.redis.Info(ctx, "commandstats").Result()
	must(o.t, err)
	for _, u := range security.Redis("") {
		for _, rule := range u.Rules {
			if command, ok := strings.CutPrefix(rule, "+"); ok && rare[command] == "" && !strings.Contains(stats, "cmdstat_"+command+":") {
				o.t.Errorf("deploy/security/redis.acl grants %s %s, which nobody used", u.Name, rule)
			}
		}
	}
}
