package dev_test

import (
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// slotKeys matches every key of one partition of a stage.
func slotKeys(stage string, p int) string { return fmt.Sprintf("{%s%s:p%d}:*", prefix, stage, p) }

// allKeys matches every key of the deployment.
const allKeys = "{" + prefix + "*"

// Each script is one command, so that no Apply comes between, as in a server that fails over.
var (
	// saveScript copies keys to another database.
	saveScript = redis.NewScript(`
for _, k in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('COPY', k, k, 'DB', ARGV[2], 'REPLACE') end`)
	// wipeScript deletes keys.
	wipeScript = redis.NewScript(`
local n = 0
for _, k in ipairs(redis.call('KEYS', ARGV[1])) do n = n + redis.call('DEL', k) end
return n`)
	// restoreScript puts a copy in the place of what is there.
	restoreScript = redis.NewScript(`
for _, k in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', k) end
redis.call('SELECT', ARGV[2])
for _, k in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('COPY', k, k, 'DB', 0) end
redis.call('SELECT', 0)`)
)

func (w *world) script(s *redis.Script, args ...any) (n int) {
	w.t.Helper()
	w.until("Redis does as the operator says", func() (err error) {
		if n, err = s.Run(w.t.Context(), w.direct, nil, args...).Int(); errors.Is(err, redis.Nil) {
			return nil
		}
		return err
	})
	return n
}

// save copies all of Redis into a database that nobody uses.
func (w *world) save(db int) { w.script(saveScript, allKeys, db) }

// rollBack puts keys back to what they were when they were saved: what a failover does that lost its tail.
func (w *world) rollBack(keys string, db int) { w.script(restoreScript, keys, db) }

// wipe loses keys.
func (w *world) wipe(keys string) {
	w.t.Helper()
	if w.script(wipeScript, keys) == 0 {
		w.t.Errorf("there were no keys %s", keys)
	}
}
