-- Stores a profile that was asked for, which carries no version: only if the projection is still what it was before asking
-- ('' for none), so that an event that came meanwhile wins. The version stays, so that the next event wins too.
-- KEYS: author   ARGV: the record before asking, author JSON or '' for one that is hidden
local known = redis.call('get', KEYS[1]) or ''
if known ~= ARGV[1] then return 0 end
local version = string.match(known, '^%d+') or '0'
redis.call('set', KEYS[1], version .. ':' .. ARGV[2])
redis.call('set', 'feed:changed', table.concat(redis.call('time'), '.'))
return 1
