-- Brings counters into the cache, unless it has newer ones: who read MySQL first may get here last.
-- KEYS: counters   ARGV: for each key: version, record ('<version> <count> …'), seconds to live
local set = 0
for i, key in ipairs(KEYS) do
  local known = redis.call('get', key)
  local knownVersion = known and tonumber(string.match(known, '^%d+')) or -1
  if tonumber(ARGV[3 * i - 2]) >= knownVersion then
    redis.call('set', key, ARGV[3 * i - 1], 'ex', ARGV[3 * i])
    set = set + 1
  end
end
return set
