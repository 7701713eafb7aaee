import test from 'ava';
import type { Application } from '#api/headway/v1/types.ts';
import { changedFirst } from '#sync/application/changed-first.ts';
import { folderChanges } from '#sync/diff/folder-changes.ts';
import type { GitRepository } from '#sync/source/git-repository.ts';

type Entry = readonly [name: string, oid: string, kind?: 'file'];
const TREES: Readonly<Record<string, readonly Entry[]>> = {
  old: [['apps', 'apps1'], ['base', 'base1']], new: [['apps', 'apps2'], ['base', 'base1']],
  apps1: [['a', 'a1'], ['b', 'b1'], ['c', 'c1']], apps2: [['a', 'a1'], ['b', 'b2'], ['c', 'c1']],
  b1: [['x.yaml', 'x1', 'file']], b2: [['x.yaml', 'x2', 'file']],
};
const repository = {
  hasCommit: (oid: string) => Promise.resolve(oid in TREES),
  commit: (oid: string) => (oid in TREES ? Promise.resolve({ tree: oid }) : Promise.reject(new Error('gone'))),
  tree: (oid: string) => Promise.resolve((TREES[oid] ?? []).map(([name, id, kind = 'folder']) => ({ name, oid: id, kind }))),
} as unknown as GitRepository;
const sync = (...paths: string[]) => ({ application: { metadata: { name: paths[0] }, spec: { paths } } as unknown as Application });
const names = (syncs: readonly ReturnType<typeof sync>[]) => syncs.map(({ application }) => application.metadata.name);
const ALL = [sync('apps/a'), sync('base', 'apps/b'), sync('apps/c'), sync('apps')];

test('applications with a change in one of their folders come first, the others follow', async (t) => {
  const changes = await folderChanges(repository, 'old', 'new');
  t.deepEqual([...(changes?.folders ?? [])], ['', 'apps', 'apps/b']);
  t.deepEqual(names(changedFirst(ALL, changes)), ['base', 'apps', 'apps/a', 'apps/c']);
  t.deepEqual(names(changedFirst([sync('apps/a'), sync('')], changes)), ['', 'apps/a']);
});

test('the order stays at the same commit, and after one that is gone', async (t) => {
  t.deepEqual(changedFirst(ALL, await folderChanges(repository, 'new', 'new')), ALL);
  t.is(await folderChanges(repository, 'rewritten', 'new'), undefined);
  t.is(changedFirst(ALL, undefined), ALL);
});
