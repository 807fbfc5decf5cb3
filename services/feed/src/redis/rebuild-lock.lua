-- What the holder of the rebuild lock may do. A Redis that lost its data lost the lock too: then a rebuild that began before
-- is not complete and must not be declared so.
-- KEYS: lock, built   ARGV: action, token of the holder, argument
-- Answers 1, or 0 where the lock is not the caller's (any more).
if redis.call('get', KEYS[1]) ~= ARGV[2] then return 0 end
if ARGV[1] == 'renew' then redis.call('pexpire', KEYS[1], ARGV[3]) end
if ARGV[1] == 'finish' then redis.call('set', KEYS[2], ARGV[3]) end
if ARGV[1] ~= 'renew' then redis.call('del', KEYS[1]) end
return 1
