import test from 'ava';
import { applyDefaults } from '#api/defaults/index.ts';
import { pullPolicy } from '#api/defaults/references.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import * as resources from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';

const schema = loadSchema();

const defaulted = (resource: ResourceType, object: object): unknown => applyDefaults(resource, { metadata: { name: 'a' }, ...object } as KubeObject);
const POD_SPEC = { dnsPolicy: 'ClusterFirst', restartPolicy: 'Always', securityContext: {}, terminationGracePeriodSeconds: 30, schedulerName: 'default-scheduler' };
const CONTAINER = { imagePullPolicy: 'IfNotPresent', resources: {}, terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' };
const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } };
const fullTemplate = { ...template, spec: { ...POD_SPEC, containers: [{ name: 'c', image: 'i:1', ...CONTAINER }] } };

for (const [name, resource, object, expected] of [
  ['pod', resources.PODS, { spec: { containers: [{ name: 'c', image: 'i:1', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } } }] } },
    { spec: { ...POD_SPEC, enableServiceLinks: true, containers: [{ name: 'c', image: 'i:1', ...CONTAINER, ports: [{ containerPort: 80, protocol: 'TCP' }], resources: { limits: { cpu: '1' }, requests: { cpu: '1' } } }] } }],
  ['probe', resources.PODS, { spec: { containers: [{ name: 'c', image: 'i', livenessProbe: { httpGet: { port: 80 } } }] } },
    { spec: { ...POD_SPEC, enableServiceLinks: true, containers: [{ name: 'c', image: 'i', ...CONTAINER, imagePullPolicy: 'Always', livenessProbe: { httpGet: { port: 80, path: '/', scheme: 'HTTP' }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 } }] } }],
  ['volumes', resources.PODS, { spec: { volumes: [{ name: 'e' }, { name: 's', secret: { secretName: 's' } }, { name: 'h', hostPath: { path: '/' } }, { name: 'p', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] } },
    { spec: { ...POD_SPEC, enableServiceLinks: true, volumes: [{ name: 'e', emptyDir: {} }, { name: 's', secret: { secretName: 's', defaultMode: 420 } }, { name: 'h', hostPath: { path: '/', type: '' } }, { name: 'p', projected: { defaultMode: 420, sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }] } }] } }],
  ['pod address', resources.PODS, { spec: {}, status: { podIP: '10.0.0.1' } }, { spec: { ...POD_SPEC, enableServiceLinks: true }, status: { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] } }],
  ['pod addresses', resources.PODS, { spec: {}, status: { podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] } }, { spec: { ...POD_SPEC, enableServiceLinks: true }, status: { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] } }],
  ['node range', resources.NODES, { spec: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.9.0.0/24'] } }, { spec: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] } }],
  ['deployment', resources.DEPLOYMENTS, { spec: { template } },
    { spec: { replicas: 1, strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } }, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, template: fullTemplate } }],
  ['recreated deployment', resources.DEPLOYMENTS, { spec: { replicas: 0, strategy: { type: 'Recreate' }, template } },
    { spec: { replicas: 0, strategy: { type: 'Recreate' }, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, template: fullTemplate } }],
  ['replica set', resources.REPLICA_SETS, { spec: { template } }, { spec: { replicas: 1, template: fullTemplate } }],
  ['job', resources.JOBS, { spec: { template } }, { metadata: { name: 'a', labels: { app: 'x' } }, spec: { completions: 1, parallelism: 1, completionMode: 'NonIndexed', suspend: false, manualSelector: false, backoffLimit: 6, podReplacementPolicy: 'TerminatingOrFailed', template: fullTemplate } }],
  ['service', resources.SERVICES, { spec: { ports: [{ port: 80 }] } }, { spec: { sessionAffinity: 'None', type: 'ClusterIP', internalTrafficPolicy: 'Cluster', ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] } }],
  ['node port service', resources.SERVICES, { spec: { type: 'NodePort', sessionAffinity: 'ClientIP' } }, { spec: { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } }, type: 'NodePort', externalTrafficPolicy: 'Cluster', internalTrafficPolicy: 'Cluster' } }],
  ['namespace', resources.NAMESPACES, {}, { metadata: { name: 'a', labels: { 'kubernetes.io/metadata.name': 'a' } }, status: { phase: 'Active' } }],
  ['secret', resources.SECRETS, { data: { a: 'YQ==' }, stringData: { b: 'b' } }, { type: 'Opaque', data: { a: 'YQ==', b: 'Yg==' } }],
  ['network policy', resources.NETWORK_POLICIES, { spec: { podSelector: {}, egress: [{ ports: [{ port: 1 }] }] } }, { spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], egress: [{ ports: [{ port: 1, protocol: 'TCP' }] }] } }],
  ['cluster role binding', resources.CLUSTER_ROLE_BINDINGS, { subjects: [{ kind: 'User', name: 'u' }, { kind: 'ServiceAccount', name: 's', namespace: 'n' }], roleRef: { kind: 'ClusterRole', name: 'r' } },
    { subjects: [{ kind: 'User', name: 'u', apiGroup: 'rbac.authorization.k8s.io' }, { kind: 'ServiceAccount', name: 's', namespace: 'n' }], roleRef: { kind: 'ClusterRole', name: 'r', apiGroup: 'rbac.authorization.k8s.io' } }],
  ['application', resources.APPLICATIONS, { spec: { repository: 'r' } }, { spec: { repository: 'r', destinationNamespace: 'default', syncPolicy: { automated: true, prune: true, selfHeal: 'Heal', timeout: '5m' } } }],
  ['config map', resources.CONFIG_MAPS, { data: {} }, { data: {} }],
  ['stateful set', resources.STATEFUL_SETS, { spec: { template, volumeClaimTemplates: [{ metadata: { name: 'v' }, spec: {} }] } },
    { spec: { podManagementPolicy: 'OrderedReady', updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }, persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' }, replicas: 1, revisionHistoryLimit: 10, template: fullTemplate, volumeClaimTemplates: [{ metadata: { name: 'v' }, spec: { volumeMode: 'Filesystem' }, status: { phase: 'Pending' } }] } }],
  ['daemon set', resources.DAEMON_SETS, { spec: { template } }, { spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }, revisionHistoryLimit: 10, template: fullTemplate } }],
  ['cron job', resources.CRON_JOBS, { spec: { jobTemplate: { spec: { template } } } },
    { spec: { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1, jobTemplate: { metadata: {}, spec: { template: fullTemplate } } } }],
  ['job with rules for failures', resources.JOBS, { spec: { parallelism: 2, backoffLimitPerIndex: 1, podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'X' }] }] }, template: { spec: {} } } },
    { spec: { parallelism: 2, completionMode: 'NonIndexed', suspend: false, manualSelector: false, backoffLimit: 2147483647, backoffLimitPerIndex: 1, podReplacementPolicy: 'Failed', podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'X', status: 'True' }] }] }, template: { metadata: {}, spec: POD_SPEC } } }],
  ['autoscaler', resources.HORIZONTAL_POD_AUTOSCALERS, { spec: { maxReplicas: 3, behavior: { scaleDown: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } } } },
    { spec: { maxReplicas: 3, minReplicas: 1, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }], behavior: {
      scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, { type: 'Percent', value: 100, periodSeconds: 15 }] },
      scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } } } }],
  ['persistent volume', resources.PERSISTENT_VOLUMES, { spec: { iscsi: { lun: 0 } } }, { spec: { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem', iscsi: { lun: 0, iscsiInterface: 'default' } }, status: { phase: 'Pending' } }],
  ['claim', resources.PERSISTENT_VOLUME_CLAIMS, { spec: {} }, { spec: { volumeMode: 'Filesystem' }, status: { phase: 'Pending' } }],
  ['limit range', resources.LIMIT_RANGES, { spec: { limits: [{ type: 'Container', max: { cpu: '2' }, min: { memory: '1Mi' }, default: { memory: '9Mi' } }, { type: 'Pod', max: { cpu: '3' } }] } },
    { spec: { limits: [{ type: 'Container', max: { cpu: '2' }, min: { memory: '1Mi' }, default: { cpu: '2', memory: '9Mi' }, defaultRequest: { memory: '9Mi', cpu: '2' } }, { type: 'Pod', max: { cpu: '3' } }] } }],
  ['node of fine amounts', resources.NODES, { status: { capacity: { cpu: '1100u' } } }, { status: { capacity: { cpu: '2m' }, allocatable: { cpu: '2m' } } }],
  ['quota of fine amounts', resources.RESOURCE_QUOTAS, { spec: { hard: { cpu: '1100u', pods: '3' } }, status: { hard: { cpu: '1100u' }, used: { cpu: '5n' } } }, { spec: { hard: { cpu: '2m', pods: '3' } }, status: { hard: { cpu: '2m' }, used: { cpu: '1m' } } }],
  ['limit range of fine amounts', resources.LIMIT_RANGES, { spec: { limits: [{ type: 'Container', max: { cpu: '1100u' } }] } }, { spec: { limits: [{ type: 'Container', max: { cpu: '2m' }, default: { cpu: '2m' }, defaultRequest: { cpu: '2m' } }] } }],
  ['claim of a fine amount', resources.PERSISTENT_VOLUME_CLAIMS, { spec: { resources: { requests: { storage: '5n' } } }, status: { capacity: { storage: '5n' } } }, { spec: { volumeMode: 'Filesystem', resources: { requests: { storage: '1m' } } }, status: { phase: 'Pending', capacity: { storage: '1m' } } }],
  ['pod of fine amounts', resources.PODS, { spec: { overhead: { cpu: '5n' }, resources: { limits: { cpu: '5n' }, requests: { cpu: '5n' } } } }, { spec: { ...POD_SPEC, enableServiceLinks: true, overhead: { cpu: '1m' }, resources: { limits: { cpu: '1m' }, requests: { cpu: '1m' } } } }],
  ['node', resources.NODES, { status: { capacity: { cpu: '4' } } }, { status: { capacity: { cpu: '4' }, allocatable: { cpu: '4' } } }],
  ['endpoints', resources.ENDPOINTS, { subsets: [{ ports: [{ port: 1 }] }] }, { subsets: [{ ports: [{ port: 1, protocol: 'TCP' }] }] }],
  ['endpoint slice', resources.ENDPOINT_SLICES, { ports: [{ port: 1 }] }, { ports: [{ port: 1, name: '', protocol: 'TCP' }] }],
  ['ingress class', resources.INGRESS_CLASSES, { spec: { parameters: { kind: 'K', name: 'n' } } }, { spec: { parameters: { kind: 'K', name: 'n', scope: 'Cluster' } } }],
  ['storage class', resources.STORAGE_CLASSES, { provisioner: 'p' }, { provisioner: 'p', reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }],
  ['CSI driver', resources.CSI_DRIVERS, { spec: {} }, { spec: { attachRequired: true, podInfoOnMount: false, storageCapacity: false, fsGroupPolicy: 'ReadWriteOnceWithFSType', volumeLifecycleModes: ['Persistent'], requiresRepublish: false, seLinuxMount: false } }],
  ['priority class', resources.PRIORITY_CLASSES, { value: 1 }, { value: 1, preemptionPolicy: 'PreemptLowerPriority' }],
  ['flow schema', resources.FLOW_SCHEMAS, { spec: { matchingPrecedence: 0 } }, { spec: { matchingPrecedence: 1000 } }],
  ['priority level', resources.PRIORITY_LEVELS, { spec: { limited: { limitResponse: { queuing: {} } } } }, { spec: { limited: { nominalConcurrencyShares: 30, lendablePercent: 0, limitResponse: { queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } } } } }],
  ['device claim', resources.RESOURCE_CLAIMS, { spec: { devices: { requests: [{ name: 'r', firstAvailable: [{ name: 's', tolerations: [{ key: 'k' }] }] }, { name: 'a', exactly: { allocationMode: 'All' } }] } } },
    { spec: { devices: { requests: [{ name: 'r', firstAvailable: [{ name: 's', allocationMode: 'ExactCount', count: 1, tolerations: [{ key: 'k', operator: 'Equal' }] }] }, { name: 'a', exactly: { allocationMode: 'All' } }] } } }],
] as const) {
  test(`defaults of a ${name}, once and for all`, (t) => {
    const before = JSON.stringify(object);
    const once = defaulted(resource, object);
    t.deepEqual<unknown, unknown>(once, { metadata: { name: 'a' }, ...expected });
    t.is(applyDefaults(resource, once as KubeObject), once as KubeObject);
    t.is(JSON.stringify(object), before);
  });
}

