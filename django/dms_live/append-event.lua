-- Appends one event to its topic's log and publishes it, in one atomic step. For every language that publishes to dms-live.
--
-- KEYS[1]  the topic's stream,             e.g. dms:{request}:unit:5
-- KEYS[2]  the key of this event's id,     e.g. dms:{request}:unit:5:id:<event id>
-- KEYS[3]  the stream of all units,        e.g. dms:{request}:units   (only for topics of a unit, and not for KPIs)
-- ARGV[1]  the Pub/Sub channel,            e.g. dms:request:unit:5
-- ARGV[2]  the event's id
-- ARGV[3]  the event, UTF-8 JSON, published untouched
-- ARGV[4]  how many events a stream keeps, e.g. 10000
-- ARGV[5]  for how many seconds,           e.g. 86400
--
-- Answers the event's position in its topic, `<epoch>-<offset>`, or nil if an event with this id was appended before.
-- The keys of one kind share a hash tag, so that the script runs on a Redis Cluster.
--
-- A stream's entry ids are its positions. The epoch is when the stream was begun, in milliseconds; the offset counts 1, 2, 3 …
-- without holes. The newest entry is kept however old, so that a position at the log's end can always be recognised.

local now = redis.call('TIME')
local milliseconds = now[1] * 1000 + math.floor(now[2] / 1000)

-- Where a stream ends, and when its oldest entry was appended.
local function ends_of(stream)
  if redis.call('EXISTS', stream) == 0 then
    return string.format('%.0f', milliseconds), 0, milliseconds
  end
  local info = {}
  local reply = redis.call('XINFO', 'STREAM', stream)
  for index = 1, #reply, 2 do
    info[reply[index]] = reply[index + 1]
  end
  local epoch, offset = string.match(info['last-generated-id'], '^(%d+)-(%d+)$')
  local first = info['first-entry']
  return epoch, tonumber(offset), first and tonumber(first[2][2]) or milliseconds
end

local function drop_old(stream, oldest)
  while true do
    local entries = redis.call('XRANGE', stream, '-', '+', 'COUNT', 2)
    if #entries < 2 or tonumber(entries[1][2][2]) >= oldest then
      return
    end
    redis.call('XDEL', stream, entries[1][1])
  end
end

local function append(stream, epoch, offset, begun_at)
  local oldest = milliseconds - ARGV[5] * 1000
  local position = epoch .. '-' .. string.format('%.0f', offset + 1)
  redis.call('XADD', stream, 'MAXLEN', '=', ARGV[4], position,
    'at', string.format('%.0f', milliseconds), 'channel', ARGV[1], 'id', ARGV[2], 'event', ARGV[3])
  if begun_at < oldest then
    drop_old(stream, oldest)
  end
  return position
end

if redis.call('EXISTS', KEYS[2]) == 1 then
  return nil
end

-- What cannot be appended to fails here, before anything is written: else the id would be known, and the event dropped when
-- it is repeated.
local ends = { ends_of(KEYS[1]) }
local ends_of_all = KEYS[3] and { ends_of(KEYS[3]) }

redis.call('SET', KEYS[2], '1', 'EX', ARGV[5])
local position = append(KEYS[1], unpack(ends))
local position_of_all = '-'
if ends_of_all then
  position_of_all = append(KEYS[3], unpack(ends_of_all))
end
redis.call('PUBLISH', ARGV[1], '@' .. position .. ' ' .. position_of_all .. '\n' .. ARGV[3])
return position
