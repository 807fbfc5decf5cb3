-- Ends a follow that its owner does not know (any more), unless something was heard of it since it was looked at.
-- KEYS: whom the follower follows   ARGV: followee, version that was seen
if redis.call('hget', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('hset', KEYS[1], ARGV[1], '-' .. ARGV[2])
return 1
