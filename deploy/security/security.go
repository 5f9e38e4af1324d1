// Package security has what each program may do on Kafka and Redis, for the tests that hold it to be enough, and for
// whoever checks a deployment.
package security

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed kafka.acl
var kafka string

//go:embed redis.acl
var redis string

// Grant is what a user may do with one topic or group of Kafka.
type Grant struct {
	User      string // without User:
	Operation string // Read, Write, Describe, Create
	Kind      string // topic or group
	Name      string
	Prefixed  bool // Name is how the names begin
}

// Kafka is kafka.acl for a deployment's topic prefix.
func Kafka(prefix string) (grants []Grant, err error) {
	for n, line := range lines(kafka, prefix) {
		more, err := grantsOf(strings.Fields(line))
		if err != nil {
			return nil, fmt.Errorf("reading line %d of kafka.acl: %w", n, err)
		}
		grants = append(grants, more...)
	}
	return grants, nil
}

func grantsOf(args []string) (grants []Grant, err error) {
	var user string
	var operations []string
	var resources []Grant
	prefixed := false
	if len(args)%2 != 0 {
		return nil, fmt.Errorf("an option has no value in %q", args)
	}
	for i := 0; i < len(args); i += 2 {
		switch option, value := args[i], args[i+1]; option {
		case "--allow-principal":
			user = strings.TrimPrefix(value, "User:")
		case "--operation":
			operations = append(operations, value)
		case "--topic", "--group":
			resources = append(resources, Grant{Kind: option[2:], Name: value})
		case "--resource-pattern-type":
			prefixed = value == "prefixed"
		default:
			return nil, fmt.Errorf("option %s is not known", option)
		}
	}
	for _, r := range resources {
		for _, o := range operations {
			r.User, r.Operation, r.Prefixed = user, o, prefixed
			grants = append(grants, r)
		}
	}
	return grants, nil
}

// User is a user of Redis with the rules of ACL SETUSER, without password.
type User struct {
	Name  string
	Rules []string
}

// Redis is redis.acl for a deployment's topic prefix.
func Redis(prefix string) (users []User) {
	for _, line := range lines(redis, prefix) {
		fields := strings.Fields(line)
		users = append(users, User{fields[0], fields[1:]})
	}
	return users
}

// lines are those that say something, by their number.
func lines(text, prefix string) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		n := 0
		for line := range strings.Lines(text) {
			n++
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			if !yield(n, strings.ReplaceAll(line, "@PREFIX@", prefix)) {
				return
			}
		}
	}
}
