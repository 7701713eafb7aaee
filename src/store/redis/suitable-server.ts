import type { Redis } from 'ioredis';
import { StoreUnsuitableError } from './server-errors.ts';

/** Of XTRIM by MINID. */
const OLDEST = { major: 6, minor: 2 } as const;

/**
 * Whether a server can hold the store: its version, and that it syncs each write to disk before it answers.
 * `isDurable` false: the operator takes it upon themselves that acknowledged writes can be lost.
 * @throws StoreUnsuitableError that says what to change
 */
export async function assertSuitable(client: Redis, isDurable: boolean): Promise<void> {
  const info = parseInfo(await client.info());
  const version = info.get('redis_version') ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor)) {
    throw new StoreUnsuitableError(`Redis ${version} is too old: Headway needs ${OLDEST.major}.${OLDEST.minor} or newer. Upgrade redis-server.`, { found: `redis_version ${version}` });
  }
  if (!isDurable) return;
  // While Redis reads its log it says that it has none.
  if (info.get('loading') === '1') throw new Error('LOADING Redis reads its data');
  if (info.get('aof_enabled') !== '1') throw volatile('has no append-only log (appendonly no)', 'CONFIG SET appendonly yes; CONFIG SET appendfsync always; CONFIG REWRITE');
  const fsync = await fsyncOf(client);
  if (fsync !== 'always') throw volatile(`answers before a write is on disk (appendfsync ${fsync})`, 'CONFIG SET appendfsync always; CONFIG REWRITE');
}

/** Hosted servers often refuse CONFIG: then nobody can tell. */
async function fsyncOf(client: Redis): Promise<string> {
  try {
    const [, value = 'unknown'] = (await client.config('GET', 'appendfsync')) as string[];
    return value;
  } catch {
    return 'unknown, CONFIG GET is not permitted';
  }
}

const volatile = (what: string, repair: string): StoreUnsuitableError =>
  new StoreUnsuitableError(
    `This Redis ${what}, so acknowledged writes can be lost when it ends. In redis-cli: ${repair}. Or start with --redis-allow-loss, and what is lost is rebuilt from Git and from the nodes.`,
    { found: what },
  );

const parseInfo = (text: string): ReadonlyMap<string, string> =>
  new Map(text.split('\r\n').filter((line) => line.includes(':')).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
