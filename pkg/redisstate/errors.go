package redisstate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/tierstream/tierstream/pkg/processor"
)

// passing gives the first words of what a server says before it has changed anything: the same call may do later.
func passing() []string {
	return []string{
		"LOADING", "CLUSTERDOWN", "MASTERDOWN", "NOREPLICAS", "READONLY", "TRYAGAIN", "BUSY", "OOM", "MISCONF", "UNBLOCKED",
		"MOVED", "ASK", "NOSCRIPT", "EXECABORT", "NOAUTH", "WRONGPASS", "NOPERM", "ERR max number of clients",
	}
}

// Moving says that Redis could not answer yet: it is not up, or a node of it is being replaced.
func Moving(err error) bool {
	var own redis.Error
	if !errors.As(err, &own) {
		return errors.As(err, new(net.Error)) || errors.Is(err, io.EOF)
	}
	for _, word := range []string{"LOADING", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN"} {
		if strings.HasPrefix(own.Error(), word) {
			return true
		}
	}
	return false
}

// failed says what kind of error a call has met. What a server says and what isn't passing means that keys hold what they
// can't, or that a script has stopped half way: processor.ErrDamaged, since another try could only spread it. Where it has said
// nothing, nobody knows, and the client learns anew where the slots are.
func (s *Slot) failed(doing string, err error) error {
	err = s.store.advise(err)
	var own redis.Error
	if !errors.As(err, &own) || errors.Is(err, redis.TxFailedErr) {
		if c, ok := s.store.client.(*redis.ClusterClient); ok {
			c.ReloadState(context.Background())
		}
		return fmt.Errorf("%s %s: %w", doing, s.tag, err)
	}
	text := own.Error()
	for _, word := range passing() {
		if strings.HasPrefix(text, word) {
			return fmt.Errorf("%s %s: %w", doing, s.tag, err)
		}
	}
	return fmt.Errorf("%s %s: %w: %w", doing, s.tag, processor.ErrDamaged, err)
}
