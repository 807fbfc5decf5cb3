-- One page of cards with their authors, in one round trip.
-- KEYS: newest, built, changed, counters   ARGV: order, first bound, last bound, limit, most ids to look at, when the page was read before
-- or '', and then the ids that it had
-- Answers nil while the timelines are not built; where no card has changed since the page was read {'same', counters of each id, …}; else
-- {changed or '', id to go on after or '', id, card record, author record, counters or nil, id, …}. A page that is not full and goes on
-- ended where no more ids may be looked at.
if redis.call('exists', KEYS[2]) == 0 then return false end

local changed = redis.call('get', KEYS[3]) or ''
if changed ~= '' and changed == ARGV[6] then
  local same = #ARGV > 6 and redis.call('hmget', KEYS[4], unpack(ARGV, 7)) or {}
  table.insert(same, 1, 'same')
  return same
end

local command = ARGV[1] == 'newestFirst' and 'zrevrangebyscore' or 'zrangebyscore'
local from, to, limit, budget = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local page, count, least = { changed, '' }, 0, 0

-- What is left out is made up for from further on. One more than wanted is looked for, to know whether there is more.
while true do
  local asked = math.min(math.max(limit + 1 - count, least), budget)
  local ids = redis.call(command, KEYS[1], from, to, 'limit', 0, asked)
  if #ids == 0 then return page end
  local isFull
  count, isFull = addCards(page, count, ids, KEYS[4], limit)
  if isFull then
    page[2] = page[4 * count - 1]
    return page
  end
  if #ids < asked then return page end
  budget = budget - #ids
  least = 20
  from = '(' .. ids[#ids]
  if budget <= 0 then
    page[2] = ids[#ids]
    return page
  end
end
