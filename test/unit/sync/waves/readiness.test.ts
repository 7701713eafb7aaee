import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import type { AppliedObject } from '#sync/apply/applier.ts';
import { unreadyObjects, waitingFor } from '#sync/waves/readiness.ts';
import { desired } from '#test/support/desired.ts';

const web = desired('Deployment web');
const at = (resourceVersion: string, status: object = {}): KubeObject => ({ ...web.object, metadata: { ...web.object.metadata, uid: 'u', generation: 1, resourceVersion }, spec: { replicas: 1 }, status } as KubeObject);
const DONE = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 };
const applied: AppliedObject = { desired: web, outcome: 'updated', object: at('10') };

const cases = [
  { name: 'is not there', live: undefined, ready: false },
  { name: 'was well before the change', live: at('9', DONE), ready: false },
  { name: 'is well', live: at('10', DONE), ready: true },
  { name: 'is well since', live: at('12', DONE), ready: true },
  { name: 'is under way', live: at('12', {}), ready: false },
];
for (const { name, live, ready } of cases) {
  test(`an object that ${name} is ${ready ? '' : 'not '}ready`, (t) => t.is(unreadyObjects([applied], () => live).length === 0, ready));
}

test('who waits says where the object stands', (t) => {
  t.regex(waitingFor(unreadyObjects([applied], () => at('12'))), /^Deployment default\/web \(a\.yaml:1\): ./);
});
