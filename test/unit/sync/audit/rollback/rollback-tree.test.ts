import test from 'ava';
import { SourceError } from '#sync/errors.ts';
import { restoredTree } from '#sync/audit/rollback/rollback-tree.ts';
import { createTemporaryRepository } from '#test/support/temporary-repository.ts';

for (const { what, first, second, paths, expected } of [
  { what: 'a folder takes on its contents, and the rest stays', first: { 'a/x': '1', 'a/y': '1', b: '1' }, second: { 'a/x': '2', 'a/y': null, 'a/z': '2', b: '2' }, paths: { folders: ['a'], files: [] }, expected: { 'a/x': '1', 'a/y': '1', b: '2' } },
  { what: 'single files too, below folders that others use', first: { 'a/x': '1', 'base/deep/f': '1', 'base/g': '1' }, second: { 'a/x': '2', 'base/deep/f': '2', 'base/g': '2' }, paths: { folders: ['a'], files: ['base/deep/f'] }, expected: { 'a/x': '1', 'base/deep/f': '1', 'base/g': '2' } },
  { what: 'a folder that was not there goes, and those that are empty by it', first: { b: '1' }, second: { 'top/mid/a': '2', b: '2' }, paths: { folders: ['top/mid'], files: [] }, expected: { b: '2' } },
  { what: 'a folder that is gone comes back', first: { 'top/mid/a': '1', b: '1' }, second: { 'top/mid/a': null, b: '1' }, paths: { folders: ['top/mid'], files: [] }, expected: { 'top/mid/a': '1', b: '1' } },
  { what: 'the root is all of it', first: { 'a/x': '1' }, second: { 'a/x': '2', b: '2' }, paths: { folders: [''], files: [] }, expected: { 'a/x': '1' } },
] as readonly { readonly what: string; readonly first: Record<string, string>; readonly second: Record<string, string | null>; readonly paths: { readonly folders: readonly string[]; readonly files: readonly string[] }; readonly expected: Record<string, string> }[]) {
  test(what, async (t) => {
    const { path, git, commit, dispose } = await createTemporaryRepository();
    t.teardown(dispose);
    const [from, onto] = [commit(first), commit(second)];
    git('gc', '--quiet');
    const tree = await restoredTree(`${path}/.git`, { onto, from, paths });
    const files = git('ls-tree', '-r', '--name-only', tree).split('\n').filter(Boolean);
    t.deepEqual(Object.fromEntries(files.map((file) => [file, git('cat-file', 'blob', `${tree}:${file}`)])), expected);
    t.is(git('fsck', '--strict', '--no-dangling'), '');
    t.is(git('status', '--porcelain'), '', 'neither index nor work tree is touched');
  });
}

test('a commit that is not there is said', async (t) => {
  const { path, commit, dispose } = await createTemporaryRepository();
  t.teardown(dispose);
  const onto = commit({ a: '1' });
  await t.throwsAsync(restoredTree(`${path}/.git`, { onto, from: 'f'.repeat(40), paths: { folders: ['a'], files: [] } }), { instanceOf: SourceError, message: /tree of the rollback cannot be written/ });
});
