--[[
Purpose: drops the oldest stream entries while the stream takes more memory than it may.
KEYS[1]  event stream
ARGV[1]  bytes that the stream may take
Result   number of entries dropped
Atomicity: one script. The newest entry is kept, so that the stream is empty only in a new store.
]]
local most, dropped = tonumber(ARGV[1]), 0
-- Entries differ in size, so that the mean tells only about how many are too many.
for _ = 1, 8 do
  local bytes = redis.call('MEMORY', 'USAGE', KEYS[1], 'SAMPLES', 0) or 0
  local length = redis.call('XLEN', KEYS[1])
  if bytes <= most or length <= 1 then break end
  local keep = math.max(1, math.floor(length * 0.9 * most / bytes))
  local now = redis.call('XTRIM', KEYS[1], 'MAXLEN', '~', keep, 'LIMIT', 0)
  -- A node of the stream goes only as a whole.
  if now == 0 then break end
  dropped = dropped + now
end
return dropped