const OLD_POD = { 'pod.beta.kubernetes.io/init-containers': '[]', 'pod.alpha.kubernetes.io/init-containers': '[]', 'pod.beta.kubernetes.io/init-container-statuses': '[]', 'pod.alpha.kubernetes.io/init-container-statuses': '[]' };
const OLD_SCALER = { 'autoscaling.alpha.kubernetes.io/metrics': '[]', 'autoscaling.alpha.kubernetes.io/current-metrics': '[]', 'autoscaling.alpha.kubernetes.io/conditions': '[]', 'autoscaling.alpha.kubernetes.io/behavior': '{}' };
type WithTemplate = KubeObject & { readonly spec: { readonly template: KubeObject } };
for (const [what, resource, old] of [['a pod', resources.PODS, OLD_POD], ['an autoscaler', resources.HORIZONTAL_POD_AUTOSCALERS, OLD_SCALER]] as const) {
  test(`${what} does not keep annotations that stood for fields`, (t) => {
    const left = (annotations: object): unknown => (defaulted(resource, { metadata: { name: 'a', annotations }, spec: {} }) as KubeObject).metadata;
    t.deepEqual(left({ ...old, mine: 'x' }), { name: 'a', annotations: { mine: 'x' } });
    t.deepEqual(left(old), { name: 'a' });
  });
}

