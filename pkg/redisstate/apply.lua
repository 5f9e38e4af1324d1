#!lua
-- Apply: compare the token, then write everything, or nothing. Safe to repeat. Every key is declared; everything is
-- checked before the first write; values are absolute; the token is written last, so that a replay heals.
-- The cursor is the token with the number of customers behind it, and a customer's score in idx is the number of their
-- registers: keys that a resharding has lost are found before anything is built on what is left. Of whom there are none by idx, and
-- nothing is written, registers aren't looked for.
-- KEYS: cursor, last, due, part, idx, then the blobs of all customers, then the registers of all.
-- ARGV: expected token ('' for an empty slot), new token, part, last, number of customers, number of second places in due,
--       of each customer how many fields to set and how many to delete in three bytes each ('' for none of anybody), then
--       their ids, their blobs, their due moments ('' for none), their fields ([field, value]... and [field]... of each),
--       and at last the second places ([moment or 'none', id]...).
-- Most of the time that this takes is the interpreter's, for making strings of what it is given and for calling Redis: hence the
-- lists, which go into a call as they come, and as little as possible that is done for each customer.
local KEYS, ARGV, call, pcall, type, tonumber, byte = KEYS, ARGV, redis.call, redis.pcall, type, tonumber, string.byte
local held = call('GET', KEYS[1]) or ''
local function answer(done, cursor)
  local first = call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')
  return {done, cursor, first[2] or ''}
end

local token, customers = string.match(held, '^(.*):(%d+)$')
if (token or held) ~= ARGV[1] then
  return answer(0, held)
end

local function kind(key, want)
  local t = call('TYPE', key)
  t = t.ok or t
  if t ~= 'none' and t ~= want then
    return nil
  end
  return t
end

local function wrong(what)
  return redis.error_reply('DAMAGED tierstream: ' .. what)
end

-- What a key of a customer isn't, by the answer to the question how long it is.
local function refused(answered)
  if string.find(answered.err, 'WRONGTYPE', 1, true) then
    return wrong('WRONGTYPE: a key of a customer holds something else')
  end
  return answered
end

local n, seconds, shape = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
if n == nil or #KEYS ~= 5 + 2 * n then
  return wrong('wrong number of keys')
end
if seconds == nil or shape == nil or shape ~= '' and #shape ~= 6 * n then
  return wrong('malformed arguments')
end
if not (kind(KEYS[2], 'string') and kind(KEYS[3], 'zset') and kind(KEYS[4], 'string') and kind(KEYS[5], 'zset')) then
  return wrong('WRONGTYPE: a key of the partition holds something else')
end
if call('ZCARD', KEYS[5]) ~= tonumber(customers or 0) then
  return wrong('keys of the partition are lost: its index has another number of customers than the cursor says')
end

-- Where in KEYS and ARGV the lists are: the i-th customer's is i behind.
local blob, regs = 5, 5 + n
local id, value, moment, fields = 7, 7 + n, 7 + 2 * n, 8 + 3 * n

local sets, dels = {}, {}
local at = fields
for i = 1, n do
  local s, d = 0, 0
  if shape ~= '' then
    local s1, s2, s3, d1, d2, d3 = byte(shape, 6 * i - 5, 6 * i)
    s, d = s1 * 65536 + s2 * 256 + s3, d1 * 65536 + d2 * 256 + d3
  end
  sets[i], dels[i] = s, d
  at = at + 2 * s + d
  local due = ARGV[moment + i]
  if due ~= '' and not tonumber(due) then
    return wrong('malformed arguments')
  end
end
if at + 2 * seconds ~= #ARGV + 1 then
  return wrong('wrong number of arguments')
end
for i = at, #ARGV, 2 do
  if ARGV[i] ~= 'none' and not tonumber(ARGV[i]) then
    return wrong('malformed arguments')
  end
end

local scores = {}
for i = 1, n, 1000 do
  local some = call('ZMSCORE', KEYS[5], unpack(ARGV, id + i, id + math.min(i + 999, n)))
  for j = 1, #some do
    scores[i + j - 1] = some[j]
  end
end
local registers = {}
for i = 1, n do
  local score, size, count = scores[i], pcall('STRLEN', KEYS[blob + i]), 0
  if type(size) ~= 'number' then
    return refused(size)
  end
  -- Who has no registers, and gets none, isn't asked for them.
  if score ~= '0' or sets[i] > 0 or dels[i] > 0 then
    count = pcall('HLEN', KEYS[regs + i])
    if type(count) ~= 'number' then
      return refused(count)
    end
  end
  local found = size > 0 or kind(KEYS[blob + i], 'string') == 'string' -- an empty one is one too
  if found ~= (score and true or false) or count ~= tonumber(score or 0) then
    return wrong('keys of a customer are lost: what is there differs from the index')
  end
  registers[i] = count
end

-- What takes many values is called once for all, in pieces that unpack can take. Gives the sum of the answers.
local function pieces(command, key, list, from, to)
  local sum = 0
  for i = from, to, 1000 do
    sum = sum + call(command, key, unpack(list, i, math.min(i + 999, to)))
  end
  return sum
end

local blobs, index, due, none = {}, {}, {}, {}
local indexed, dues, nones = 0, 0, 0
at = fields
for i = 1, n do
  local name, when, count = ARGV[id + i], ARGV[moment + i], registers[i]
  blobs[2 * i - 1], blobs[2 * i] = KEYS[blob + i], ARGV[value + i]
  if when == '' then
    nones = nones + 1
    none[nones] = name
  else
    due[dues + 1], due[dues + 2] = when, name
    dues = dues + 2
  end
  if sets[i] > 0 then
    count = count + pieces('HSET', KEYS[regs + i], ARGV, at, at + 2 * sets[i] - 1)
    at = at + 2 * sets[i]
  end
  if dels[i] > 0 then
    count = count - pieces('HDEL', KEYS[regs + i], ARGV, at, at + dels[i] - 1)
    at = at + dels[i]
  end
  if count ~= registers[i] or not scores[i] then
    index[indexed + 1], index[indexed + 2] = count, name
    indexed = indexed + 2
  end
end
for i = at, #ARGV, 2 do
  local name = '\0' .. ARGV[i + 1]
  if ARGV[i] == 'none' then
    nones = nones + 1
    none[nones] = name
  else
    due[dues + 1], due[dues + 2] = ARGV[i], name
    dues = dues + 2
  end
end
for i = 1, 2 * n, 1000 do
  call('MSET', unpack(blobs, i, math.min(i + 999, 2 * n)))
end
pieces('ZADD', KEYS[5], index, 1, indexed)
pieces('ZREM', KEYS[3], none, 1, nones)
pieces('ZADD', KEYS[3], due, 1, dues)
call('SET', KEYS[4], ARGV[3])
call('SET', KEYS[2], ARGV[4])
local cursor = ARGV[2] .. ':' .. call('ZCARD', KEYS[5])
call('SET', KEYS[1], cursor)
return answer(1, cursor)
