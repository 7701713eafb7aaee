import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { folderChanges } from '#sync/diff/folder-changes.ts';
import { changesInLine } from '#sync/source/commit-line.ts';
import { GitRepository } from '#sync/source/git-repository.ts';
import { readRawLog } from '#sync/source/history.ts';
import { createTemporaryRepository } from '#test/support/temporary-repository.ts';

async function open(t: ExecutionContext) {
  const files = await createTemporaryRepository();
  const repository = await GitRepository.open({ gitDir: join(files.path, '.git'), gitBinary: 'git' });
  t.teardown(() => {
    repository.close();
    return files.dispose();
  });
  const byGit = async (revision: string, since: string) => readRawLog(await repository.rawLog(revision, { since }), since).changes;
  return { files, repository, byGit };
}

test('what a few commits changed is the same as git says, newest first', async (t) => {
  const { files, repository, byGit } = await open(t);
  const first = files.commit({ 'a/one.yaml': '1', 'a/two.yaml': '1', 'b/c/three.yaml': '1' }, 'first');
  files.commit({ 'a/one.yaml': '2', 'b/c/three.yaml': null }, 'second');
  files.commit({ 'a/one.yaml': '1', 'd.yaml': 'new' }, 'back');
  const last = files.commit({ 'a/two.yaml': '3', 'a/one.yaml': '2' }, 'last');
  const changes = await changesInLine(repository, last, first);
  const known = (all: Awaited<ReturnType<typeof byGit>>) => [...all].filter(([key]) => !key.startsWith('0'.repeat(40))).sort(([a], [b]) => (a < b ? -1 : 1));
  t.deepEqual(known(changes ?? new Map()), known(await byGit(last, first)));
  t.is((await changesInLine(repository, last, last))?.size, 0);
});

test('merges and histories that do not meet are left to git', async (t) => {
  const { files, repository } = await open(t);
  const first = files.commit({ 'a.yaml': '1' }, 'first');
  files.git('checkout', '--quiet', '-b', 'side');
  const side = files.commit({ 'b.yaml': '1' }, 'side');
  files.git('checkout', '--quiet', 'main');
  const main = files.commit({ 'c.yaml': '1' }, 'main');
  files.git('merge', '--quiet', '--no-edit', 'side');
  t.is(await changesInLine(repository, files.git('rev-parse', 'HEAD').trim(), first), undefined);
  t.is(await changesInLine(repository, main, side), undefined);
  t.is(await changesInLine(repository, first, main), undefined);
});

test('what a shallow clone lacks is no damage', async (t) => {
  const { files } = await open(t);
  const first = files.commit({ 'a.yaml': '1' }, 'first');
  const last = [2, 3, 4].map((n) => files.commit({ 'a.yaml': String(n) }, 'next')).at(-1) ?? '';
  files.git('clone', '--quiet', '--bare', '--depth=2', `file://${files.path}`, join(files.path, 'shallow.git'));
  let isDamaged = false;
  const shallow = await GitRepository.open({ gitDir: join(files.path, 'shallow.git'), gitBinary: 'git', onDamage: () => (isDamaged = true) });
  t.teardown(() => shallow.close());
  t.is(await changesInLine(shallow, last, first), undefined);
  t.is(await folderChanges(shallow, first, last), undefined);
  t.false(isDamaged);
});
