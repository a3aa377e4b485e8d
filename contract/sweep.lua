-- Deletes the old events of one kind, even on topics on which nothing is published any more. The servers run it every few
-- seconds, and several may run it at the same time. Publishers do not need it.
--
-- KEYS[1]  the streams of the kind, scored by the time to delete their oldest entry,  e.g. dms:{request}:aging
-- ARGV[1]  the most seconds to keep an event, whatever its publisher has set,         e.g. 86400
-- ARGV[2]  how many of a stream's newest entries stay at any age: 0, or 1 for KPIs, whose newest snapshot is retained
-- ARGV[3]  the most entries to delete in one run,                                     e.g. 500
--
-- Returns 1 if there are more entries to delete now, otherwise 0.
--
-- The script keeps the position and a seal of the last event that it deletes, but not its content. With these, a server still
-- recognises a client at exactly that position, which has missed nothing. They are in the key `<stream>:seal`, as
-- `<epoch>-<offset> <seal> <at>`, with the time of its append in milliseconds. The seal is the first sixteen hexadecimal digits of the SHA-1 of the stream's name, the epoch, the
-- offset and the event, with a line feed after each of the first three. An empty stream continues its offsets.

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

-- An entry by a publisher of an earlier version has no `until`.
local function due_of(entry)
  local latest = (field_of(entry, 'at') or 0) + seconds * 1000
  return math.min(latest, tonumber(field_of(entry, 'until') or latest))
end

local function seal(stream, entry)
  local epoch, offset = string.match(entry[1], '^(%d+)-(%d+)$')
  local content = table.concat({ stream, epoch, offset, field_of(entry, 'event') or '' }, '\n')
  redis.call('SET', stream .. ':seal', entry[1] .. ' ' .. string.sub(redis.sha1hex(content), 1, 16)
    .. ' ' .. (field_of(entry, 'at') or ''))
  redis.call('ZREMRANGEBYSCORE', stream .. ':ids', '-inf', offset)
end

local function sweep(stream)
  local last
  while budget > 0 do
    local entries = redis.pcall('XRANGE', stream, '-', '+', 'COUNT', kept + 1)
    if entries.err or #entries <= kept then
      redis.call('ZREM', aging, stream) -- until an event is appended
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

-- Sweeps the streams that are due, and those whose publishers set a longer time than ARGV[1].
for _, range in ipairs({ { '-inf', '(' .. now }, { '(' .. now + seconds * 1000, '+inf' } }) do
  for _, stream in ipairs(redis.call('ZRANGEBYSCORE', aging, range[1], range[2], 'LIMIT', 0, 100)) do
    sweep(stream)
  end
end
return (budget == 0 or redis.call('ZCOUNT', aging, '-inf', '(' .. now) > 0) and 1 or 0
