import test from 'ava';
import { GitHistory, readNameStatus, readPorcelain } from '#sync/audit/git-history.ts';
import { createTemporaryRepository } from '#test/support/temporary-repository.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

test('git blame tells of a commit once, and of each line', (t) => {
  const lines = readPorcelain(`${A} 3 4 2\nauthor Ada\nauthor-mail <ada@x>\nauthor-time 1767323045\nauthor-tz +0230\nsummary First\nfilename f\n\tkey: author Eve\n${A} 4 5\n\tx\n${B} 1 9 1\nauthor Bob\nauthor-mail <bob@x>\nauthor-time 0\nauthor-tz -0100\nsummary Second\nboundary\nfilename f\n\ty\n`);
  t.deepEqual(lines.get(4), { commit: A, author: 'Ada <ada@x>', date: '2026-01-02T05:34:05+02:30', subject: 'First' });
  t.deepEqual(lines.get(5), lines.get(4));
  t.deepEqual(lines.get(9), { commit: B, author: 'Bob <bob@x>', date: '1969-12-31T23:00:00-01:00', subject: 'Second' });
});

test('git log names each file of a commit, of a rename the new one', (t) => {
  const log = `\x01${A}\0Ada <ada@x>\0date\0Rename\0\nR100\0old\0new\0\x01${B}\0Bob <bob@x>\0date\0Two\0\nM\0one\0A\0two words\0`;
  t.deepEqual(readNameStatus(log).map(({ commit, path }) => [commit, path]), [[A, 'new'], [B, 'one'], [B, 'two words']]);
});

test('HEAD is what is followed in a mirror, and what is checked out elsewhere', async (t) => {
  const { path, git, commit, dispose } = await createTemporaryRepository();
  t.teardown(dispose);
  const [first, second] = [commit({ a: '1' }), commit({ a: '2' })];
  git('switch', '--quiet', '--create', 'side');
  const third = commit({ a: '3' });
  const place = { gitDir: `${path}/.git`, gitBinary: 'git' };
  const resolve = (head: string | undefined, ...names: readonly string[]) => Promise.all(names.map((name) => new GitHistory({ ...place, ...(head === undefined ? {} : { head }) }).resolve(name)));
  t.deepEqual(await resolve('main', 'HEAD', 'HEAD~1', '@^', 'side', 'HEADS'), [second, first, first, third, undefined]);
  t.deepEqual(await resolve(undefined, 'HEAD', 'HEAD~1'), [third, second]);
});

test('what git was set to work on beforehand is the same as what it says when it is asked', async (t) => {
  const { path, commit, dispose } = await createTemporaryRepository();
  t.teardown(dispose);
  const lines = (change = ''): string => Array.from({ length: 120 }, (_, i) => (i % 50 === 0 ? `${i} ${change}` : `${i}`)).join('\n');
  commit({ short: 'a\nb\n', long: lines() }, 'first');
  const second = commit({ short: 'a\nc\n', long: lines('changed') }, 'second');
  const history = () => new GitHistory({ gitDir: `${path}/.git`, gitBinary: 'git' });
  for (const [file, range] of [['short', { first: 1, last: 2 }], ['long', { first: 2, last: 60 }], ['long', { first: 50, last: 110 }]] as const) {
    const [plain, foreseen] = [history(), history()];
    foreseen.foresee(second, file);
    const wanted = await plain.blame(second, file, [range]);
    const found = await foreseen.blame(second, file, [range]);
    t.deepEqual([...wanted].map(([line]) => found.get(line)), [...wanted.values()], `${file} ${range.first}`);
  }
  const lost = history();
  lost.foresee(second, 'absent');
  await t.throwsAsync(lost.blame(second, 'absent', [{ first: 1, last: 1 }]), { message: /absent/ });
  t.is((await lost.blame(second, 'short', [{ first: 1, last: 2 }])).get(2)?.subject, 'second');
});
