import { join } from 'node:path';
import test from 'ava';
import { findProvenance } from '#sync/diff/provenance.ts';
import { diffTrees } from '#sync/diff/tree-diff.ts';
import { GitRepository } from '#sync/source/git-repository.ts';
import { createTemporaryRepository } from '#test/support/temporary-repository.ts';

test('each file is traced to the commit that gave it its contents, through merges and names beyond ASCII', async (t) => {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  const first = repository.commit({ 'apps/a.yaml': '1', 'apps/zoë.yaml': '1' }, 'first');
  repository.git('checkout', '--quiet', '-b', 'side');
  const side = repository.commit({ 'apps/b.yaml': '1' }, 'side', 'Bob <bob@example.org>');
  repository.git('checkout', '--quiet', 'main');
  const third = repository.commit({ 'apps/a.yaml': '2' }, 'third');
  repository.git('merge', '--quiet', '--no-ff', '-m', 'merge', 'side');
  const head = repository.commit({ 'other.txt': 'x' });
  const git = await GitRepository.open({ gitDir: join(repository.path, '.git'), gitBinary: 'git' });
  t.teardown(() => git.close());
  const changes = await diffTrees(git, undefined, (await git.commit(head)).tree);
  const files = changes.flatMap(({ after }) => (after?.path.startsWith('apps/') ? [after] : []));
  const found = await findProvenance({ repository: git, revision: head, files });
  t.deepEqual(Object.fromEntries(found), {
    'apps/a.yaml': { commit: third, author: 'Ada <ada@example.org>' },
    'apps/b.yaml': { commit: side, author: 'Bob <bob@example.org>' },
    'apps/zoë.yaml': { commit: first, author: 'Ada <ada@example.org>' },
  });
});

test('a commit that follows the last one is the source of all that it changed', async (t) => {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  const since = repository.commit({ 'a.yaml': '1' });
  const revision = repository.commit({ 'a.yaml': '2' }, 'second', 'Bob <bob@example.org>');
  const git = await GitRepository.open({ gitDir: join(repository.path, '.git'), gitBinary: 'git' });
  t.teardown(() => git.close());
  const found = await findProvenance({ repository: git, revision, since, files: [{ path: 'a.yaml', oid: 'any', kind: 'file' }] });
  t.deepEqual(found.get('a.yaml'), { commit: revision, author: 'Bob <bob@example.org>' });
});

test('what came since the last question is walked alone; after a rewritten history nothing of before counts', async (t) => {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  const git = await GitRepository.open({ gitDir: join(repository.path, '.git'), gitBinary: 'git' });
  t.teardown(() => git.close());
  const ask = async (revision: string) => {
    const changes = await diffTrees(git, undefined, (await git.commit(revision)).tree);
    return Object.fromEntries((await findProvenance({ repository: git, revision, files: changes.flatMap(({ after }) => after ?? []) })).entries().map(([path, { commit }]) => [path, commit]));
  };
  const first = repository.commit({ a: '1', b: '1' });
  t.deepEqual(await ask(first), { a: first, b: first });
  const second = repository.commit({ a: '2' });
  const third = repository.commit({ c: '1' });
  t.deepEqual(await ask(third), { a: second, b: first, c: third });
  const reverted = repository.commit({ a: '1' });
  t.deepEqual(await ask(reverted), { a: reverted, b: first, c: third });
  repository.git('reset', '--quiet', '--hard', first);
  const other = repository.commit({ c: '1' });
  t.deepEqual(await ask(other), { a: first, b: first, c: other });
});
