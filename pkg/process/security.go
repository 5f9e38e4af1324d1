package process

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"

	"github.com/tierstream/tierstream/pkg/secure"
)

// Security is how a program proves to Kafka and Redis who it is, and knows them.
type Security struct {
	KafkaTLS, RedisTLS     secure.TLS
	KafkaLogin, RedisLogin secure.Login
	// Warnings are for the log: what is allowed, but shows a password to others.
	Warnings []string
}

// Settings that only the environment may have: an argument is seen by everybody on the machine, and a file of settings
// gets copied about.
const (
	kafkaPassword = "kafka-password"
	redisPassword = "redis-password"
)

func securityFlags(fs *pflag.FlagSet) {
	fs.Bool("kafka-tls", false, "speak TLS to Kafka")
	fs.String("kafka-ca-file", "", "PEM of the authorities that sign Kafka's certificates; empty: the system's")
	fs.String("kafka-cert-file", "", "PEM of the certificate to show Kafka, where it asks for one")
	fs.String("kafka-key-file", "", "PEM of its key")
	fs.String("kafka-sasl", "", "how to log in to Kafka: "+strings.Join(secure.Mechanisms(), ", ")+"; empty: not at all")
	fs.String("kafka-user", "", "user to log in to Kafka as")
	fs.String("kafka-password-file", "", "file with the user's password (or TIERSTREAM_KAFKA_PASSWORD in the environment)")
	fs.String("redis-ca-file", "", "PEM of the authorities that sign the certificate of a rediss:// URL; empty: the system's")
	fs.String("redis-cert-file", "", "PEM of the certificate to show Redis, where it asks for one")
	fs.String("redis-key-file", "", "PEM of its key")
	fs.String("redis-user", "", "Redis' ACL user; empty: default, or the URL's")
	fs.String("redis-password-file", "", "file with the user's password (or TIERSTREAM_REDIS_PASSWORD in the environment)")
}

// secretKey says whether a setting is one for the environment alone.
func secretKey(key string) bool { return key == kafkaPassword || key == redisPassword }

// noSecrets refuses those in a file.
func noSecrets(k *koanf.Koanf, path string) error {
	for _, key := range []string{kafkaPassword, redisPassword} {
		if k.Exists(key) {
			return fmt.Errorf("--config %s has %s: give %s-file, or %s in the environment", path, key, key, envName(key))
		}
	}
	return nil
}

func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
}

func readSecurity(k *koanf.Koanf, redis string) (s Security, err error) {
	on, err := strconv.ParseBool(k.String("kafka-tls"))
	if err != nil {
		return s, fmt.Errorf("--kafka-tls is true or false, not %q", k.String("kafka-tls"))
	}
	if s.KafkaTLS, err = readTLS(k, "kafka", on, "--kafka-tls"); err != nil {
		return s, err
	}
	if s.RedisTLS, err = readTLS(k, "redis", strings.HasPrefix(redis, "rediss://"), "--redis rediss://"); err != nil {
		return s, err
	}
	if s.KafkaLogin, err = readKafkaLogin(k); err != nil {
		return s, err
	}
	if s.RedisLogin, err = readRedisLogin(k, redis); err != nil {
		return s, err
	}
	if s.KafkaLogin.Mechanism == secure.Plain && !on {
		s.Warnings = append(s.Warnings, "--kafka-sasl PLAIN without --kafka-tls sends the password over the network as it is: set --kafka-tls, or use SCRAM")
	}
	return s, nil
}

// readTLS reads the files once, so that a program with wrong ones doesn't start.
func readTLS(k *koanf.Koanf, of string, on bool, by string) (secure.TLS, error) {
	t := secure.TLS{On: on, For: of, CAFile: k.String(of + "-ca-file"), CertFile: k.String(of + "-cert-file"), KeyFile: k.String(of + "-key-file")}
	for _, name := range []string{"ca", "cert", "key"} {
		if !on && k.String(of+"-"+name+"-file") != "" {
			return t, fmt.Errorf("--%s-%s-file is given without TLS: set %s too", of, name, by)
		}
	}
	if (t.CertFile == "") != (t.KeyFile == "") {
		return t, fmt.Errorf("--%s-cert-file and --%s-key-file go together: give both or neither", of, of)
	}
	return t, t.Check()
}

func readPassword(k *koanf.Koanf, key string) (secure.Secret, error) {
	text, path := k.String(key), k.String(key+"-file")
	switch {
	case text != "" && path != "":
		return secure.Secret{}, fmt.Errorf("both --%s-file and %s are given: leave one out", key, envName(key))
	case path == "":
		return secure.Value(text), nil
	}
	s := secure.File(path)
	if _, err := s.Read(); err != nil {
		return s, fmt.Errorf("--%s-file: %w", key, err)
	}
	return s, nil
}

func readKafkaLogin(k *koanf.Koanf) (l secure.Login, err error) {
	l.Mechanism, l.User = k.String("kafka-sasl"), k.String("kafka-user")
	if l.Password, err = readPassword(k, kafkaPassword); err != nil {
		return l, err
	}
	switch {
	case l.Mechanism == "" && l.User != "":
		return l, errors.New("--kafka-user is given without --kafka-sasl: set it to " + strings.Join(secure.Mechanisms(), ", "))
	case l.Mechanism == "" && l.Password.Set():
		return l, errors.New("--kafka-password-file is given without --kafka-sasl: set it to " + strings.Join(secure.Mechanisms(), ", "))
	case l.Mechanism == "":
		return l, nil
	case !slices.Contains(secure.Mechanisms(), l.Mechanism):
		return l, fmt.Errorf("--kafka-sasl %q is not known: use %s", l.Mechanism, strings.Join(secure.Mechanisms(), ", "))
	case l.User == "":
		return l, fmt.Errorf("--kafka-sasl %s needs --kafka-user", l.Mechanism)
	case !l.Password.Set():
		return l, fmt.Errorf("--kafka-sasl %s needs --kafka-password-file, or %s in the environment", l.Mechanism, envName(kafkaPassword))
	}
	return l, nil
}

func readRedisLogin(k *koanf.Koanf, redis string) (l secure.Login, err error) {
	l.User = k.String("redis-user")
	if l.Password, err = readPassword(k, redisPassword); err != nil {
		return l, err
	}
	if l.User != "" && !l.Password.Set() {
		return l, fmt.Errorf("--redis-user needs --redis-password-file, or %s in the environment", envName(redisPassword))
	}
	if u, err := url.Parse(redis); err == nil && u.User != nil {
		_, password := u.User.Password()
		switch {
		case password && l.Password.Set():
			return l, errors.New("--redis has a password, and --redis-password-file or TIERSTREAM_REDIS_PASSWORD gives another: leave it out of the URL")
		case u.User.Username() != "" && l.User != "":
			return l, errors.New("--redis has a user, and --redis-user gives another: leave it out of the URL")
		}
	}
	return l, nil
}

// exposed warns of a password among the arguments.
func (s *Security) exposed(fs *pflag.FlagSet) {
	f := fs.Lookup("redis")
	if f == nil || !f.Changed {
		return
	}
	if u, err := url.Parse(f.Value.String()); err == nil {
		if _, ok := u.User.Password(); ok {
			s.Warnings = append(s.Warnings, "the password in --redis is seen by everybody who lists this machine's processes: use --redis-password-file")
		}
	}
}
