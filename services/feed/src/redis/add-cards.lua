-- Stands before every script that answers a page (feed-redis.ts), because Redis includes no file in another.
-- Puts cards at the end of a page that has `count` of them: id, card record, author record, counters or nil. Cards that vanished or whose
-- author is unknown or hidden are left out. A hidden author's record has a version and no JSON. Answers how many the page has now, and whether there is one more than `most`.
-- Ids stay text, because Lua's tostring would round them to 14 digits. Records go out as they are: putting texts together here
-- costs Redis twice as much.
local function addCards(page, count, ids, countersKey, most)
  local cardKeys, authorKeys = {}, {}
  for i, id in ipairs(ids) do cardKeys[i] = 'feed:card:' .. id end
  local records = redis.call('mget', unpack(cardKeys))
  for i, record in ipairs(records) do
    authorKeys[i] = 'feed:author:' .. (string.match(record or '', '^%d+:(%d+)') or '')
  end
  local authors = redis.call('mget', unpack(authorKeys))
  local counters = redis.call('hmget', countersKey, unpack(ids))
  for i, author in ipairs(authors) do
    if author and string.sub(author, -1) == '}' then
      if count == most then return count, true end
      count = count + 1
      page[4 * count - 1] = ids[i]
      page[4 * count] = records[i]
      page[4 * count + 1] = author
      page[4 * count + 2] = counters[i]
    end
  end
  return count, false
end
