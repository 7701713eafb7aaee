import test from 'ava';
import type { Pod } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { formatAmounts } from '#api/quota/amounts.ts';
import { PODS_EVALUATOR } from '#api/quota/pods.ts';

const pod = (spec: object, more: object = {}): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'a' }, spec, ...more } as unknown as Pod);
const container = (requests: object, limits: object = {}, more: object = {}) => ({ name: 'c', resources: { requests, limits }, ...more });
const usage = (object: KubeObject, nowMs = 0) => formatAmounts(PODS_EVALUATOR.usage(object, nowMs));

test('a pod counts with its containers, its sidecars, the largest init container and its overhead', (t) => {
  const spec = {
    containers: [container({ cpu: '100m', memory: '100Mi' }, { cpu: '1' }), container({ cpu: '200m' })],
    initContainers: [container({ cpu: '50m' }, {}, { restartPolicy: 'Always' }), container({ cpu: '1', memory: '50Mi' })],
    overhead: { cpu: '10m', memory: '20Mi' },
  };
  t.deepEqual(usage(pod(spec)), { 'count/pods': '1', pods: '1', cpu: '1060m', 'requests.cpu': '1060m', memory: '120Mi', 'requests.memory': '120Mi', 'limits.cpu': '1010m' });
});

test('huge pages and extended resources count by their names', (t) => {
  const { pods, 'count/pods': count, ...rest } = usage(pod({ containers: [container({ 'hugepages-2Mi': '4Mi', 'example.com/gpu': '2' })] }));
  t.deepEqual([pods, count], ['1', '1']);
  t.deepEqual(rest, { 'hugepages-2Mi': '4Mi', 'requests.hugepages-2Mi': '4Mi', 'requests.example.com/gpu': '2' });
});

test('of a pod that has ended, or should be gone, only the object counts', (t) => {
  const spec = { containers: [container({ cpu: '1' })] };
  t.deepEqual(usage(pod(spec, { status: { phase: 'Succeeded' } })), { 'count/pods': '1' });
  const deleted = { metadata: { name: 'p', namespace: 'a', deletionTimestamp: '1970-01-01T00:00:10Z', deletionGracePeriodSeconds: 5 } };
  t.is(usage(pod(spec, deleted), 15_000)['pods'], '1');
  t.is(usage(pod(spec, deleted), 15_001)['pods'], undefined);
});

const scopes: readonly { name: string; scope: string; spec: object; values?: readonly string[]; is: boolean }[] = [
  { name: 'a deadline is terminating', scope: 'Terminating', spec: { activeDeadlineSeconds: 1 }, is: true },
  { name: 'no deadline is not', scope: 'NotTerminating', spec: {}, is: true },
  { name: 'asking for nothing is best effort', scope: 'BestEffort', spec: { containers: [container({ cpu: '0' })] }, is: true },
  { name: 'asking is not best effort', scope: 'NotBestEffort', spec: { containers: [container({}, { memory: '1' })] }, is: true },
  { name: 'a class of the list', scope: 'PriorityClass', spec: { priorityClassName: 'high' }, values: ['high'], is: true },
  { name: 'a class beside the list', scope: 'PriorityClass', spec: { priorityClassName: 'low' }, values: ['high'], is: false },
  { name: 'affinity to other namespaces', scope: 'CrossNamespacePodAffinity', spec: { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'k', namespaces: ['b'] }] } } }, is: true },
];
for (const { name, scope, spec, values, is } of scopes) {
  test(`scopes: ${name}`, (t) => t.is(PODS_EVALUATOR.isInScope({ scopeName: scope as 'BestEffort', operator: values ? 'In' : 'Exists', ...(values ? { values } : {}) }, pod(spec)), is));
}

test('containers need not say what the pod says as a whole', (t) => {
  const missing = (spec: object): string | undefined => PODS_EVALUATOR.missing?.(['requests.cpu'], pod({ containers: [container({})], ...spec }));
  t.is(missing({}), 'must specify requests.cpu for: c');
  t.is(missing({ resources: { limits: { memory: '1Gi' } } }), undefined);
});
