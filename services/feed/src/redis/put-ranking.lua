-- Keeps a ranking as a snapshot of its own, if it is newer. The one before stays for who is reading it.
-- KEYS: the version that is shown   ARGV: prefix of snapshots, version, seconds the one before stays, then `<video id>:<visits>`, most
-- visited first
-- Answers 1, or 0 where the version is not newer.
local known = redis.call('get', KEYS[1])
if known and tonumber(known) >= tonumber(ARGV[2]) then return 0 end
local snapshot = ARGV[1] .. ARGV[2]
redis.call('del', snapshot)
for i = 4, #ARGV do redis.call('rpush', snapshot, ARGV[i]) end
if known then redis.call('expire', ARGV[1] .. known, ARGV[3]) end
redis.call('set', KEYS[1], ARGV[2])
return 1
