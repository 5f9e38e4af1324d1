#!lua
-- Apply: compare the token, then write everything, or nothing. Safe to repeat. Every key is declared; everything is
-- checked before the first write; values are absolute; the token is written last, so that a replay heals.
-- The cursor is the token with the number of customers behind it, and a customer's score in idx is the number of their
-- registers: keys that a resharding has lost are found before anything is built on what is left.
-- KEYS: cursor, last, due, part, idx, then (blob, registers) of each customer.
-- ARGV: expected token ('' for an empty slot), new token, part, last, number of customers, then for each:
--       id, blob, due ('' for none), second place in due ('' as it is, 'none'), fields to set, fields to delete,
--       [field, value]..., [field]...
local held = redis.call('GET', KEYS[1]) or ''
local function answer(done, cursor)
  local first = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')
  return {done, cursor, first[2] or ''}
end

local token, customers = string.match(held, '^(.*):(%d+)$')
if (token or held) ~= ARGV[1] then
  return answer(0, held)
end

local function kind(key, want)
  local t = redis.call('TYPE', key)
  t = t.ok or t
  if t ~= 'none' and t ~= want then
    return nil
  end
  return t
end

local function wrong(what)
  return redis.error_reply('DAMAGED tierstream: ' .. what)
end

-- Without an answer, failed says why.
local failed
local function length(command, key)
  local answered = redis.pcall(command, key)
  if type(answered) == 'number' then
    return answered
  end
  failed = answered
  if string.find(answered.err, 'WRONGTYPE', 1, true) then
    failed = wrong('WRONGTYPE: a key of a customer holds something else')
  end
end

local n = tonumber(ARGV[5])
if n == nil or #KEYS ~= 5 + 2 * n then
  return wrong('wrong number of keys')
end
if not (kind(KEYS[2], 'string') and kind(KEYS[3], 'zset') and kind(KEYS[4], 'string') and kind(KEYS[5], 'zset')) then
  return wrong('WRONGTYPE: a key of the partition holds something else')
end
if redis.call('ZCARD', KEYS[5]) ~= tonumber(customers or 0) then
  return wrong('keys of the partition are lost: its index has another number of customers than the cursor says')
end

-- What takes many values is called once for all, in pieces that unpack can take. Gives the sum of the answers.
local function pieces(command, key, list, from, to)
  local sum = 0
  for i = from, to, 1000 do
    sum = sum + redis.call(command, key, unpack(list, i, math.min(i + 999, to)))
  end
  return sum
end

local ids = {}
local at = 6
for i = 1, n do
  local due, wait, sets, dels = ARGV[at + 2], ARGV[at + 3], tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5])
  if sets == nil or dels == nil or (due ~= '' and tonumber(due) == nil) or (wait ~= '' and wait ~= 'none' and tonumber(wait) == nil) then
    return wrong('malformed arguments')
  end
  ids[i] = ARGV[at]
  at = at + 6 + 2 * sets + dels
end
if at ~= #ARGV + 1 then
  return wrong('wrong number of arguments')
end

local scores = {}
for i = 1, n, 1000 do
  local some = redis.call('ZMSCORE', KEYS[5], unpack(ids, i, math.min(i + 999, n)))
  for j = i, math.min(i + 999, n) do
    scores[j] = some[j - i + 1]
  end
end
local registers = {}
for i = 1, n do
  local size, count = length('STRLEN', KEYS[4 + 2 * i]), length('HLEN', KEYS[5 + 2 * i])
  if not (size and count) then
    return failed
  end
  local found = size > 0 or kind(KEYS[4 + 2 * i], 'string') == 'string' -- an empty one is one too
  if found ~= (scores[i] and true or false) or count ~= tonumber(scores[i] or 0) then
    return wrong('keys of a customer are lost: what is there differs from the index')
  end
  registers[i] = count
end

local blobs, index, due, none = {}, {}, {}, {}
at = 6
for i = 1, n do
  local wait, sets, dels = ARGV[at + 3], tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5])
  blobs[#blobs + 1] = KEYS[4 + 2 * i]
  blobs[#blobs + 1] = ARGV[at + 1]
  if ARGV[at + 2] == '' then
    none[#none + 1] = ids[i]
  else
    due[#due + 1] = ARGV[at + 2]
    due[#due + 1] = ids[i]
  end
  if wait == 'none' then
    none[#none + 1] = '\0' .. ids[i]
  elseif wait ~= '' then
    due[#due + 1] = wait
    due[#due + 1] = '\0' .. ids[i]
  end
  at = at + 6
  local count = registers[i] + pieces('HSET', KEYS[5 + 2 * i], ARGV, at, at + 2 * sets - 1)
  at = at + 2 * sets
  count = count - pieces('HDEL', KEYS[5 + 2 * i], ARGV, at, at + dels - 1)
  at = at + dels
  if count ~= registers[i] or not scores[i] then
    index[#index + 1] = count
    index[#index + 1] = ids[i]
  end
end
for i = 1, #blobs, 1000 do
  redis.call('MSET', unpack(blobs, i, math.min(i + 999, #blobs)))
end
pieces('ZADD', KEYS[5], index, 1, #index)
pieces('ZREM', KEYS[3], none, 1, #none)
pieces('ZADD', KEYS[3], due, 1, #due)
redis.call('SET', KEYS[4], ARGV[3])
redis.call('SET', KEYS[2], ARGV[4])
local cursor = ARGV[2] .. ':' .. redis.call('ZCARD', KEYS[5])
redis.call('SET', KEYS[1], cursor)
return answer(1, cursor)
