#!lua
-- Apply: compare the token, then write everything, or nothing. Safe to repeat. Every key is declared; everything is
-- checked before the first write; values are absolute; the token is written last, so that a replay heals.
-- KEYS: cursor, last, due, part, idx, then (blob, registers) of each customer.
-- ARGV: expected token ('' for an empty slot), new token, part, last, number of customers, then for each:
--       id, blob, due ('' for none), fields to set, fields to delete, [field, value]..., [field]...
local function answer(done)
  local first = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')
  return {done, redis.call('GET', KEYS[1]) or '', first[2] or ''}
end

if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
  return answer(0)
end

local function kind(key, want)
  local t = redis.call('TYPE', key)
  t = t.ok or t
  return t == 'none' or t == want
end

local n = tonumber(ARGV[5])
if n == nil or #KEYS ~= 5 + 2 * n then
  return redis.error_reply('ERR tierstream: wrong number of keys')
end
if not (kind(KEYS[2], 'string') and kind(KEYS[3], 'zset') and kind(KEYS[4], 'string') and kind(KEYS[5], 'zset')) then
  return redis.error_reply('WRONGTYPE tierstream: a key of the partition holds something else')
end
local at = 6
for i = 1, n do
  local due, sets, dels = ARGV[at + 2], tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  if sets == nil or dels == nil or (due ~= '' and tonumber(due) == nil) then
    return redis.error_reply('ERR tierstream: malformed arguments')
  end
  if not (kind(KEYS[4 + 2 * i], 'string') and kind(KEYS[5 + 2 * i], 'hash')) then
    return redis.error_reply('WRONGTYPE tierstream: a key of a customer holds something else')
  end
  at = at + 5 + 2 * sets + dels
end
if at ~= #ARGV + 1 then
  return redis.error_reply('ERR tierstream: wrong number of arguments')
end

-- Many values go in one call each, in pieces that unpack can take.
local pending = {}
local function add(name, call, key, a, b)
  local list = pending[name]
  if not list then
    list = {}
    pending[name] = list
  end
  list[#list + 1] = a
  if b then
    list[#list + 1] = b
  end
  if #list >= 1000 then
    redis.call(call, key, unpack(list))
    pending[name] = {}
  end
end
local function rest(name, call, key)
  local list = pending[name]
  if list and #list > 0 then
    redis.call(call, key, unpack(list))
  end
end

at = 6
for i = 1, n do
  local id, blob, due = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local sets, dels = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  redis.call('SET', KEYS[4 + 2 * i], blob)
  add('idx', 'ZADD', KEYS[5], 0, id)
  if due == '' then
    add('none', 'ZREM', KEYS[3], id)
  else
    add('due', 'ZADD', KEYS[3], due, id)
  end
  at = at + 5
  for _ = 1, sets do
    redis.call('HSET', KEYS[5 + 2 * i], ARGV[at], ARGV[at + 1])
    at = at + 2
  end
  for _ = 1, dels do
    redis.call('HDEL', KEYS[5 + 2 * i], ARGV[at])
    at = at + 1
  end
end
rest('idx', 'ZADD', KEYS[5])
rest('none', 'ZREM', KEYS[3])
rest('due', 'ZADD', KEYS[3])
redis.call('SET', KEYS[4], ARGV[3])
redis.call('SET', KEYS[2], ARGV[4])
redis.call('SET', KEYS[1], ARGV[2])
return answer(1)
