-- Brings counters of videos in, where they are newer. They stand beside the cards and not in them, so a card and its counters may come in
-- any order, and pages that readers remember stay good.
-- KEYS: counters   ARGV: for each video: id, version, JSON
for i = 1, #ARGV, 3 do
  local known = redis.call('hget', KEYS[1], ARGV[i])
  local knownVersion = known and tonumber(string.match(known, '^%d+')) or -1
  if tonumber(ARGV[i + 1]) > knownVersion then
    redis.call('hset', KEYS[1], ARGV[i], ARGV[i + 1] .. ':' .. ARGV[i + 2])
  end
end
return #ARGV / 3
