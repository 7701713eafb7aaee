import test from 'ava';
import type { Application } from '#api/headway/v1/types.ts';
import type { ApplicationState } from '#sync/application/application-state.ts';
import { dueOf, type Due } from '#sync/application/due.ts';
import { appliedIndex, leavesAlone, refusedFor } from '#sync/application/newer-commit.ts';
import { ApplicationIndex } from '#sync/inventory/application-index.ts';
import type { GitRepository, TreeEntry } from '#sync/source/git-repository.ts';
import type { TrackedRevision } from '#sync/source/repository-tracker.ts';

const folder = (name: string, oid: string): TreeEntry => ({ name, oid, kind: 'folder' });
const TREES: Readonly<Record<string, readonly TreeEntry[]>> = { first: [folder('web', 'web1')], other: [folder('web', 'web1'), folder('blog', 'blog1')], changed: [folder('web', 'web2')] };
const repository = {
  commit: (oid: string) => (TREES[oid] ? Promise.resolve({ oid, tree: oid }) : Promise.reject(new Error('the object is missing'))),
  tree: (oid: string) => Promise.resolve(TREES[oid] ?? []),
} as unknown as GitRepository;
const application = (generation = 1): Application => ({ apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { name: 'web', generation }, spec: { repository: 'root', path: 'web' } });
const due = (revision: string, { generation = 1, request, ignore }: { readonly generation?: number; readonly request?: string; readonly ignore?: string } = {}): Due =>
  dueOf({ repository, revision, ignore: ignore === undefined ? undefined : { id: ignore, ignores: () => false } } as TrackedRevision, { revision, ...(request === undefined ? {} : { request }) }, application(generation));
const index = new ApplicationIndex({ revision: 'first', folders: [{ path: 'web', oid: 'web1', files: new Map() }] });
const running = (own: Due) => ({ application: application(), planning: undefined, run: { due: own, plan: { index } } as unknown as NonNullable<ApplicationState['run']> });
const planning = (own: Due) => ({ application: application(), planning: own, run: undefined });

const CASES: readonly (readonly [string, Due, Due, boolean])[] = [
  ['the same commit', due('first'), due('first'), true],
  ['a commit to another folder', due('first'), due('other'), true],
  ['a commit to its folder', due('first'), due('changed'), false],
  ['a commit that cannot be read', due('first'), due('gone'), false],
  ['another spec', due('first'), due('other', { generation: 2 }), false],
  ['other ignore rules', due('first'), due('other', { ignore: 'x' }), false],
  ['a request of a person', due('first'), due('first', { request: 'now' }), false],
  ['a commit to another folder while a request is acted on', due('first', { request: 'now' }), due('other', { request: 'now' }), true],
];
for (const [name, own, next, expected] of CASES) {
  test(`${name} ${expected ? 'leaves a sync alone' : 'ends a sync'}`, async (t) => {
    t.is(await leavesAlone(running(own), next), expected);
    t.is(await leavesAlone(planning(own), next), expected);
  });
}

test('where nothing is under way, nothing is left alone', async (t) => {
  t.false(await leavesAlone({ application: application(), planning: undefined, run: undefined }, due('first')));
});

test('what is applied holds for commits that leave it alone, unless it is to be looked at anyway', async (t) => {
  const applied = { index, applied: due('first').attempt, isUncertain: false };
  t.is(await appliedIndex(applied, due('first')), index);
  t.is((await appliedIndex(applied, due('other')))?.revision, 'other');
  t.is(await appliedIndex(applied, due('changed')), undefined);
  t.is(await appliedIndex(applied, due('gone')), undefined);
  t.is(await appliedIndex(applied, due('first', { request: 'now' })), undefined);
  t.is(await appliedIndex(applied, due('first', { generation: 2 })), undefined);
  t.is(await appliedIndex({ ...applied, isUncertain: true }, due('first')), undefined);
  t.is(await appliedIndex({ ...applied, index: undefined }, due('first')), undefined);
  t.is(await appliedIndex({ ...applied, applied: '' }, due('first')), undefined);
});

test('what was refused waits for its time under commits that leave it as it was, and no others', async (t) => {
  const refused = { attempt: due('first').attempt, index, until: 7, failures: 2, errors: [] };
  t.is(await refusedFor({ refused }, due('first')), refused);
  t.like(await refusedFor({ refused }, due('other')), { attempt: due('other').attempt, until: 7, failures: 2 });
  for (const next of [due('changed'), due('gone'), due('other', { generation: 2 }), due('other', { request: 'now' }), due('other', { ignore: 'x' })]) t.is(await refusedFor({ refused }, next), undefined);
  t.is(await refusedFor({ refused: { ...refused, index: undefined } }, due('other')), undefined, 'held for a word that names its commit');
  t.is(await refusedFor({ refused: undefined }, due('other')), undefined);
});
