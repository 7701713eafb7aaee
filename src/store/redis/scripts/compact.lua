--[[
Purpose: notes which revision is current now, and drops stream entries older than a revision noted maxAge ago.
KEYS[1]  meta hash (storeId, revision, floor)
KEYS[2]  event stream
KEYS[3]  marks: sorted set of revisions by the time (ms) at which they were first seen current
ARGV[1]  now, milliseconds since the epoch
ARGV[2]  maxAge of stream entries, ms
ARGV[3]  age at which marks themselves are dropped, ms
Result   number of entries dropped
Atomicity: one script. The entry of the marked revision itself is kept, so that the stream is empty only in a new store.
]]
local now = tonumber(ARGV[1])
local ms = function(value) return string.format('%.0f', value) end
redis.call('ZADD', KEYS[3], 'NX', ARGV[1], redis.call('HGET', KEYS[1], 'revision'))
local mark = redis.call('ZREVRANGEBYSCORE', KEYS[3], ms(now - tonumber(ARGV[2])), '-inf', 'LIMIT', 0, 1)[1]
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. ms(now - tonumber(ARGV[3])))
if not mark then
  return 0
end
return redis.call('XTRIM', KEYS[2], 'MINID', mark .. '-0')
