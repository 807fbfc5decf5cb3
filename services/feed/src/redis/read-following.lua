-- One page out of a reader's window (following/window.ts). The window only proposes: what is shown is decided here, by whom the reader
-- follows now and by the cards there are now, so what ended or was deleted never shows.
-- KEYS: built, whom the reader follows, counters, arrivals, newest   ARGV: last arrival the window has or '', when the reader last began to
-- follow somebody, most cards, most arrivals to look at, then for each video: id, author
-- Answers nil while the timelines are not built; {'stale'} where the window cannot be brought up to date; {'arrived', last arrival, id,
-- author, …} where videos have to be added to it first; else {last arrival and the ids that are gone, '1' if there is more, id, card record,
-- author record, counters or nil, id, …}.
if redis.call('exists', KEYS[1]) == 0 then return false end
if (redis.call('hget', KEYS[2], 'added') or '') ~= ARGV[2] then return { 'stale' } end

-- The last arrival is read again: where it is not the first one found, some are forgotten, or were lost with Redis's last second.
local seen, most = ARGV[1], tonumber(ARGV[4])
local arrivals = redis.call('xrange', KEYS[4], seen == '' and '-' or seen, '+', 'count', most)
if seen == '' and #arrivals > 0 then return { 'stale' } end
if seen ~= '' and (#arrivals == 0 or arrivals[1][1] ~= seen) then return { 'stale' } end
if #arrivals > 1 then
  local authors, answer = {}, { 'arrived', arrivals[#arrivals][1] }
  for i = 2, #arrivals do authors[i - 1] = arrivals[i][2][2] end
  for i, version in ipairs(redis.call('hmget', KEYS[2], unpack(authors))) do
    if version and string.sub(version, 1, 1) ~= '-' then
      answer[#answer + 1] = arrivals[i + 1][2][1]
      answer[#answer + 1] = authors[i]
    end
  end
  if #answer > 2 or #arrivals == most then return answer end
  seen = answer[2]
end

local page, authors, ids, known = { seen, '' }, {}, {}, {}
for i = 5, #ARGV, 2 do authors[#authors + 1] = ARGV[i + 1] end
if #authors == 0 then return page end
for i, version in ipairs(redis.call('hmget', KEYS[2], unpack(authors))) do
  local id = ARGV[3 + 2 * i]
  if version and string.sub(version, 1, 1) ~= '-' then ids[#ids + 1] = id else page[1] = page[1] .. ' ' .. id end
end
if #ids == 0 then return page end
local count, isFull = addCards(page, 0, ids, KEYS[3], tonumber(ARGV[3]))
if isFull then page[2] = '1' end

-- Of what was left out some have no author yet, and stay in the window.
for card = 1, count do known[page[4 * card - 1]] = true end
local last = isFull and page[4 * count - 1]
for _, id in ipairs(ids) do
  if not known[id] and not redis.call('zscore', KEYS[5], id) then page[1] = page[1] .. ' ' .. id end
  if id == last then break end
end
return page
