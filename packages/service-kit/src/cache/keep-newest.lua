-- Brings records into a cache, unless it has newer ones: who read the truth first may get here last.
-- KEYS: where they are   ARGV: for each key: version, record ('<version> <JSON, or nothing>'), seconds to live
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
