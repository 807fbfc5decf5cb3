-- Brings in that somebody follows somebody, or does so no longer, if it is newer. What ended is kept too, or an older event would revive it.
-- KEYS: whom the follower follows   ARGV: for each: followee, version, 1 or 0
for i = 1, #ARGV, 3 do
  local known = math.abs(tonumber(redis.call('hget', KEYS[1], ARGV[i]) or 0))
  if tonumber(ARGV[i + 1]) > known then
    redis.call('hset', KEYS[1], ARGV[i], (ARGV[i + 2] == '1' and '' or '-') .. ARGV[i + 1])
  end
end
return 1
