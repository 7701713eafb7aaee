import test from 'ava';
import { hasSamePlainFolders, unaffectedIndex } from '#sync/application/unaffected.ts';
import { ApplicationIndex } from '#sync/inventory/application-index.ts';
import type { GitRepository } from '#sync/source/git-repository.ts';
import type { TrackedRevision } from '#sync/source/repository-tracker.ts';

const TREES: Readonly<Record<string, readonly { readonly name: string; readonly oid: string; readonly kind: 'folder' | 'file' }[]>> = {
  root: [{ name: 'apps', oid: 'apps', kind: 'folder' }, { name: 'base', oid: 'base', kind: 'folder' }],
  apps: [{ name: 'a', oid: 'a1', kind: 'folder' }, { name: 'b', oid: 'b1', kind: 'folder' }],
  base: [],
};
const repository = {
  commit: (oid: string) => Promise.resolve({ oid, tree: 'root', parents: [], author: '' }),
  tree: (oid: string) => Promise.resolve(TREES[oid] ?? []),
} as unknown as GitRepository;
const index = (...folders: readonly (readonly [string, string])[]): ApplicationIndex =>
  new ApplicationIndex({ revision: 'old', folders: folders.map(([path, oid]) => ({ path, oid, files: new Map() })) });

test('an application whose folders are the same is at the new commit already', async (t) => {
  t.is((await unaffectedIndex(index(['apps/a', 'a1'], ['apps/b', 'b1']), { repository, revision: 'new' }))?.revision, 'new');
});

test('one changed or missing folder is a change', async (t) => {
  const commit = { repository, revision: 'new' };
  t.is(await unaffectedIndex(index(['apps/a', 'a1'], ['apps/b', 'b0']), commit), undefined);
  t.is(await unaffectedIndex(index(['apps/c', 'c1']), commit), undefined);
});

test('when it is known what a commit changes, plain folders need not be looked up', async (t) => {
  const unreadable = { ...repository, tree: () => Promise.reject(new Error('looked up')) } as unknown as GitRepository;
  const at = (from: string, ...folders: string[]) => ({ repository: unreadable, revision: 'new', since: { from, folders: new Set(['', 'apps', ...folders]) } });
  const plain = index(['apps/a', 'a1'], ['apps/b', 'b1']);
  t.is((await unaffectedIndex(plain, at('old', 'apps/c')))?.revision, 'new');
  await t.throwsAsync(unaffectedIndex(plain, at('old', 'apps/b')), { message: 'looked up' });
  await t.throwsAsync(unaffectedIndex(plain, at('older', 'apps/c')), { message: 'looked up' }, 'the difference is from another commit than what is applied');
  const unit = new ApplicationIndex({ revision: 'old', folders: [{ path: 'apps/a', oid: 'a1', files: new Map(), unit: { type: 'Kustomize', root: 'old', lookups: new Map([['base', 'folder']]), awaited: [] } }] });
  await t.throwsAsync(unaffectedIndex(unit, at('old', 'apps/c')), { message: 'looked up' }, 'a unit has inputs elsewhere');
});

test('before anything is planned, only plain folders can be told to be the same', async (t) => {
  const trees = { ...TREES, chart: [{ name: 'Chart.yaml', oid: 'c', kind: 'file' as const }], old: [{ name: 'apps', oid: 'apps', kind: 'folder' as const }, { name: 'chart', oid: 'chart', kind: 'folder' as const }], new: [{ name: 'apps', oid: 'apps', kind: 'folder' as const }, { name: 'chart', oid: 'chart', kind: 'folder' as const }, { name: 'c', oid: 'c', kind: 'folder' as const }] };
  const reader = { commit: (oid: string) => Promise.resolve({ tree: oid }), tree: (oid: string) => Promise.resolve(trees[oid as keyof typeof trees] ?? []) } as unknown as GitRepository;
  const at = (revision: string) => ({ repository: reader, revision, ignore: undefined }) as TrackedRevision;
  const same = (paths: readonly string[], render = {}): Promise<boolean> => hasSamePlainFolders({ paths, render }, at('old'), at('new'));
  t.true(await same(['apps/a', 'apps']));
  t.false(await same(['']), 'the root is another tree');
  t.false(await same(['apps', 'chart']), 'a chart may read what lies outside of its folder');
  t.false(await same(['apps'], { type: 'Kustomize' }));
  t.false(await same(['gone']));
});
