package redisstate

import (
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/tierstream/tierstream/pkg/processor"
)

// damaged tells the errors after which trying again could only spread harm: keys of a wrong type or in another slot, and a
// script that failed in its midst. What Redis refuses before the first write (LOADING, OOM, READONLY ...) is none.
func damaged(err error) error {
	var own redis.Error
	if !errors.As(err, &own) {
		return err
	}
	says := own.Error()
	failed := strings.HasPrefix(says, "ERR ") &&
		(strings.Contains(says, "tierstream:") || strings.Contains(says, "user_script:") || strings.Contains(says, "running script"))
	if failed || strings.HasPrefix(says, "WRONGTYPE ") || strings.HasPrefix(says, "CROSSSLOT ") {
		return fmt.Errorf("%w: %w", processor.ErrDamaged, err)
	}
	return err
}