test('a template of pods does not keep annotations that stood for init containers', (t) => {
  const object = defaulted(resources.DEPLOYMENTS, { metadata: { name: 'a', annotations: OLD_POD }, spec: { template: { metadata: { annotations: OLD_POD }, spec: {} } } }) as WithTemplate;
  t.deepEqual([object.metadata.annotations, object.spec.template.metadata], [OLD_POD, {} as KubeObject['metadata']]);
});

const DIGEST = `sha256:${'a'.repeat(64)}`;
for (const [image, policy] of [
  ['x', 'Always'], ['x:latest', 'Always'], ['reg:5000/x', 'Always'], ['Registry/x', 'Always'], ['[fd00::1]:5000/a/b', 'Always'], [`x:latest@${DIGEST}`, 'Always'],
  ['x:1', 'IfNotPresent'], ['reg:5000/x:v1', 'IfNotPresent'], [`x@${DIGEST}`, 'IfNotPresent'], [`x:1@${DIGEST}`, 'IfNotPresent'],
  ['', 'IfNotPresent'], ['Upper', 'IfNotPresent'], ['a//b', 'IfNotPresent'], ['x:', 'IfNotPresent'], ['x y', 'IfNotPresent'], [`${'a'.repeat(256)}`, 'IfNotPresent'],
] as const) {
  test(`the image "${image.slice(0, 80)}" is pulled ${policy}`, (t) => { t.is(pullPolicy(image), policy); });
}

