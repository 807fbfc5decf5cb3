-- Brings what an event tells of a user into the author's projection, once and only if it is newer.
-- KEYS: author, inbox   ARGV: version, author JSON or '' for one that is hidden, inbox seconds
-- Answers 1, or 0 where the inbox had the event.
if redis.call('exists', KEYS[2]) == 1 then return 0 end
local known = redis.call('get', KEYS[1])
local knownVersion = known and tonumber(string.match(known, '^%d+')) or -1
if tonumber(ARGV[1]) > knownVersion then
  redis.call('set', KEYS[1], ARGV[1] .. ':' .. ARGV[2])
  redis.call('set', 'feed:changed', table.concat(redis.call('time'), '.'))
end
redis.call('set', KEYS[2], '', 'ex', ARGV[3])
return 1
