--[[
Purpose: makes the store when the data is empty, and raises the floor below which no revision is given any more.
         Run on every new connection before any write, so that writes after a restore or a failover that lost the newest
         revisions cannot give those revisions again.
KEYS[1]  meta hash (storeId, revision, floor)
ARGV[1]  storeId to use when there is none
ARGV[2]  floor: milliseconds since the epoch
Result   { storeId, revision as text }
Atomicity: one script; a second opener sees the storeId of the first.
]]
local meta = redis.call('HMGET', KEYS[1], 'storeId', 'revision', 'floor')
if not meta[1] then
  -- Never 0: as a resourceVersion that means "any".
  local first = string.format('%.0f', math.max(1, tonumber(ARGV[2])))
  redis.call('HSET', KEYS[1], 'storeId', ARGV[1], 'revision', first, 'floor', first)
  return { ARGV[1], first }
end
if tonumber(ARGV[2]) > tonumber(meta[3]) then
  redis.call('HSET', KEYS[1], 'floor', ARGV[2])
end
return { meta[1], meta[2] }
