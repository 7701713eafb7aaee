import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { statusWarningsOf, warningsOf } from '#api/warnings/index.ts';

const pod = (spec: object, metadata: object = {}) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', ...metadata }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } }) as unknown as KubeObject;
const container = (fields: object) => ({ containers: [{ name: 'c', image: 'i', ...fields }] });
const service = (spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec }) as unknown as KubeObject;
const OLD_LABEL = { 'beta.kubernetes.io/os': 'linux' };
const OLD = 'deprecated since v1.14; use "kubernetes.io/os" instead';

const kind = (fields: object) => ({ metadata: { name: 'n' }, ...fields }) as unknown as KubeObject;
const claim = (storage: string) => ({ resources: { requests: { storage } } });
const fraction = (path: string) => `${path}.resources.requests[storage]: fractional byte value "200m" is invalid, must be an integer`;
const AMBIGUOUS = (path: string) => `${path}: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)`;
const LONG = 'IPv6 address "2001:db8:0:0::2" should be in RFC 5952 canonical format ("2001:db8::2")';

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
  { name: 'a driver of devices that is not in lower case', facts: 'resource/v1.ResourceSlice', object: kind({ spec: { driver: 'Driver.io' } }), warnings: ['spec.driver: driver names should be lowercase; "Driver.io" contains uppercase characters'] },
  { name: 'old labels of nodes in a runtime class', facts: 'node/v1.RuntimeClass', object: { metadata: { name: 'r' }, handler: 'h', scheduling: { nodeSelector: OLD_LABEL } } as unknown as KubeObject, warnings: [`scheduling.nodeSelector: ${OLD}`] },
  {
    name: 'old labels of nodes in a storage class', facts: 'storage/v1.StorageClass', object: { metadata: { name: 's' }, provisioner: 'p', allowedTopologies: [{ matchLabelExpressions: [{ key: 'a', values: ['b'] }, { key: 'beta.kubernetes.io/os', values: ['linux'] }] }] } as unknown as KubeObject,
    warnings: [`allowedTopologies[0].matchLabelExpressions[1].key: ${OLD}`],
  },
  {
    name: 'old labels of nodes in a capacity', facts: 'storage/v1.CSIStorageCapacity', object: { metadata: { name: 'c' }, storageClassName: 's', nodeTopology: { matchLabels: OLD_LABEL, matchExpressions: [{ key: 'beta.kubernetes.io/os', operator: 'Exists' }] } } as unknown as KubeObject,
    warnings: [`nodeTopology.matchExpressions[0].key: beta.kubernetes.io/os is ${OLD}`, `nodeTopology.matchLabels.beta.kubernetes.io/os: ${OLD}`],
  },
  {
    name: 'names of ports that stand twice', object: pod({ initContainers: [{ name: 'a', ports: [{ name: 'p', containerPort: 80 }] }], containers: [{ name: 'b', ports: [{ name: 'p', containerPort: 81 }] }] }),
    warnings: ['spec.containers[0].ports[0]: duplicate port name "p" with spec.initContainers[0].ports[0], services and probes that select ports by name will use spec.initContainers[0].ports[0]'],
  },
  { name: 'fractions in a claim of a volume', object: pod({ volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec: claim('200m') } } }] }), warnings: [fraction('spec.volumes[0].ephemeral.volumeClaimTemplate.spec')] },
  { name: 'addresses of a pod in a long form', object: pod({ dnsConfig: { nameservers: ['2001:db8:0:0::2'] }, hostAliases: [{ ip: '2001:db8:0:0::2' }] }), warnings: [`spec.dnsConfig.nameservers[0]: ${LONG}`, `spec.hostAliases[0].ip: ${LONG}`] },
  {
    name: 'a Service with such addresses', facts: 'core/v1.Service', object: service({ type: 'LoadBalancer', clusterIP: '2001:db8:0:0::2', clusterIPs: ['2001:db8:0:0::2'], externalIPs: ['2001:db8:0:0::2'], loadBalancerIP: '2001:db8:0:0::2', loadBalancerSourceRanges: ['10.0.0.1/8'] }),
    warnings: [`spec.clusterIPs[0]: ${LONG}`, `spec.externalIPs[0]: ${LONG}`, 'spec.externalIPs is deprecated and may no longer be implemented in some clusters', `spec.loadBalancerIP: ${LONG}`, AMBIGUOUS('spec.loadBalancerSourceRanges[0]')],
  },
  {
    name: 'a network policy with unclear ranges', facts: 'networking/v1.NetworkPolicy', object: kind({ spec: { ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.1/8', except: ['10.0.0.1/8'] } }] }], egress: [{ to: [{}, { ipBlock: { cidr: '10.0.0.1/8' } }] }] } }),
    warnings: [AMBIGUOUS('spec.ingress[0].from[0].ipBlock.cidr'), AMBIGUOUS('spec.ingress[0].from[0].ipBlock.except[0]'), AMBIGUOUS('spec.egress[0].to[1].ipBlock.cidr')],
  },
  { name: 'endpoints', facts: 'core/v1.Endpoints', object: kind({ subsets: [{ addresses: [{ ip: '10.0.0.1' }], notReadyAddresses: [{ ip: '2001:db8:0:0::2' }] }] }), warnings: [`subsets[0].notReadyAddresses[0].ip: ${LONG}`] },
  { name: 'an EndpointSlice', facts: 'discovery/v1.EndpointSlice', object: kind({ addressType: 'IPv6', endpoints: [{ addresses: ['2001:db8:0:0::2'] }] }), warnings: [`endpoints[0].addresses[0]: ${LONG}`] },
  { name: 'an EndpointSlice of names', facts: 'discovery/v1.EndpointSlice', object: kind({ addressType: 'FQDN', endpoints: [{ addresses: ['a.b'] }] }), warnings: ['spec.addressType: FQDN endpoints are deprecated'] },
  { name: 'an old field of a node', facts: 'core/v1.Node', object: kind({ spec: { externalID: 'x' } }), warnings: ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] },
  {
    name: 'a job with too many indexes', facts: 'batch/v1.Job', object: kind({ spec: { completionMode: 'Indexed', completions: 100_001, parallelism: 10_001, template: {} } }),
    warnings: ['spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail'],
  },
  { name: 'fractions in claims of a StatefulSet', facts: 'apps/v1.StatefulSet', object: kind({ spec: { template: {}, volumeClaimTemplates: [{ spec: claim('200m') }] } }), warnings: [fraction('spec.volumeClaimTemplates[0]')] },
  { name: 'an Ingress with the old annotation alone', facts: 'networking/v1.Ingress', object: kind({ metadata: { name: 'n', annotations: { 'kubernetes.io/ingress.class': 'c' } } }), warnings: ['annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead'] },
  { name: 'a secret without its pair', facts: 'core/v1.Secret', object: kind({ type: 'kubernetes.io/tls', data: { 'tls.crt': 'eA==', 'tls.key': 'eA==' } }), warnings: ['tls: failed to find any PEM data in certificate input'] },
];
for (const { name, facts = 'core/v1.Pod', object, warnings } of cases) {
  test(`${name} is told of in Kubernetes' words`, (t) => {
    t.deepEqual(warningsOf(facts, object), warnings);
  });
}

test('a name that is no label is told of once, when the pod is made', (t) => {
  const advice = 'metadata.name: this is used in the Pod\'s hostname, which can result in surprising behavior; a DNS label is recommended: ';
  t.deepEqual(warningsOf('core/v1.Pod', pod({}, { name: 'a.b' })), [`${advice}[must not contain dots]`]);
  t.deepEqual(warningsOf('core/v1.Pod', pod({}, { name: 'a.b' }), { live: pod({}, { name: 'a.b' }), isCounted: true }), []);
});

test('kinds without rules and custom resources are not looked at', (t) => {
  t.deepEqual(warningsOf(undefined, pod({})), []);
  t.deepEqual(warningsOf('core/v1.ConfigMap', pod({})), []);
});

const ZONED = kind({ spec: { schedule: 'TZ=UTC * * * * *', jobTemplate: { spec: { template: { spec: { terminationGracePeriodSeconds: -1, containers: [] } } } } } });
const ZONE = 'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details';
const GRACE = 'spec.jobTemplate.spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1';
const ACCOUNT = kind({ metadata: { name: 'n', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } } });
const INGRESS = kind({ metadata: { name: 'n', annotations: { 'kubernetes.io/ingress.class': 'c' } } });
for (const [name, facts, object, live, isCounted, warnings] of [
  ['a schedule with a zone is told of whenever it is written', 'batch/v1.CronJob', ZONED, ZONED, false, [ZONE]],
  ['its template when it is changed', 'batch/v1.CronJob', ZONED, ZONED, true, [GRACE, ZONE]],
  ['an account is told of when its annotation is set', 'core/v1.ServiceAccount', ACCOUNT, kind({}), false, ['metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets']],
  ['and not when it has it already', 'core/v1.ServiceAccount', ACCOUNT, ACCOUNT, false, []],
  ['an Ingress is told of when it is made only', 'networking/v1.Ingress', INGRESS, INGRESS, true, []],
  ['claims of a StatefulSet have another path', 'apps/v1.StatefulSet', kind({ spec: { template: {}, volumeClaimTemplates: [{ spec: claim('200m') }] } }), kind({}), false, [fraction('spec.volumeClaimTemplates[0].Spec')]],
  ['a PodTemplate has no spec, and is told of when it is changed', 'core/v1.PodTemplate', kind({ template: { spec: { terminationGracePeriodSeconds: -1, containers: [] } } }), kind({}), true, [GRACE.replace('spec.jobTemplate.spec.', '')]],
] as const) {
  test(`of updates: ${name}`, (t) => { t.deepEqual(warningsOf(facts, object, { live, isCounted }), warnings); });
}

test('addresses of a status are told of as those of a spec', (t) => {
  t.deepEqual(statusWarningsOf('core/v1.Service', kind({ status: { loadBalancer: { ingress: [{ ip: '2001:db8:0:0::2' }, { hostname: 'h' }] } } })), [`status.loadBalancer.ingress[0]: ${LONG}`]);
  t.deepEqual(statusWarningsOf('core/v1.Pod', kind({ status: { podIPs: [{ ip: '10.0.0.1' }], hostIPs: [{ ip: '2001:db8:0:0::2' }] } })), [`status.hostIPs[0].ip: ${LONG}`]);
});
