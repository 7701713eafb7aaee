import test from 'ava';
import { newCommit, unaffectedIndex } from '#sync/application/unaffected.ts';
import { ApplicationIndex } from '#sync/inventory/application-index.ts';
import type { GitRepository } from '#sync/source/git-repository.ts';

const TREES: Readonly<Record<string, readonly { readonly name: string; readonly oid: string; readonly kind: 'folder' | 'file' }[]>> = {
  root: [{ name: 'apps', oid: 'apps', kind: 'folder' }, { name: 'base', oid: 'base', kind: 'folder' }],
  apps: [{ name: 'a', oid: 'a1', kind: 'folder' }, { name: 'b', oid: 'b1', kind: 'folder' }],
  base: [],
};
let reads = 0;
const repository = {
  commit: (oid: string) => Promise.resolve({ oid, tree: 'root', parents: [], author: '' }),
  tree(oid: string) {
    reads++;
    return Promise.resolve(TREES[oid] ?? []);
  },
} as unknown as GitRepository;
const index = (...folders: readonly (readonly [string, string])[]): ApplicationIndex =>
  new ApplicationIndex({ revision: 'old', folders: folders.map(([path, oid]) => ({ path, oid, files: new Map() })) });

test.serial('an application whose folders are the same is at the new commit already', async (t) => {
  t.is((await unaffectedIndex(index(['apps/a', 'a1'], ['apps/b', 'b1']), newCommit({ repository, revision: 'new' })))?.revision, 'new');
});

test.serial('one changed or missing folder is a change', async (t) => {
  const commit = newCommit({ repository, revision: 'new' });
  t.is(await unaffectedIndex(index(['apps/a', 'a1'], ['apps/b', 'b0']), commit), undefined);
  t.is(await unaffectedIndex(index(['apps/c', 'c1']), commit), undefined);
});

test.serial('many applications read each tree once', async (t) => {
  reads = 0;
  const commit = newCommit({ repository, revision: 'new' });
  await Promise.all(Array.from({ length: 50 }, () => unaffectedIndex(index(['apps/a', 'a1']), commit)));
  t.is(reads, 2);
});
