--[[
Purpose: takes a lease away from the process that holds it, in two steps with a wait between them: see docs/design/0002-store.md.
KEYS[1]  meta hash (lease: name of the present lease, absent when there is none; askedBack: name of the lease that is to end)
ARGV[1]  name of the lease; names are never given twice
ARGV[2]  'ask': from now on its holder is told that it is asked back; 'end': it is no more, whoever asked for it
Result   1, or 0 when there is no such lease any more
Atomicity: one script; a lease that was not asked back is not ended.
]]
local meta = redis.call('HMGET', KEYS[1], 'lease', 'askedBack')
if meta[1] ~= ARGV[1] then
  return 0
end
if ARGV[2] == 'ask' then
  redis.call('HSET', KEYS[1], 'askedBack', ARGV[1])
elseif meta[2] == ARGV[1] then
  redis.call('HDEL', KEYS[1], 'lease', 'askedBack')
end
return 1
