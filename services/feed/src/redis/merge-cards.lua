-- Brings facts about videos into the timelines; the one place that knows which of two facts counts.
-- KEYS: newest, then for an event its inbox key
-- ARGV: inbox seconds, tombstone seconds, then for each video: id, version, record
-- A record is '<author id>:<card JSON>', or '' for a video that is gone: it leaves a tombstone, '<version>::'.
-- Answers 1, or 0 where the inbox had the event.
local newest, inbox = KEYS[1], KEYS[2]
if inbox and redis.call('exists', inbox) == 1 then return 0 end

for i = 3, #ARGV, 3 do
  local id, version, record = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local key = 'feed:card:' .. id
  local known = redis.call('get', key)
  local knownVersion = known and tonumber(string.match(known, '^%d+')) or -1
  local isTombstone = known and string.sub(known, -2) == '::'
  local isNewer = tonumber(version) > knownVersion
  local isSame = tonumber(version) == knownVersion
  if record == '' then
    if isNewer or isSame then
      redis.call('set', key, version .. '::', 'ex', ARGV[2])
      redis.call('zrem', newest, id)
      local author = known and string.match(known, '^%d+:(%d+)')
      if author then redis.call('zrem', 'feed:by-author:' .. author, id) end
      redis.call('hdel', 'feed:counters', id)
    end
  elseif isNewer or (isSame and not inbox and not isTombstone) then
    -- Without an inbox it is a rebuild: at the same version it repairs what was damaged.
    redis.call('set', key, version .. ':' .. record)
    redis.call('zadd', newest, id, id)
    local author = string.match(record, '^%d+')
    if redis.call('zadd', 'feed:by-author:' .. author, id, id) == 1 then
      -- What readers' windows do not have yet (read-following.lua); one that is further behind is made anew.
      redis.call('xadd', 'feed:arrivals', 'maxlen', '~', 10000, '*', id, author)
    end
  end
end

-- Pages that readers remember are old now (read-page.lua). A time and not a count: a Redis that lost its last second would count
-- to the same number again.
redis.call('set', 'feed:changed', table.concat(redis.call('time'), '.'))

-- Last, because Redis does not undo a script that fails half-way; what is applied twice changes nothing.
if inbox then redis.call('set', inbox, '', 'ex', ARGV[1]) end
return 1
