import test from 'ava';
import type { Application, ApplicationSet, Generator, SetDeletionPolicy } from '#api/headway/v1/types.ts';
import { planSet, type SetPlan } from '#sync/generators/set-plan.ts';

const set = (deletion?: SetDeletionPolicy, annotations: Readonly<Record<string, string>> = {}): ApplicationSet => ({
  apiVersion: 'headway.dev/v1', kind: 'ApplicationSet', metadata: { namespace: 'teams', name: 'previews', uid: 'u', annotations },
  spec: { generators: [], ...(deletion ? { deletion } : {}), template: { metadata: { name: 'pr-{{number}}', labels: { pr: '{{number}}' } }, spec: { repository: 'web', path: 'apps/{{number}}' } } },
});
const folders = (deletion?: SetDeletionPolicy, other?: Generator): ApplicationSet => {
  const { spec, ...rest } = set(deletion);
  const own: Generator = { directories: { repository: 'web', paths: ['apps/*'] } };
  return { ...rest, spec: { ...spec, generators: [other ? { matrix: { generators: [own, other] } } : own] } };
};
const application = (name: string, owner?: string): Application => ({
  apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { namespace: 'teams', name, ...(owner ? { labels: { 'headway.dev/application-set': owner } } : {}) }, spec: { repository: 'web' },
});
const numbers = (...all: readonly number[]) => all.map((number) => ({ number: String(number) }));
const ours = (...all: readonly number[]) => all.map((number) => application(`pr-${number}`, 'previews'));
const namesOf = (applications: readonly Application[]) => applications.map(({ metadata }) => metadata.name);
const shown = ({ apply, remove, release, pending }: SetPlan) => ({ apply: namesOf(apply), remove: namesOf(remove), release: namesOf(release), pending: pending?.deletions });

test('an Application is the template with the parameters, labelled and owned by the set', (t) => {
  const { apply, errors } = planSet({ set: set(), parameters: numbers(7), present: [] });
  t.deepEqual(errors, []);
  t.deepEqual(apply, [{
    apiVersion: 'headway.dev/v1', kind: 'Application', spec: { repository: 'web', path: 'apps/7' },
    metadata: {
      name: 'pr-7', namespace: 'teams', labels: { pr: '7', 'headway.dev/application-set': 'previews' },
      ownerReferences: [{ apiVersion: 'headway.dev/v1', kind: 'ApplicationSet', name: 'previews', uid: 'u', controller: true, blockOwnerDeletion: true }],
    },
  }]);
});

for (const { name, of = set(), parameters, present, plan } of [
  { name: 'what is no longer given is removed', parameters: numbers(1), present: ours(1, 2), plan: { apply: ['pr-1'], remove: ['pr-2'], release: [], pending: undefined } },
  { name: 'Applications of others are not looked at', parameters: numbers(1), present: [application('mine'), application('pr-9', 'other')], plan: { apply: ['pr-1'], remove: [], release: [], pending: undefined } },
  { name: 'Orphan keeps them', of: set({ mode: 'Orphan' }), parameters: [], present: ours(1, 2), plan: { apply: [], remove: [], release: ['pr-1', 'pr-2'], pending: undefined } },
  { name: 'up to the limit is removed at once', of: set({ limit: 2 }), parameters: [], present: ours(1, 2), plan: { apply: [], remove: ['pr-1', 'pr-2'], release: [], pending: undefined } },
  { name: 'more than the limit waits, as a whole', of: set({ limit: 2 }), parameters: numbers(4), present: ours(3, 1, 2), plan: { apply: ['pr-4'], remove: [], release: [], pending: ['pr-1', 'pr-2', 'pr-3'] } },
  { name: 'the limit is five by itself', parameters: [], present: ours(1, 2, 3, 4, 5, 6), plan: { apply: [], remove: [], release: [], pending: ['pr-1', 'pr-2', 'pr-3', 'pr-4', 'pr-5', 'pr-6'] } },
  { name: 'no limit of zero', of: set({ limit: 0 }), parameters: [], present: ours(1), plan: { apply: [], remove: [], release: [], pending: ['pr-1'] } },
  { name: 'of folders that all vanish nothing is removed unasked', of: folders(), parameters: [], present: ours(1), plan: { apply: [], remove: [], release: [], pending: ['pr-1'] } },
  { name: 'one folder of several may vanish', of: folders(), parameters: numbers(1), present: ours(1, 2), plan: { apply: ['pr-1'], remove: ['pr-2'], release: [], pending: undefined } },
  { name: 'a limit allows all to vanish', of: folders({ limit: 3 }), parameters: [], present: ours(1), plan: { apply: [], remove: ['pr-1'], release: [], pending: undefined } },
  { name: 'the last pull request may be closed', of: folders(undefined, { pullRequests: { provider: 'GitHub', repository: 'a/b' } }), parameters: [], present: ours(1), plan: { apply: [], remove: ['pr-1'], release: [], pending: undefined } },
]) {
  test(name, (t) => t.deepEqual(shown(planSet({ set: of, parameters, present })), plan));
}

test('a confirmation counts for what was pending, and for nothing else', (t) => {
  const { pending } = planSet({ set: set({ limit: 1 }), parameters: [], present: ours(1, 2) });
  const confirmed = set({ limit: 1 }, { 'headway.dev/confirm-deletion': pending?.revision ?? '' });
  t.deepEqual(namesOf(planSet({ set: confirmed, parameters: [], present: ours(1, 2) }).remove), ['pr-1', 'pr-2']);
  t.deepEqual(planSet({ set: confirmed, parameters: [], present: ours(1, 2, 3) }).pending?.deletions, ['pr-1', 'pr-2', 'pr-3']);
});

test('what is kept does not go with the set', (t) => t.is(planSet({ set: set({ mode: 'Orphan' }), parameters: numbers(1), present: [] }).apply[0]?.metadata.ownerReferences, undefined));

for (const { name, parameters, present = ours(9), error, apply } of [
  { name: 'an unknown parameter', parameters: [{ nummer: '1' }], error: 'spec.template.metadata.name: there is no parameter "number"; there are nummer', apply: [] },
  { name: 'a name that is none', parameters: [{ number: 'A_B' }, { number: '2' }], error: /^spec\.template\.metadata\.name: "pr-A_B": a lowercase RFC 1123 subdomain/, apply: ['pr-2'] },
  { name: 'a name that is given twice', parameters: numbers(1, 1), error: 'spec.template.metadata.name: more than one set of parameters gives "pr-1"', apply: ['pr-1'] },
  { name: 'an Application of somebody else', parameters: numbers(1, 2), present: [application('pr-1'), ...ours(9)], error: 'Application pr-1 is there already and not of this set', apply: ['pr-2'] },
]) {
  test(`${name} is an error, the others are made, and nothing is removed`, (t) => {
    const plan = planSet({ set: set(), parameters: parameters as readonly Readonly<Record<string, string>>[], present });
    if (typeof error === 'string') t.deepEqual(plan.errors, [error]);
    else t.regex(plan.errors[0] ?? '', error);
    t.deepEqual(shown(plan), { apply, remove: [], release: [], pending: undefined });
  });
}
