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
local wanted, cardKeys, authorKeys = {}, {}, {}
for i = 1, math.min(limit, #ids) do
  wanted[i] = ids[i]
  cardKeys[i] = 'feed:card:' .. ids[i]
end
local records = redis.call('mget', unpack(cardKeys))
for i, record in ipairs(records) do
  authorKeys[i] = 'feed:author:' .. (string.match(record or '', '^%d+:(%d+)') or '')
end
local authors = redis.call('mget', unpack(authorKeys))
local counters = redis.call('hmget', KEYS[3], unpack(wanted))
local count = 0
for i, author in ipairs(authors) do
  if author then
    count = count + 1
    page[4 * count - 1] = wanted[i]
    page[4 * count] = records[i]
    page[4 * count + 1] = author
    page[4 * count + 2] = counters[i]
  end
end
if #ids > limit then page[2] = wanted[#wanted] end
return page
