-- Appends one event to its topic's log and publishes it, in one atomic step. Publishers in every language run it.
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
-- Returns the event's position in its topic, `<epoch>-<offset>`, or nil if an event with this id is in the log already.
--
-- A stream's entry ids are its positions. The epoch is the time at which the stream began, in milliseconds; the offset counts
-- 1, 2, 3 … without holes. An entry contains the time of its append (`at`) and of its deletion (`until`), both in milliseconds.
--
-- The published message is `@<position> <position in the stream of all units, or -> <generation>`, a line feed, and the event.
-- The generation shows which Redis holds the event: Pub/Sub reaches all databases of a Redis, and keys do not.
--
-- Besides the keys above, the script uses keys whose names it derives from them. All keys of a kind share a hash tag,
-- `{request}`, so that the script runs on a Redis Cluster:
--   dms:{request}:generation      identifies one lifetime of the kind's logs; the first script that needs it sets it
--   dms:{request}:aging           a sorted set: each stream, scored by the time to delete its oldest entry (sweep.lua)
--   dms:{request}:unit:5:seal     the position and the seal of the last event that was deleted for its age (sweep.lua)
--   dms:{request}:unit:5:ids      a sorted set: the ids of the events in the log, scored by their offsets
-- The script only reads KEYS[2]: publishers of an earlier version remembered an event's id there.

local stream, all = KEYS[1], KEYS[3]
local ids = stream .. ':ids'
local kind = string.match(stream, '^[^{]*{[^}]+}') or stream
local aging = kind .. ':aging'
local most, seconds = tonumber(ARGV[4]), tonumber(ARGV[5])

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function written(number)
  return string.format('%.0f', number)
end

-- Returns the epoch and the offset of a stream's end, and the time to delete its oldest entry, or 0 if that is unknown.
local function look_at(name)
  local newest = redis.call('XREVRANGE', name, '+', '-', 'COUNT', 1)[1]
  local last = newest and newest[1] or written(now) .. '-0'
  if not newest and redis.call('EXISTS', name) == 1 then
    local info = redis.call('XINFO', 'STREAM', name) -- all its entries were deleted: the offsets continue
    for index = 1, #info, 2 do
      if info[index] == 'last-generated-id' then
        last = info[index + 1]
      end
    end
  end
  local epoch, offset = string.match(last, '^(%d+)-(%d+)$')
  return epoch, tonumber(offset), tonumber(redis.call('ZSCORE', aging, name) or 0)
end

local function seal(name, entry)
  local fields, event = entry[2], ''
  for index = 1, #fields, 2 do
    if fields[index] == 'event' then
      event = fields[index + 1]
    end
  end
  local epoch, offset = string.match(entry[1], '^(%d+)-(%d+)$')
  local content = table.concat({ name, epoch, offset, event }, '\n')
  redis.call('SET', name .. ':seal', entry[1] .. ' ' .. string.sub(redis.sha1hex(content), 1, 16))
end

-- Deletes entries that are too old. The newest entry was appended now, so it stays. Leaves a seal of the last deleted entry, as
-- sweep.lua does: a client at exactly that position has missed nothing. Returns the offset of that entry, or 0.
local function drop_old(name)
  local dropped, last = 0, nil
  while true do
    local entry = redis.call('XRANGE', name, '-', '+', 'COUNT', 1)[1]
    local fields = entry[2]
    local due = fields[3] == 'until' and tonumber(fields[4]) or fields[2] + seconds * 1000
    if due >= now then
      redis.call('ZADD', aging, due, name)
      if last then
        seal(name, last)
      end
      return dropped
    end
    redis.call('XDEL', name, entry[1])
    dropped, last = tonumber(string.match(entry[1], '-(%d+)$')), entry
  end
end

-- Returns the entry's position, and the offset of the last entry that was deleted for its age.
local function append(name, epoch, offset, due)
  local position = epoch .. '-' .. written(offset + 1)
  redis.call('XADD', name, 'MAXLEN', '=', most, position, 'at', written(now), 'until', written(now + seconds * 1000),
    'channel', ARGV[1], 'id', ARGV[2], 'event', ARGV[3])
  return position, due < now and drop_old(name) or 0
end

-- 1. Was the event appended before? The remembered ids of a stream that is gone do not count.
local epoch, offset, due = look_at(stream)
if redis.call('EXISTS', KEYS[2]) == 1 or (offset > 0 and redis.call('ZSCORE', ids, ARGV[2])) then
  return nil
end

-- 2. A key that cannot be read or written fails here, before the event is in any log. Otherwise its id would be remembered, and
--    the event would be dropped when it is repeated.
local all_epoch, all_offset, all_due
if all then
  all_epoch, all_offset, all_due = look_at(all)
end
local generation = redis.call('GET', kind .. ':generation')
if offset == 0 then
  redis.call('DEL', ids)
end

-- 3. Append the event.
if not generation then
  generation = redis.sha1hex(time[1] .. '.' .. time[2] .. ' ' .. ARGV[2] .. ' ' .. ARGV[3])
  redis.call('SET', kind .. ':generation', generation)
end
local position, dropped = append(stream, epoch, offset, due)
redis.call('ZADD', ids, offset + 1, ARGV[2])
local forgotten = math.max(dropped, offset + 1 - most)
if forgotten > 0 then
  redis.call('ZREMRANGEBYSCORE', ids, '-inf', forgotten)
end
local position_of_all = '-'
if all then
  position_of_all = append(all, all_epoch, all_offset, all_due)
end

-- 4. Publish the event. Sixteen digits are enough to distinguish generations, whatever the key contains. A server of an earlier
--    version does not read a longer first line.
redis.call('PUBLISH', ARGV[1], '@' .. position .. ' ' .. position_of_all .. ' '
  .. string.sub(redis.sha1hex(generation), 1, 16) .. '\n' .. ARGV[3])
return position
