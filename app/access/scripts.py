"""What Redis runs to keep count, each script in one step; `app.access.books` in Lua.

Each subject has two keys: a hash with all that is counted, and a sorted set of leases
by the millisecond in which they end. Only the time of Redis counts.

    r0, r       begin of the minute, requests in it
    t0, t       begin of the minute, tokens in it
    d, dt, dm   day, tokens and money of it
    ht, hm, hs  tokens, money and streams held by all
    h:ID        the same of one running answer
"""

_COMMON = """
local MINUTE, DAY, KEPT = 60000, 86400000, 90000000

local told = redis.call('TIME')
local now = told[1] * 1000 + math.floor(told[2] / 1000)
local today = math.floor(now / DAY)

local function left(since)
  if now >= since and now - since < MINUTE then return since + MINUTE - now end
  return 0
end

local function release(book, leases, id)
  local held = redis.call('HGET', book, 'h:' .. id)
  if held then
    local t, m, s = string.match(held, '^(%d+) (%d+) (%d+)$')
    redis.call('HINCRBY', book, 'ht', 0 - tonumber(t))
    redis.call('HINCRBY', book, 'hm', 0 - tonumber(m))
    redis.call('HINCRBY', book, 'hs', 0 - tonumber(s))
    redis.call('HDEL', book, 'h:' .. id)
  end
  redis.call('ZREM', leases, id)
end

local function catch_up(book, leases)
  local over = redis.call('ZRANGEBYSCORE', leases, '-inf', now)
  for _, id in ipairs(over) do release(book, leases, id) end
  -- One of the two keys may have been evicted: nothing is held by nobody.
  if redis.call('EXISTS', leases) == 0 then
    redis.call('HDEL', book, 'ht', 'hm', 'hs')
  end
end

local function hold(book, leases, id, lease, t, m, s)
  local held = redis.call('HGET', book, 'h:' .. id)
  local t1, m1, s1 = t, m, s
  if held then
    local t0, m0, s0 = string.match(held, '^(%d+) (%d+) (%d+)$')
    t1, m1, s1 = t0 + t, m0 + m, s0 + s
  end
  redis.call('HSET', book, 'h:' .. id, string.format('%.0f %.0f %.0f', t1, m1, s1))
  redis.call('HINCRBY', book, 'ht', t)
  redis.call('HINCRBY', book, 'hm', m)
  redis.call('HINCRBY', book, 'hs', s)
  redis.call('ZADD', leases, now + lease, id)
end

local function add(book, since, count, more)
  if left(tonumber(redis.call('HGET', book, since) or '-1e15')) == 0 then
    redis.call('HSET', book, since, now, count, more)
  else
    redis.call('HINCRBY', book, count, more)
  end
end

local function keep(book, leases)
  redis.call('PEXPIRE', book, KEPT)
  redis.call('PEXPIRE', leases, KEPT)
end
"""

