-- Revokes a user's tokens or one token, or reports that a user's unit or role has changed: it records this and notifies the
-- servers, in one atomic step. Programs in every language run it.
--
-- KEYS[1]  the record of all revocations,  e.g. dms:{session}:revocations
-- ARGV[1]  the Pub/Sub channel,            e.g. dms:session      (empty: the servers are not notified)
-- ARGV[2]  REVOKED, or CHANGED for a user who has another unit or role
-- ARGV[3]  user or jti                     (a token can only be REVOKED)
-- ARGV[4]  the user's or the token's id
-- ARGV[5]  how many seconds to remember it: the lifetime of the longest-lived token, e.g. 3600
-- ARGV[6]  the Unix second up to which the user's tokens are refused, by the clock of their issuer. By default the present
--          second, by Redis's clock
--
-- Returns that second, which never goes back. Without arguments the script only forgets expired revocations.
--
-- The record is a hash. A field is `revoked:user:17`, `changed:user:17` or `revoked:jti:<jti>`; its value is
-- `<Unix second up to which tokens are refused> <Unix second from which it may be forgotten>`. The hash itself has
-- no expiry, so that only the allkeys-* eviction policies can remove it.
--
-- The message is JSON: `{"action":"REVOKED","userId":"17","generation":"…"}`. The generation shows which Redis holds the record:
-- Pub/Sub reaches all databases of a Redis, and keys do not. It is a digest of dms:{session}:generation.

local record = KEYS[1]
local now = tonumber(redis.call('TIME')[1])
local function written(number)
  return string.format('%.0f', number)
end

-- Checks some random fields: each run forgets more than it adds. An unreadable value stays, and refuses the user or token.
local function forget_expired(count)
  local forgotten = 0
  local fields = redis.call('HRANDFIELD', record, count, 'WITHVALUES')
  for index = 1, #fields, 2 do
    local forgettable = tonumber(string.match(fields[index + 1], '^%d+ (%d+)$'))
    if forgettable and forgettable < now then
      forgotten = forgotten + redis.call('HDEL', record, fields[index])
    end
  end
  return forgotten
end

if #ARGV == 0 then
  return forget_expired(100)
end

local channel, action, whose, id = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local is_known = (action == 'REVOKED' and (whose == 'user' or whose == 'jti')) or (action == 'CHANGED' and whose == 'user')
if not is_known then
  return redis.error_reply('ERR revoke.lua knows REVOKED user, REVOKED jti and CHANGED user')
end

-- A user's id is percent-encoded in the field, as in the names of topics: letters, digits and -._~ stay, other bytes become %XX.
local function encode(text)
  return (string.gsub(text, '[^%w%-._~]', function(byte)
    return string.format('%%%02X', string.byte(byte))
  end))
end
local field = string.lower(action) .. ':' .. whose .. ':' .. (whose == 'user' and encode(id) or id)
local at = tonumber(ARGV[6] or now)
local forgettable = now + tonumber(ARGV[5])
local before_at, before_forgettable = string.match(redis.call('HGET', record, field) or '', '^(%d+) (%d+)$')
if before_at then
  at = math.max(at, tonumber(before_at))
  forgettable = math.max(forgettable, tonumber(before_forgettable))
end

local generation_key = string.gsub(record, ':[^:]*$', ':generation')
local generation = redis.call('GET', generation_key)
redis.call('HSET', record, field, written(at) .. ' ' .. written(forgettable))
if not generation then
  generation = redis.sha1hex(table.concat(redis.call('TIME'), '.') .. ' ' .. field)
  redis.call('SET', generation_key, generation)
end
forget_expired(10)
if channel ~= '' then
  redis.call('PUBLISH', channel, cjson.encode({
    action = action,
    [whose == 'user' and 'userId' or 'jti'] = id,
    generation = string.sub(redis.sha1hex(generation), 1, 16),
  }))
end
return written(at)
