--[[
Purpose: a batch of transactions, one after the other: each compares every expectation, then writes all its values and one stream entry, or
         nothing. One call for many costs a third of a call for each.
KEYS[1]  meta hash (storeId, revision, floor, lease, askedBack)
KEYS[2]  event stream; entry id is <last revision of the transaction>-0
KEYS[3]  index: sorted set of <resource>\0<namespace>\0<name>, all scores 0
KEYS[4]  expiring: sorted set of <resource>/<namespace>/<name> by revision, for resources that expire
KEYS[5+] one hash a resource: field <namespace>/<name>, value "<revision> <JSON>"
ARGV[1]  storeId that the caller trusts
ARGV[2]  number of stream entries to keep at least
ARGV[3]  id of the process: the name of a lease begins with its holder's
ARGV[4]  name of the lease that the caller takes when nobody has one; '' for none
ARGV[5]  number r of resources, as many as there are hashes
then r times 2: resource name, '1' when its objects expire
then for each transaction its number of writes, and 5 a write: '+' or '-', number of the resource, field, expected revision | 'absent' | 'any',
         value ('' in a delete: the stored one)
Stream entry: 'p' last revision before it; 'k' keys, each marked '+' (made), '~' (replaced) or '-'; 'v' values; and, when there
         is any, 'o': for each write the stored value that it replaced, if that was written so long ago that whoever reads the
         newest entries only does not find it there. Lists are joined with NUL.
Result   revision before the batch as text, name of the lease or '', name of the lease that is asked back or ''; then for each transaction
         { 1, last revision as text, told values of the deletes that gave none } or { 0, index of the first write whose expectation failed, stored
         value or nil }; or error STOREREPLACED <found storeId>, or LEASED <name> when another process has the lease
Atomicity: all keys share one hash tag; a transaction writes nothing before every expectation of it has been compared.
]]
-- In revisions. A smaller number makes entries larger, a larger one makes readers of the newest entries begin later.
local REPLACED_NEARBY = 1000
-- Globals are slow to reach.
local call, args = redis.call, ARGV
local meta = call('HMGET', KEYS[1], 'storeId', 'revision', 'floor', 'lease', 'askedBack')
if meta[1] ~= args[1] then
  return redis.error_reply('STOREREPLACED ' .. (meta[1] or 'none'))
end
local lease = meta[4]
if lease and string.sub(lease, 1, #args[3]) ~= args[3] then
  return redis.error_reply('LEASED ' .. lease)
end
if not lease and args[4] ~= '' then
  lease = args[4]
  call('HSET', KEYS[1], 'lease', lease)
end
local previous = meta[2]
local revision = math.max(tonumber(previous), tonumber(meta[3]))

-- `base`: what stands before the first argument of the first write.
local function transact(base, count)
  local stored = {}
  for i = 1, count do
    local at = base + (i - 1) * 5
    local isDelete = args[at + 1] == '-'
    local expected = args[at + 4]
    local current = call('HGET', KEYS[4 + tonumber(args[at + 2])], args[at + 3])
    local found = current and string.match(current, '^%d+') or 'absent'
    if found ~= expected and (expected ~= 'any' or (isDelete and not current)) then
      return { 0, i - 1, current }
    end
    stored[i] = current
  end

  local keys, values, replaced, last = {}, {}, nil, nil
  local result = { 1, '' }
  for i = 1, count do
    local at = base + (i - 1) * 5
    local number = tonumber(args[at + 2])
    local hash, resource, field, value = KEYS[4 + number], args[4 + 2 * number], args[at + 3], args[at + 5]
    local expires = args[5 + 2 * number] == '1'
    -- Lua's own conversion of numbers to text keeps 14 digits only.
    last = string.format('%.0f', revision + i)
    if args[at + 1] == '-' then
      if value == '' then
        value = string.sub(stored[i], string.find(stored[i], ' ', 1, true) + 1)
        result[#result + 1] = value
      end
      call('HDEL', hash, field)
      call('ZREM', KEYS[3], resource .. '\0' .. string.gsub(field, '/', '\0', 1))
      if expires then call('ZREM', KEYS[4], resource .. '/' .. field) end
    else
      if call('HSET', hash, field, last .. ' ' .. value) == 1 then
        call('ZADD', KEYS[3], 0, resource .. '\0' .. string.gsub(field, '/', '\0', 1))
      end
      if expires then call('ZADD', KEYS[4], last, resource .. '/' .. field) end
    end
    local current = stored[i]
    keys[i] = (args[at + 1] == '+' and current and '~' or args[at + 1]) .. resource .. '/' .. field
    values[i] = value
    if current and revision - string.match(current, '^%d+') > REPLACED_NEARBY then
      replaced = replaced or {}
      for missing = #replaced + 1, i - 1 do replaced[missing] = '' end
      replaced[i] = current
    end
  end

  call('HSET', KEYS[1], 'revision', last)
  local key, value = count == 1 and keys[1] or table.concat(keys, '\0'), count == 1 and values[1] or table.concat(values, '\0')
  if replaced then
    call('XADD', KEYS[2], 'MAXLEN', '~', args[2], last .. '-0', 'p', previous, 'k', key, 'v', value, 'o', table.concat(replaced, '\0'))
  else
    call('XADD', KEYS[2], 'MAXLEN', '~', args[2], last .. '-0', 'p', previous, 'k', key, 'v', value)
  end
  previous = last
  revision = revision + count
  result[2] = last
  return result
end

local results = { previous, lease or '', meta[5] or '' }
local at = 6 + 2 * tonumber(args[5])
while at <= #args do
  local count = tonumber(args[at])
  results[#results + 1] = transact(at, count)
  at = at + 1 + 5 * count
end
return results