/** Every default in the facts of a kind, with an object in which it is missing and all that holds it is there. */
function* factDefaults(reference: string, wrap: (part: object) => object, path = ''): Generator<{ readonly path: string; readonly object: object; readonly value: unknown }> {
  // Templates are filled in where they are used, and a generator within a generator is one.
  if (path.split('.').length > 7 || path.includes('template')) return;
  for (const [name, field] of schema.type(reference)?.fields ?? []) {
    const at = path === '' ? name : `${path}.${name}`;
    if (field.default !== undefined) yield { path: at, object: wrap({}), value: field.default };
    const isList = field.type.startsWith('[]');
    const element = field.type.replace(/^\[\]/, '');
    if (element.startsWith('headway/')) yield* factDefaults(element, (part) => wrap({ [name]: isList ? [part] : part }), isList ? `${at}.0` : at);
  }
}

for (const resource of resources.BUILT_IN_RESOURCES.filter((r) => r.group === 'headway.dev')) {
  for (const { path, object, value } of factDefaults(resource.facts ?? '', (part) => part)) {
    test(`a ${resource.kind} gets the default that explain shows of ${path}`, (t) => {
      const result = path.split('.').reduce<unknown>((at, step) => (at as Readonly<Record<string, unknown>> | undefined)?.[step], defaulted(resource, object));
      t.deepEqual(result, value);
    });
  }
}
