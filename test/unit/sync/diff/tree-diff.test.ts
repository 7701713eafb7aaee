import { join } from 'node:path';
import test from 'ava';
import { diffTrees, findFolder } from '#sync/diff/tree-diff.ts';
import { GitRepository } from '#sync/source/git-repository.ts';
import { createTemporaryRepository } from '#test/support/temporary-repository.ts';

test('lists what was added, changed and removed, and reads only folders that differ', async (t) => {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  const first = repository.commit({ 'a/one.yaml': '1', 'a/two.yaml': '2', 'b/deep/three.yaml': '3', 'top.yaml': '0' });
  const second = repository.commit({ 'a/one.yaml': 'new', 'a/two.yaml': null, 'a/four.yaml': '4' });
  const git = await GitRepository.open({ gitDir: join(repository.path, '.git'), gitBinary: 'git' });
  t.teardown(() => git.close());
  const read: string[] = [];
  const spy = { tree: (oid: string) => { read.push(oid); return git.tree(oid); } };
  const changes = await diffTrees(spy, (await git.commit(first)).tree, (await git.commit(second)).tree);
  t.deepEqual(changes.map(({ path, before, after }) => [path, before !== undefined, after !== undefined]), [['a/four.yaml', false, true], ['a/one.yaml', true, true], ['a/two.yaml', true, false]]);
  t.is(read.length, 4, 'the root and folder a, before and after; never folder b');
  const blob = await git.blob(changes[1]?.after?.oid ?? '', 100);
  t.is(blob?.content?.toString(), 'new');
});

test('a file that becomes a folder is removed, and what is in the folder added', async (t) => {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  const first = repository.commit({ x: 'file' });
  repository.commit({ x: null });
  const second = repository.commit({ 'x/y.yaml': 'inside' });
  const git = await GitRepository.open({ gitDir: join(repository.path, '.git'), gitBinary: 'git' });
  t.teardown(() => git.close());
  const changes = await diffTrees(git, (await git.commit(first)).tree, (await git.commit(second)).tree);
  t.deepEqual(changes.map(({ path, after }) => [path, after?.kind]), [['x', undefined], ['x/y.yaml', 'file']]);
});

test('a folder is found by its path, and a path that is none is not', async (t) => {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  const { tree } = await (async () => {
    const git = await GitRepository.open({ gitDir: join(repository.path, '.git'), gitBinary: 'git' });
    t.teardown(() => git.close());
    const commit = await git.commit(repository.commit({ 'a/b/c.yaml': '1' }));
    t.truthy(await findFolder(git, commit.tree, 'a/b'));
    t.is(await findFolder(git, commit.tree, ''), commit.tree);
    t.is(await findFolder(git, commit.tree, 'a/b/c.yaml'), undefined);
    t.is(await findFolder(git, commit.tree, 'nowhere'), undefined);
    return commit;
  })();
  t.regex(tree, /^[0-9a-f]{40}$/);
});
