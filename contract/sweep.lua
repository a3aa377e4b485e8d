-- Deletes the events of one kind that are too old, also of topics on which nothing is published any more. The servers run it
-- every few seconds; several at a time do no harm. Publishers do not need it.
--
-- KEYS[1]  the streams of the kind, by when their oldest entries are to be deleted,  e.g. dms:{request}:aging
-- ARGV[1]  for how many seconds an event may be kept, whatever its publisher said,   e.g. 86400
-- ARGV[2]  how many of a stream's newest entries stay, however old: 0, or 1 for KPIs, whose newest snapshot is retained
-- ARGV[3]  how many entries it deletes at most,                                      e.g. 500
--
-- Answers 1 if more is to be deleted now, else 0.
--
-- Of the last event that it deletes it keeps the position and a seal, and nothing of what was in it. By these a client that has
-- come exactly as far is still recognised, and misses nothing. They are in the key `<stream>:seal`, as
-- `<epoch>-<offset> <seal>`. The seal is the first sixteen hexadecimal digits of the SHA-1 of the stream's name, the epoch, the
-- offset and the event, with a line feed after each of the first three. A stream that is empty counts on.

local aging = KEYS[1]
local seconds, kept, budget = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function field_of(entry, name)
  for index = 1, #entry[2], 2 do
    if entry[2][index] == name then
      return entry[2][index + 1]
    end
  end
end

-- An entry by a publisher of an earlier version does not say until when it is kept.
local function due_of(entry)
  local latest = (field_of(entry, 'at') or 0) + seconds * 1000
  return math.min(latest, tonumber(field_of(entry, 'until') or latest))
end

local function seal(stream, entry)
  local epoch, offset = string.match(entry[1], '^(%d+)-(%d+)$')
  local content = table.concat({ stream, epoch, offset, field_of(entry, 'event') or '' }, '\n')
  redis.call('SET', stream .. ':seal', entry[1] .. ' ' .. string.sub(redis.sha1hex(content), 1, 16))
  redis.call('ZREMRANGEBYSCORE', stream .. ':ids', '-inf', offset)
end

local function sweep(stream)
  local last
  while budget > 0 do
    local entries = redis.pcall('XRANGE', stream, '-', '+', 'COUNT', kept + 1)
    if entries.err or #entries <= kept then
      redis.call('ZREM', aging, stream) -- until something is appended
      break
    end
    local due = due_of(entries[1])
    if due >= now then
      redis.call('ZADD', aging, due, stream)
      break
    end
    redis.call('XDEL', stream, entries[1][1])
    last = entries[1]
    budget = budget - 1
  end
  if last then
    seal(stream, last)
  end
end

-- Streams that are due, and those whose publishers said longer than ARGV[1].
for _, range in ipairs({ { '-inf', '(' .. now }, { '(' .. now + seconds * 1000, '+inf' } }) do
  for _, stream in ipairs(redis.call('ZRANGEBYSCORE', aging, range[1], range[2], 'LIMIT', 0, 100)) do
    sweep(stream)
  end
end
return (budget == 0 or redis.call('ZCOUNT', aging, '-inf', '(' .. now) > 0) and 1 or 0
