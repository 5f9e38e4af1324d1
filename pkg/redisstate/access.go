package redisstate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"
)

// reason is why a transaction wasn't run: Redis says that with the command that it refuses, and at the end only that one
// was refused.
func reason(cmds []redis.Cmder, err error) error {
	if !strings.HasPrefix(err.Error(), "EXECABORT") {
		return err
	}
	for _, c := range cmds {
		if own := c.Err(); own != nil && !strings.HasPrefix(own.Error(), "EXECABORT") {
			return own
		}
	}
	return err
}

// advise says what to do about an error of getting in or being allowed.
func (s *Store) advise(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	var dial *net.OpError
	switch {
	case strings.Contains(text, "NOPERM"):
		return fmt.Errorf("%w: user %s lacks a command or a key: give it its line of deploy/security/redis.acl, with ACL SETUSER", err, s.user)
	case strings.Contains(text, "WRONGPASS"):
		return fmt.Errorf("%w: Redis refuses user %s: correct --redis-user and --redis-password-file; they are read again with each connection", err, s.user)
	case strings.Contains(text, "NOAUTH"):
		return fmt.Errorf("%w: Redis asks for a password: set --redis-user and --redis-password-file", err)
	case errors.As(err, &dial) && dial.Op == "dial", errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w (is it running, and is --redis right?)", err)
	}
	return err
}
