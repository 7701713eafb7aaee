import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { SourceError } from '#sync/errors.ts';
import { isLocked, pastStaleLocks, removeStaleLocks } from '#sync/source/stale-locks.ts';

const NOW_MS = 1_000_000_000;
const clock = { now: () => NOW_MS };

/** A lock that is so old, and git's words about it. */
function lockOf(t: ExecutionContext, ageMs: number, name = "it's.lock") {
  const directory = mkdtempSync(join(tmpdir(), 'headway-locks-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, name);
  writeFileSync(path, '');
  utimesSync(path, (NOW_MS - ageMs) / 1000, (NOW_MS - ageMs) / 1000);
  return { path, words: `error: cannot lock ref 'refs/heads/main': Unable to create '${directory}/./${name}': File exists.\n\nAnother git process seems to be running` };
}

for (const { why, ageMs, goes } of [{ why: 'a lock of a minute is nobody\'s', ageMs: 60_000, goes: true }, { why: 'a newer one may be held', ageMs: 59_000, goes: false }]) {
  test(why, async (t) => {
    const { path, words } = lockOf(t, ageMs);
    t.true(isLocked(words));
    t.is(await removeStaleLocks(words, clock), goes);
    t.is(existsSync(path), !goes);
  });
}

test('several are named; what is no lock, or gone, is left alone', async (t) => {
  const [a, b, other] = [lockOf(t, 90_000), lockOf(t, 90_000), lockOf(t, 90_000, 'config')];
  t.true(await removeStaleLocks(`${a.words}\n${b.words}\n${other.words}`, clock));
  t.deepEqual([a, b, other].map(({ path }) => existsSync(path)), [false, false, true]);
  t.false(await removeStaleLocks(a.words, clock));
  t.false(isLocked('fatal: not a git repository'));
});

test('git is run until no stale lock stops it, and its other failures are the caller\'s', async (t) => {
  const locks = [lockOf(t, 90_000), lockOf(t, 90_000)];
  let runs = 0;
  const run = async (): Promise<number> => {
    runs += 1;
    const left = locks.find(({ path }) => existsSync(path));
    if (left) throw new SourceError('GitFailed', `git fetch: ${left.words}`);
    return runs;
  };
  t.is(await pastStaleLocks(run, clock), 3);
  const held = lockOf(t, 0);
  const failure = await t.throwsAsync(pastStaleLocks(() => Promise.reject(new SourceError('GitFailed', held.words)), clock));
  t.is(failure.message, held.words);
  t.true(existsSync(held.path));
});