RESERVE = (
    _COMMON
    + """
local id, lease = ARGV[1], tonumber(ARGV[2])
local requests, tokens = tonumber(ARGV[3]), tonumber(ARGV[4])
local money, streams = tonumber(ARGV[5]), tonumber(ARGV[6])
local midnight = (today + 1) * DAY - now

local function read(i)
  local book, leases, at = KEYS[i], KEYS[i + 1], 7 + (i - 1) / 2 * 5
  catch_up(book, leases)
  local f = redis.call(
    'HMGET', book, 'r0', 'r', 't0', 't', 'd', 'dt', 'dm', 'ht', 'hm', 'hs'
  )
  local s = { book = book, leases = leases }
  s.r_left, s.t_left = left(tonumber(f[1] or '-1e15')), left(tonumber(f[3] or '-1e15'))
  s.r = s.r_left > 0 and tonumber(f[2] or 0) or 0
  s.t = s.t_left > 0 and tonumber(f[4] or 0) or 0
  local same = tonumber(f[5] or -1) == today
  s.dt, s.dm = same and tonumber(f[6] or 0) or 0, same and tonumber(f[7] or 0) or 0
  s.ht, s.hm, s.hs = tonumber(f[8] or 0), tonumber(f[9] or 0), tonumber(f[10] or 0)
  s.requests, s.tokens = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  s.daily, s.money = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  s.streams = tonumber(ARGV[at + 4])
  return s
end

local function beyond(limit, taken, more)
  return limit > 0 and more > 0 and taken + more > limit
end

local function over(s)
  if beyond(s.money, s.dm + s.hm, money) then return 'money_per_day', midnight end
  if beyond(s.daily, s.dt + s.ht, tokens) then return 'tokens_per_day', midnight end
  if beyond(s.streams, s.hs, streams) then return 'streams', 0 end
  if beyond(s.tokens, s.t + s.ht, tokens) then return 'tokens_per_minute', s.t_left end
  if beyond(s.requests, s.r, requests) then
    return 'requests_per_minute', s.r_left
  end
end

local function enter(s)
  if requests > 0 and s.requests > 0 then
    add(s.book, 'r0', 'r', requests)
    s.r, s.r_left = s.r + requests, s.r_left > 0 and s.r_left or MINUTE
  end
  if tokens > 0 and s.tokens > 0 then
    add(s.book, 't0', 't', 0)
    s.t_left = s.t_left > 0 and s.t_left or MINUTE
  end
  if tokens > 0 or money > 0 or streams > 0 then
    hold(s.book, s.leases, id, lease, tokens, money, streams)
    s.ht = s.ht + tokens
  end
  keep(s.book, s.leases)
end

local all, refused, whose, wait = {}, '', -1, 0
for i = 1, #KEYS, 2 do
  all[#all + 1] = read(i)
end
for i, s in ipairs(all) do
  if refused == '' then
    local name, ms = over(s)
    if name then refused, whose, wait = name, i - 1, ms end
  end
end
if refused == '' then
  for _, s in ipairs(all) do enter(s) end
end

local r, t = { 0, 0, 0 }, { 0, 0, 0 }
for _, s in ipairs(all) do
  local rest = math.max(s.requests - s.r, 0)
  if s.requests > 0 and (r[1] == 0 or rest < r[2]) then
    r = { s.requests, rest, s.r_left }
  end
  rest = math.max(s.tokens - s.t - s.ht, 0)
  if s.tokens > 0 and (t[1] == 0 or rest < t[2]) then
    t = { s.tokens, rest, s.t_left }
  end
end
return { refused, whose, wait, r[1], r[2], r[3], t[1], t[2], t[3] }
"""
)
"""Keys: two a subject. Arguments: id, lease in milliseconds, the amount's requests,
tokens, money and streams, and of each subject its five limits. Returns the limit that
was reached or "", whose, milliseconds to wait, and how two limits stand."""

SETTLE = (
    _COMMON
    + """
local id, tokens, money = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
for i = 1, #KEYS, 2 do
  local book, leases = KEYS[i], KEYS[i + 1]
  catch_up(book, leases)
  release(book, leases, id)
  if tokens > 0 then add(book, 't0', 't', tokens) end
  if tokens > 0 or money > 0 then
    if tonumber(redis.call('HGET', book, 'd') or -1) ~= today then
      redis.call('HSET', book, 'd', today, 'dt', 0, 'dm', 0)
    end
    redis.call('HINCRBY', book, 'dt', tokens)
    redis.call('HINCRBY', book, 'dm', money)
  end
  keep(book, leases)
end
"""
)
"""Keys as above. Arguments: id, and the tokens and money that were really taken."""

RENEW = (
    _COMMON
    + """
local lease = tonumber(ARGV[2])
for i = 1, #KEYS, 2 do
  local book, leases = KEYS[i], KEYS[i + 1]
  catch_up(book, leases)
  release(book, leases, ARGV[1])
  hold(book, leases, ARGV[1], lease, ARGV[3], ARGV[4], ARGV[5])
  keep(book, leases)
end
"""
)
"""Keys as above. Arguments: id, lease in milliseconds, tokens, money and streams."""
