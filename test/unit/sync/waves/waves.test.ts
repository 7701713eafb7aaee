import test from 'ava';
import { planWaves, SYNC_WAVE_ANNOTATION } from '#sync/waves/waves.ts';

const object = (kind: string, wave?: string) => ({ kind, metadata: { name: kind.toLowerCase(), ...(wave === undefined ? {} : { annotations: { [SYNC_WAVE_ANNOTATION]: wave } }) } });
const plan = (...objects: ReturnType<typeof object>[]) => planWaves(objects, (o) => o).map((wave) => wave.map((o) => o.kind));

test('a commit is one transaction in the order of kinds, after its definitions', (t) => {
  t.deepEqual(plan(object('Deployment'), object('Widget'), object('ConfigMap'), object('Namespace'), object('Service'), object('CustomResourceDefinition'), object('Role')), [
    ['CustomResourceDefinition'], ['Namespace', 'Role', 'ConfigMap', 'Service', 'Deployment', 'Widget'],
  ]);
});

test('the wave annotation comes before the order of kinds; what is no integer counts as 0', (t) => {
  t.deepEqual(plan(object('Namespace', '1'), object('Job', '-1'), object('Secret', 'x'), object('Deployment', '2')), [['Job'], ['Secret'], ['Namespace'], ['Deployment']]);
});

test('namespaces go before pods that are declared as such', (t) => {
  t.deepEqual(plan(object('Pod'), object('Namespace'), object('Service')), [['Namespace'], ['Service', 'Pod']]);
});
