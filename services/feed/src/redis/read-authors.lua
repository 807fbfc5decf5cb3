-- The newest videos of some authors, for the window of a reader (following/window-builder.ts), which asks for few authors or few videos
-- of each at a time.
-- ARGV: oldest id that is wanted, most of each author, then for each author: author, id to begin before or '+inf'
-- Answers the ids of each author, newest first.
local found = {}
for i = 3, #ARGV, 2 do
  local before = ARGV[i + 1] == '+inf' and '+inf' or '(' .. ARGV[i + 1]
  found[#found + 1] =
    redis.call('zrevrangebyscore', 'feed:by-author:' .. ARGV[i], before, ARGV[1], 'limit', 0, ARGV[2])
end
return found
