import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { warningsOf } from '#api/warnings/index.ts';

const pod = (spec: object, metadata: object = {}) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', ...metadata }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } }) as unknown as KubeObject;
const container = (fields: object) => ({ containers: [{ name: 'c', image: 'i', ...fields }] });
const service = (spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec }) as unknown as KubeObject;
const OLD_LABEL = { 'beta.kubernetes.io/os': 'linux' };
const OLD = 'deprecated since v1.14; use "kubernetes.io/os" instead';

const cases: readonly { readonly name: string; readonly facts?: string; readonly object: KubeObject; readonly warnings: readonly string[] }[] = [
  { name: 'a plain pod', object: pod({}), warnings: [] },
  {
    name: 'a variable that hides another', object: pod(container({ env: [{ name: 'A', value: '1' }, { name: 'A', value: '2' }, { name: 'A', value: '$(A)3' }] })),
    warnings: ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
  },
  {
    name: 'ports that stand twice', object: pod(container({ ports: [{ containerPort: 80, protocol: 'TCP' }, { containerPort: 80, protocol: 'TCP' }, { containerPort: 80, hostPort: 8080 }] })),
    warnings: [
      'spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]', 'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[0]',
      'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[1]',
    ],
  },
  {
    name: 'fractions of bytes', object: pod(container({ resources: { limits: { memory: '1500m', cpu: '1500m' }, requests: { memory: '1Gi' } } })),
    warnings: ['spec.containers[0].resources.limits[memory]: fractional byte value "1500m" is invalid, must be an integer'],
  },
  {
    name: 'old labels of nodes', object: pod({ nodeSelector: { 'beta.kubernetes.io/os': 'linux' } }),
    warnings: ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
  },
  { name: 'secrets without a name', object: pod({ imagePullSecrets: [{ name: '' }] }), warnings: ['spec.imagePullSecrets[0].name: invalid empty name ""'] },
  { name: 'volumes of the past', object: pod({ volumes: [{ name: 'v', gitRepo: { repository: 'r' } }] }), warnings: ['spec.volumes[0].gitRepo: deprecated in v1.11'] },
  { name: 'a headless service with affinity', facts: 'core/v1.Service', object: service({ type: 'ClusterIP', clusterIP: 'None', sessionAffinity: 'ClientIP' }), warnings: ['spec.SessionAffinity is ignored for headless services'] },
  {
    name: 'a template', facts: 'apps/v1.Deployment', object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { template: { spec: { terminationGracePeriodSeconds: -1, containers: [] } } } } as unknown as KubeObject,
    warnings: ['spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1'],
  },
  {
    name: 'an account that restricts its secrets', facts: 'core/v1.ServiceAccount', object: { metadata: { name: 'a', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } } } as unknown as KubeObject,
    warnings: ['metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets'],
  },
  { name: 'old labels of nodes in a runtime class', facts: 'node/v1.RuntimeClass', object: { metadata: { name: 'r' }, handler: 'h', scheduling: { nodeSelector: OLD_LABEL } } as unknown as KubeObject, warnings: [`scheduling.nodeSelector: ${OLD}`] },
  {
    name: 'old labels of nodes in a storage class', facts: 'storage/v1.StorageClass', object: { metadata: { name: 's' }, provisioner: 'p', allowedTopologies: [{ matchLabelExpressions: [{ key: 'a', values: ['b'] }, { key: 'beta.kubernetes.io/os', values: ['linux'] }] }] } as unknown as KubeObject,
    warnings: [`allowedTopologies[0].matchLabelExpressions[1].key: ${OLD}`],
  },
  {
    name: 'old labels of nodes in a capacity', facts: 'storage/v1.CSIStorageCapacity', object: { metadata: { name: 'c' }, storageClassName: 's', nodeTopology: { matchLabels: OLD_LABEL, matchExpressions: [{ key: 'beta.kubernetes.io/os', operator: 'Exists' }] } } as unknown as KubeObject,
    warnings: [`nodeTopology.matchExpressions[0].key: beta.kubernetes.io/os is ${OLD}`, `nodeTopology.matchLabels.beta.kubernetes.io/os: ${OLD}`],
  },
];
for (const { name, facts = 'core/v1.Pod', object, warnings } of cases) {
  test(`${name} is told of in Kubernetes' words`, (t) => {
    t.deepEqual(warningsOf(facts, object, false), warnings);
  });
}

test('a name that is no label is told of once, when the pod is made', (t) => {
  const advice = 'metadata.name: this is used in the Pod\'s hostname, which can result in surprising behavior; a DNS label is recommended: ';
  t.deepEqual(warningsOf('core/v1.Pod', pod({}, { name: 'a.b' }), false), [`${advice}[must not contain dots]`]);
  t.deepEqual(warningsOf('core/v1.Pod', pod({}, { name: 'a.b' }), true), []);
});

test('kinds without rules and custom resources are not looked at', (t) => {
  t.deepEqual(warningsOf(undefined, pod({}), false), []);
  t.deepEqual(warningsOf('core/v1.ConfigMap', pod({}), false), []);
});
