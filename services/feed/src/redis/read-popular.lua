-- One page of a ranking, in one round trip.
-- KEYS: built, the version that is shown, counters   ARGV: prefix of snapshots, version to read or '' for the one that is shown, first rank,
-- limit, '1' to fill the page up over cards that are missing
-- Answers nil while the timelines are not built; {'gone'} where the version is not there any more; else {version, rank to go on from or '',
-- `<video id>:<visits>`, card record, author record, counters or nil, …}.
if redis.call('exists', KEYS[1]) == 0 then return false end
local version = ARGV[2] ~= '' and ARGV[2] or redis.call('get', KEYS[2])
if not version then return { '0', '' } end
local snapshot = ARGV[1] .. version
if ARGV[2] ~= '' and redis.call('exists', snapshot) == 0 then return { 'gone' } end

local rank, limit, isFilled = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5] == '1'
local length = redis.call('llen', snapshot)
local page, count, ranked, least = { version, '' }, 0, {}, 0
local last = isFilled and length or math.min(length, rank + limit)
while rank < last and count < limit do
  local items = redis.call('lrange', snapshot, rank, math.min(last, rank + math.max(limit - count, least)) - 1)
  local ids, rankOf, isFull = {}, {}, nil
  for i, item in ipairs(items) do
    ids[i] = string.match(item, '^%d+')
    ranked[ids[i]] = item
    rankOf[ids[i]] = rank + i - 1
  end
  count, isFull = addCards(page, count, ids, KEYS[3], limit)
  rank = isFull and rankOf[page[4 * count - 1]] + 1 or rank + #ids
  -- Where cards are missing a page of one card may have to look at the whole ranking.
  least = 20
end
for card = 1, count do page[4 * card - 1] = ranked[page[4 * card - 1]] end
if rank < length then page[2] = rank end
return page
