-- One page of a ranking, in one round trip.
-- KEYS: built, the version that is shown, counters   ARGV: prefix of snapshots, version to read or '' for the one that is shown, first rank,
-- limit, '1' to fill the page up over cards that are missing
-- Answers nil while the timelines are not built; {'gone'} where the version is not there any more; else {version, rank to go on from or '',
-- id, card record, author record, counters or nil, id, …}.
if redis.call('exists', KEYS[1]) == 0 then return false end
local version = ARGV[2] ~= '' and ARGV[2] or redis.call('get', KEYS[2])
if not version then return { '0', '' } end
local snapshot = ARGV[1] .. version
if ARGV[2] ~= '' and redis.call('exists', snapshot) == 0 then return { 'gone' } end

local rank, limit, isFilled = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5] == '1'
local length = redis.call('llen', snapshot)
local page, count = { version, '' }, 0
local last = isFilled and length or math.min(length, rank + limit)
while rank < last and count < limit do
  local ids = redis.call('lrange', snapshot, rank, math.min(last, rank + limit - count) - 1)
  count = addCards(page, count, ids, KEYS[3], limit)
  rank = rank + #ids
end
if rank < length then page[2] = rank end
return page
