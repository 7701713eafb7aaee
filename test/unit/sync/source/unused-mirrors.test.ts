import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { silentLogger } from '#base/logger.ts';
import { UnusedMirrors } from '#sync/source/unused-mirrors.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { waitFor } from '#test/support/wait.ts';

const [USED, UNUSED, LEFT] = ['1'.repeat(16), '2'.repeat(16), '3'.repeat(16)] as const;
const HOUR_MS = 60 * 60_000;

async function setUp(t: ExecutionContext, ...names: readonly string[]) {
  const cacheDir = await mkdtemp(join(tmpdir(), 'headway-mirrors-'));
  t.teardown(() => rm(cacheDir, { recursive: true, force: true }));
  for (const name of names) await mkdir(join(cacheDir, name, 'objects'), { recursive: true });
  const clock = new ManualClock(0);
  const unused = new UnusedMirrors({ cacheDir, clock, log: silentLogger });
  const remain = (...expected: readonly string[]): Promise<unknown> => waitFor(async () => (await readdir(cacheDir)).toSorted().join() === expected.toSorted().join(), { what: `${expected.join()} to remain` });
  return { clock, unused, remain, cacheDir };
}

test('what earlier processes left goes after a while; what is used or nobody of ours stays', async (t) => {
  const others = ['keys', 'notes.git', `${USED}.git.old`];
  const { clock, unused, remain } = await setUp(t, `${USED}.git`, `${UNUSED}.git`, `${LEFT}.git.0123abcd`, `${USED}.git.0123abcd`, ...others);
  await unused.takeIn((id) => id === USED);
  await clock.advance(HOUR_MS - 1);
  await remain(`${USED}.git`, `${UNUSED}.git`, `${LEFT}.git.0123abcd`, `${USED}.git.0123abcd`, ...others);
  await clock.advance(1);
  await t.notThrowsAsync(remain(`${USED}.git`, ...others));
});

test('a mirror that is wanted again stays, and its time begins anew', async (t) => {
  const { clock, unused, remain } = await setUp(t, `${USED}.git`);
  unused.add(USED);
  await clock.advance(HOUR_MS / 2);
  unused.delete(USED);
  await clock.advance(HOUR_MS);
  unused.add(USED);
  await clock.advance(HOUR_MS - 1);
  await remain(`${USED}.git`);
  await clock.advance(1);
  await t.notThrowsAsync(remain());
});

test('nothing is removed after the end', async (t) => {
  const { clock, unused, cacheDir } = await setUp(t, `${USED}.git`);
  unused.add(USED);
  unused.stop();
  await clock.advance(2 * HOUR_MS);
  t.deepEqual(await readdir(cacheDir), [`${USED}.git`]);
});

test('a mirror that never was, and a folder that is not there, are nothing to complain of', async (t) => {
  const { clock, unused, cacheDir } = await setUp(t);
  unused.add(USED);
  await rm(cacheDir, { recursive: true });
  await unused.takeIn(() => false);
  await t.notThrowsAsync(clock.advance(HOUR_MS));
});
