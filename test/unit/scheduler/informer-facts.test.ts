import test from 'ava';
import type { LabelSelector } from '#api/generated/meta/v1.ts';
import { POD_DISRUPTION_BUDGETS } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { InformerFactory } from '#client/informer.ts';
import { InformerFacts } from '#scheduler/informer-facts.ts';
import { buildInfo, type PodOptions } from './builders.ts';

const budget = (name: string, selector: LabelSelector | undefined, disruptedPods = {}) =>
  ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { namespace: 'default', name }, spec: { selector }, status: { disruptionsAllowed: 1, disruptedPods } });
const BUDGETS = [
  budget('web', { matchLabels: { app: 'web' } }), budget('all', {}), budget('none', undefined), budget('granted', { matchLabels: { app: 'web' } }, { p: '2026-01-01T00:00:00Z' }),
  budget('not-other', { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['other'] }] }),
];
const informer = (resource: ResourceType) => ({ resource, lister: { list: () => (resource === POD_DISRUPTION_BUDGETS ? BUDGETS : []) } });
const budgetsOf = (options: PodOptions): readonly string[] => new InformerFacts({ informer } as unknown as InformerFactory).budgets(buildInfo('p', options)).map(({ key }) => key);

test('a budget of everything protects nothing, and an eviction that was granted is counted once', (t) => {
  t.deepEqual(budgetsOf({ labels: { app: 'web' } }), ['default/web', 'default/not-other']);
  t.deepEqual(budgetsOf({}), []);
});
