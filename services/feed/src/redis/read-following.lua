-- One page of the videos of those a user follows, newest first, in one round trip: the newest of each author, merged. That costs a
-- microsecond or two for each author, and nothing when somebody publishes.
-- KEYS: built, whom the user follows, counters   ARGV: id to begin before, or '+inf', limit, most authors to look at
-- Answers nil while the timelines are not built, else {'', id to go on after or '', id, card record, author record, counters or nil, id, …}.
if redis.call('exists', KEYS[1]) == 0 then return false end
local limit, budget = tonumber(ARGV[2]), tonumber(ARGV[3])
local from = ARGV[1] == '+inf' and '+inf' or '(' .. ARGV[1]

local follows, ids = redis.call('hgetall', KEYS[2]), {}
for i = 1, #follows, 2 do
  if string.sub(follows[i + 1], 1, 1) ~= '-' then
    if budget == 0 then break end
    budget = budget - 1
    local newest = redis.call('zrevrangebyscore', 'feed:by-author:' .. follows[i], from, '-inf', 'limit', 0, limit + 1)
    for _, id in ipairs(newest) do ids[#ids + 1] = id end
  end
end
table.sort(ids, function(a, b) return tonumber(a) > tonumber(b) end)

local page = { '', '' }
if #ids == 0 then return page end
local wanted = {}
for i = 1, math.min(limit, #ids) do wanted[i] = ids[i] end
addCards(page, 0, wanted, KEYS[3], limit)
if #ids > limit then page[2] = wanted[#wanted] end
return page
