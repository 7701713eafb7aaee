import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { isOfInterest, planDependent, type DependentPlan, type OwnerState } from '#controllers/garbage-collector/plan.ts';

const object = (finalizers: readonly string[] = [], deletionTimestamp?: string): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', finalizers, ...(deletionTimestamp ? { deletionTimestamp } : {}) } });
const owner = (state: OwnerState, i: number) => ({ reference: { apiVersion: 'v1', kind: 'X', name: `o${i}`, uid: `u${i}` }, state });

const CASES: readonly (readonly [string, readonly OwnerState[], readonly string[], boolean, Partial<DependentPlan> & { readonly policy?: string }])[] = [
  ['no owner', [], [], false, { action: 'keep' }],
  ['a living owner', ['solid'], [], false, { action: 'keep' }],
  ['an owner that cannot be asked for', ['unknown'], [], false, { action: 'keep' }],
  ['a living and a lost owner', ['solid', 'dangling'], [], false, { action: 'unlink' }],
  ['an unknown and a lost owner', ['unknown', 'dangling'], [], false, { action: 'unlink' }],
  ['only lost owners', ['dangling', 'dangling'], [], false, { action: 'delete', policy: 'Background' }],
  ['an owner that waits, and dependents of its own', ['waiting'], [], true, { action: 'delete', policy: 'Foreground' }],
  ['an owner that waits, and none', ['waiting'], [], false, { action: 'delete', policy: 'Background' }],
  ['a lost owner, to be orphaned from', ['dangling'], ['orphan'], false, { action: 'delete', policy: 'Orphan' }],
  ['a lost owner, to be deleted in the foreground', ['dangling'], ['foregroundDeletion'], false, { action: 'delete', policy: 'Foreground' }],
];
for (const [what, states, finalizers, hasDependents, expected] of CASES) {
  test(`a dependent with ${what}`, (t) => t.like(planDependent(object(finalizers), states.map(owner), hasDependents), expected));
}

test('updates that touch neither owners nor deletion are no work', (t) => {
  const owned = { ...object(), metadata: { ...object().metadata, ownerReferences: [owner('solid', 1).reference] } };
  t.true(isOfInterest(owned, undefined));
  t.false(isOfInterest(owned, owned));
  t.true(isOfInterest(owned, object()));
  t.false(isOfInterest(object(), undefined));
  t.true(isOfInterest(object(['foregroundDeletion'], '2026-01-01T00:00:00Z'), object()));
});
