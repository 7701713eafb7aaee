import test from 'ava';
import type { Redis } from 'ioredis';
import { StoreUnsuitableError } from '#store/redis/server-errors.ts';
import { assertSuitable } from '#store/redis/suitable-server.ts';

const serverOf = (version: string, aof: string, fsync: string): Redis =>
  ({ info: async () => `# Server\r\nredis_version:${version}\r\n# Persistence\r\naof_enabled:${aof}\r\n`, config: async () => ['appendfsync', fsync] }) as unknown as Redis;

const cases: readonly { readonly version: string; readonly aof?: string; readonly fsync?: string; readonly isDurable?: boolean; readonly says?: RegExp }[] = [
  { version: '5.0.14', says: /Redis 5\.0\.14 is too old: Headway needs 6\.2 or newer\. Upgrade redis-server/ },
  { version: '6.0.16', isDurable: false, says: /too old/ },
  { version: '6.2.0' },
  { version: '7.0.15' },
  { version: '8.2.1', fsync: 'everysec', says: /appendfsync everysec/ },
  { version: '8.2.1', aof: '0', says: /appendonly no/ },
  { version: '7.2.4', aof: '0', fsync: 'no', isDurable: false },
];
for (const { version, aof = '1', fsync = 'always', isDurable = true, says } of cases) {
  test(`Redis ${version}, log ${aof}, sync ${fsync}, durable ${isDurable}: ${says ? 'refused' : 'taken'}`, async (t) => {
    const check = assertSuitable(serverOf(version, aof, fsync), isDurable);
    if (says) t.regex((await t.throwsAsync(check, { instanceOf: StoreUnsuitableError })).message, says);
    else await t.notThrowsAsync(check);
  });
}
