-- Brings in that somebody follows somebody, or does so no longer, if it is newer. What ended is kept too, or an older event would revive it.
-- Whoever begins to follow somebody needs a new window (read-following.lua). `added` is a time and not a count: a Redis that lost its last
-- second would count to the same number again.
-- KEYS: whom the follower follows   ARGV: for each: followee, version, 1 or 0
local isAdded = false
for i = 1, #ARGV, 3 do
  local known = tonumber(redis.call('hget', KEYS[1], ARGV[i]) or 0)
  if tonumber(ARGV[i + 1]) > math.abs(known) then
    redis.call('hset', KEYS[1], ARGV[i], (ARGV[i + 2] == '1' and '' or '-') .. ARGV[i + 1])
    if ARGV[i + 2] == '1' and known <= 0 then isAdded = true end
  end
end
if isAdded then redis.call('hset', KEYS[1], 'added', table.concat(redis.call('time'), '.')) end
return 1
