import test from 'ava';
import { applyDefaults } from '#api/defaults/index.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import * as resources from '#api/resources.ts';
import { validateCreate, validateUpdate } from '#api/validation/index.ts';

const build = (resource: ResourceType, body: object): KubeObject =>
  applyDefaults(resource, { apiVersion: 'x', kind: resource.kind, metadata: { name: 'a', ...(resource.namespaced ? { namespace: 'n' } : {}) }, ...body } as KubeObject);
const created = (resource: ResourceType, body: object): readonly string[] => validateCreate(resource, build(resource, body)).map((c) => `${c.field}: ${c.message}`);
const updated = (resource: ResourceType, before: object, after: object): readonly string[] => validateUpdate(resource, build(resource, after), build(resource, before)).map((c) => `${c.field}: ${c.message}`);

const backend = { service: { name: 's', port: { number: 80 } } };
const path = (more: object): object => ({ spec: { rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend, ...more }] } }] } });
const at = 'spec.rules[0].http.paths[0]';
const port = (more: object): object => ({ spec: { podSelector: {}, ingress: [{ ports: [more] }] } });
const peer = (more: object): object => ({ spec: { podSelector: {}, ingress: [{ from: [more] }] } });
const scaler = (more: object): object => ({ spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, maxReplicas: 3, ...more } });
const volume = (more: object = {}): object => ({ spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], nfs: { server: 's', path: '/p' }, ...more } });
const claim = (more: object = {}): object => ({ spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...more } });
const container = { name: 'c', image: 'i' };
const jobTemplate = { metadata: { labels: { a: 'b' } }, spec: { restartPolicy: 'Never', containers: [container] } };
const job = (more: object): object => ({ spec: { template: jobTemplate, ...more } });
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } };
const set = (more: object): object => ({ spec: { selector: { matchLabels: { a: 'b' } }, template, serviceName: 's', ...more } });
const cron = (more: object): object => ({ spec: { schedule: '* * * * *', jobTemplate: { spec: { template: jobTemplate } }, ...more } });
const pod = (more: object): object => ({ spec: { containers: [container], ...more } });
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io';
const annotated = (annotations: object, spec: object = {}): object => ({ ...pod(spec), metadata: { name: 'a', namespace: 'n', annotations } });
const inContainer = (more: object): object => pod({ containers: [{ ...container, ...more }] });
const slice = (more: object): object => ({ addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ port: 80 }], ...more });
const TIME = '2026-01-02T03:04:05.000006Z';
const event = (more: object): object => ({ involvedObject: { namespace: 'n' }, ...more });
const newEvent = (more: object): object => ({ regarding: { namespace: 'n' }, eventTime: TIME, reportingController: 'c.io/d', reportingInstance: 'i', action: 'a', reason: 'r', type: 'Normal', ...more });
/** One that is suspended, and what its pods then ask for. */
const suspended = (status: object, cpu: string): object => ({ ...job({ suspend: true, template: { ...jobTemplate, spec: { ...jobTemplate.spec, containers: [{ ...container, resources: { requests: { cpu } } }] } } }), status });

for (const [resource, body] of [
  [resources.INGRESSES, path({})], [resources.NETWORK_POLICIES, port({ port: 80, endPort: 90 })], [resources.HORIZONTAL_POD_AUTOSCALERS, scaler({})], [resources.HORIZONTAL_POD_AUTOSCALERS_V1, scaler({})],
  [resources.PERSISTENT_VOLUMES, volume()], [resources.PERSISTENT_VOLUME_CLAIMS, claim()], [resources.STATEFUL_SETS, set({ volumeClaimTemplates: [{ metadata: { name: 'v' }, ...claim() }], template: { ...template, spec: { containers: [{ ...container, volumeMounts: [{ name: 'v', mountPath: '/v' }] }] } } })],
  [resources.DAEMON_SETS, { spec: { selector: { matchLabels: { a: 'b' } }, template } }], [resources.CRON_JOBS, cron({ timeZone: 'Europe/Berlin' })], [resources.ENDPOINT_SLICES, slice({})],
  [resources.JOBS, job({ completionMode: 'Indexed', completions: 3, backoffLimitPerIndex: 1, successPolicy: { rules: [{ succeededIndexes: '0,1-2', succeededCount: 2 }] } })],
  [resources.EVENTS_V1, newEvent({ series: { count: 2, lastObservedTime: TIME } })],
  [resources.STORAGE_CLASSES, { provisioner: 'p.io/x' }], [resources.POD_DISRUPTION_BUDGETS, { spec: { minAvailable: '50%', selector: {} } }], [resources.LEASES, { spec: { leaseDurationSeconds: 10 } }],
  [resources.REPLICATION_CONTROLLERS, { spec: { template } }], [resources.NODES, { spec: { podCIDRs: ['10.0.0.0/24'], taints: [{ key: 'k', effect: 'NoSchedule' }] } }], [resources.RUNTIME_CLASSES, { handler: 'runc' }],
] as const) {
  test(`a right ${resource.kind} (${resource.version}) is taken, and taken again`, (t) => {
    t.deepEqual(created(resource, body), []);
    t.deepEqual(updated(resource, body, body), []);
  });
}

const OF_VERSION = 'must be `spec.version+"."+spec.group`: "v1.x.io"';
const extension = (metadata: object): object => ({ metadata, spec: { group: 'x.io', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 } });
const PATHS = ['Exact', 'ImplementationSpecific', 'Prefix'].map((name) => JSON.stringify(name)).join(', ');
for (const [resource, body, ...expected] of [
  [resources.INGRESSES, {}, 'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
  [resources.INGRESSES, path({ path: 'x' }), `${at}.path: Invalid value: "x": must be an absolute path`],
  [resources.INGRESSES, path({ path: '/a//b' }), `${at}.path: Invalid value: "/a//b": must not contain '//'`],
  [resources.INGRESSES, path({ pathType: 'No' }), `${at}.pathType: Unsupported value: "No": supported values: ${PATHS}`],
  [resources.INGRESSES, path({ backend: {} }), `${at}.backend: Invalid value: "": resource or service backend is required`],
  [resources.INGRESSES, path({ backend: { service: { name: 's' } } }), `${at}.backend: Required value: port name or number is required`],
  [resources.INGRESSES, { spec: { rules: [{ host: '10.0.0.1' }] } }, 'spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
  [resources.INGRESS_CLASSES, { spec: { controller: 'x' } }, 'spec.controller: Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")'],
  [resources.NETWORK_POLICIES, port({ port: 90, endPort: 80 }), 'spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`'],
  [resources.NETWORK_POLICIES, port({ endPort: 80 }), 'spec.ingress[0].ports[0].endPort: Invalid value: 80: may not be specified when `port` is not specified'],
  [resources.NETWORK_POLICIES, peer({}), 'spec.ingress[0].from[0]: Required value: must specify a peer'],
  [resources.NETWORK_POLICIES, peer({ ipBlock: { cidr: '10.0.0.0/24', except: ['10.1.0.0/25'] } }), 'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "10.1.0.0/25": must be a strict subset of `cidr`'],
  [resources.HORIZONTAL_POD_AUTOSCALERS, scaler({ maxReplicas: 0 }), 'spec.maxReplicas: Required value: must be set and greater than 0', 'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`'],
  [resources.HORIZONTAL_POD_AUTOSCALERS, scaler({ scaleTargetRef: { apiVersion: 'v1', kind: 'Deployment', name: 'd' } }), 'spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group'],
  [resources.HORIZONTAL_POD_AUTOSCALERS_V1, scaler({ scaleTargetRef: { apiVersion: 'a/b/c', kind: 'Deployment', name: 'd' } }), 'spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
  [resources.SERVICES, { spec: { clusterIP: '10.96.0.8', clusterIPs: ['10.96.0.8', '10.96.0.9'], ports: [{ port: 80 }] } }, 'spec.clusterIPs: Invalid value: ["10.96.0.8","10.96.0.9"]: may specify no more than one IP for each IP family'],
  [resources.SERVICES, { spec: { clusterIPs: ['None'], ports: [{ port: 80 }] } }, 'spec.clusterIPs: Invalid value: ["None"]: must be empty when `clusterIP` is not specified'],
  [resources.DEPLOYMENTS, { spec: { template } }, 'spec.selector: Required value', 'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`'],
  [resources.DAEMON_SETS, { spec: { template } }, 'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`'],
  [resources.JOBS, job({ manualSelector: true }), 'spec.selector: Required value', 'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`'],
  [resources.CRON_JOBS, cron({ timeZone: 'europe/berlin' }), 'spec.timeZone: Invalid value: "europe/berlin": unknown time zone europe/berlin'],
  [resources.CRON_JOBS, cron({ timeZone: '+01:00' }), 'spec.timeZone: Invalid value: "+01:00": unknown time zone +01:00'],
  [resources.RUNTIME_CLASSES, {}, 'handler: Required value'],
  [resources.API_SERVICES, extension({ generateName: 'x', name: 'v1.x.io' }), `metadata.generateName: Invalid value: "x": ${OF_VERSION}`],
  [resources.API_SERVICES, extension({ name: 'v1/x' }), 'metadata.name: Invalid value: "v1/x": may not contain \'/\''],
  [resources.API_SERVICES, extension({ name: 'v1' }), `metadata.name: Invalid value: "v1": ${OF_VERSION}`],
  [resources.CSI_STORAGE_CAPACITIES, { storageClassName: 's', capacity: '-1', maximumVolumeSize: '-2' }, 'capacity: Invalid value: "-1": must be greater than or equal to 0'],
  [resources.EVENTS, event({ involvedObject: {} }), 'involvedObject.namespace: Invalid value: "": does not match event.namespace'],
  [resources.EVENTS, event({ eventTime: TIME, reportingComponent: 'c.io/d', reportingInstance: 'i', reason: 'x'.repeat(129) }), 'action: Required value', 'reason: Invalid value: "": can have at most 128 characters'],
  [resources.EVENTS_V1, newEvent({ action: 'ä'.repeat(65) }), 'action: Invalid value: "": can have at most 128 characters'],
  [resources.EVENTS_V1, newEvent({ series: { count: 1 } }), 'series.count: Invalid value: "": should be at least 2', 'series.lastObservedTime: Required value'],
  [resources.EVENTS_V1, newEvent({ deprecatedCount: 1, deprecatedFirstTimestamp: TIME, type: 'Odd' }), 'type: Invalid value: "": has invalid value: Odd', 'firstTimestamp: Invalid value: "": needs to be unset', 'count: Invalid value: "": needs to be unset'],
  [resources.HORIZONTAL_POD_AUTOSCALERS, scaler({ metrics: [{ type: 'Pods' }] }), 'spec.metrics[0].pods: Required value: must populate information for the given metric source'],
  [resources.POD_DISRUPTION_BUDGETS, { spec: { minAvailable: '150%' } }, 'spec.minAvailable: Invalid value: "150%": must not be greater than 100%'],
  [resources.STORAGE_CLASSES, {}, 'provisioner: Required value'],
  [resources.STORAGE_CLASSES, { provisioner: 'p', volumeBindingMode: 'x' }, 'volumeBindingMode: Unsupported value: "x": supported values: "Immediate", "WaitForFirstConsumer"'],
  [resources.PERSISTENT_VOLUMES, volume({ nfs: undefined }), 'spec: Required value: must specify a volume type'],
  [resources.PERSISTENT_VOLUMES, volume({ capacity: {} }), 'spec.capacity: Required value', 'spec.capacity: Unsupported value: {}: supported values: "storage"'],
  [resources.PERSISTENT_VOLUMES, volume({ nfs: undefined, local: { path: '/p' } }), 'spec.nodeAffinity: Required value: Local volume requires node affinity'],
  [resources.PERSISTENT_VOLUME_CLAIMS, claim({ accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] }), 'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes'],
  [resources.ENDPOINTS, { subsets: [{}] }, 'subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
  [resources.ENDPOINTS, { subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ port: 80 }] }] }, 'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [resources.ENDPOINT_SLICES, slice({ endpoints: [{ addresses: [] }] }), 'endpoints[0].addresses: Required value: must contain at least 1 address'],
  [resources.ENDPOINT_SLICES, slice({ addressType: 'x' }), 'addressType: Unsupported value: "x": supported values: "FQDN", "IPv4", "IPv6"'],
  [resources.JOBS, job({ maxFailedIndexes: 1 }), 'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified', 'spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode'],
  [resources.JOBS, job({ podFailurePolicy: { rules: [{ action: 'Ignore' }] } }), 'spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required'],
  [resources.JOBS, job({ completionMode: 'Indexed', completions: 2, successPolicy: { rules: [{ succeededIndexes: '2' }] } }), 'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "2": error parsing succeededIndexes: too large index: "2"'],
  [resources.CRON_JOBS, cron({ schedule: '61 * * * *' }), 'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61'],
  [resources.CRON_JOBS, cron({ schedule: 'x * * * *' }), 'spec.schedule: Invalid value: "x * * * *": failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  [resources.CRON_JOBS, cron({ timeZone: 'No/Where' }), 'spec.timeZone: Invalid value: "No/Where": unknown time zone No/Where'],
  [resources.CRON_JOBS, cron({ schedule: 'TZ=UTC * * * * *', timeZone: 'UTC' }), 'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead'],
  [resources.HORIZONTAL_POD_AUTOSCALERS, scaler({ behavior: { scaleUp: { tolerance: '-1' } } }), 'spec.behavior.scaleUp.tolerance: Invalid value: "-1": must be greater or equal to zero'],
  [resources.PODS, pod({ tolerations: [{ key: 'k', operator: 'Lt', value: '1' }] }), 'spec.tolerations[0].operator: Unsupported value: "Lt": supported values: "Equal", "Exists"'],
  [resources.PODS, annotated({ 'kubernetes.io/config.mirror': 'x', 'controller.kubernetes.io/pod-deletion-cost': '+1' }), 'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set',
    'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+1": must be a 32bit integer'],
  [resources.PODS, annotated({ 'seccomp.security.alpha.kubernetes.io/pod': 'x', 'container.seccomp.security.alpha.kubernetes.io/c': 'localhost/x' }), 'metadata.annotations.seccomp.security.alpha.kubernetes.io/pod: Invalid value: "x": must be a valid seccomp profile'],
  [resources.PODS, annotated({ [`${APP_ARMOR}/c`]: 'x', [`${APP_ARMOR}/d`]: 'unconfined' }), `metadata.annotations[${APP_ARMOR}/c]: Invalid value: "x": invalid AppArmor profile name: "x"`, `metadata.annotations[${APP_ARMOR}/d]: Invalid value: "d": container not found`],
  [resources.STATEFUL_SETS, set({ podManagementPolicy: 'x' }), "spec.podManagementPolicy: Invalid value: \"x\": must be 'OrderedReady' or 'Parallel'"],
  [resources.DAEMON_SETS, { spec: { selector: { matchLabels: { a: 'b' } }, template, updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } } } }, 'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero'],
  [resources.LEASES, { spec: { leaseDurationSeconds: 0 } }, 'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
  [resources.NODES, { spec: { taints: [{ key: 'k', effect: 'x' }] } }, 'metadata.taints[0].effect: Unsupported value: "x": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"'],
  [resources.PODS, inContainer({ livenessProbe: { httpGet: { port: 80 }, successThreshold: 2 } }), 'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1'],
  [resources.PODS, inContainer({ ports: [{ containerPort: 80, hostPort: 80 }, { containerPort: 81, hostPort: 80 }] }), 'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"'],
  [resources.PODS, inContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.containers' } } }] }), 'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.containers": error converting fieldPath: field label not supported: spec.containers'],
  [resources.PODS, inContainer({ lifecycle: { preStop: { sleep: { seconds: 31 } } } }), 'spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)'],
  [resources.PODS, inContainer({ resources: { requests: { 'hugepages-2Mi': '2Mi' } } }), 'spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources', 'spec.containers[0].resources: Forbidden: HugePages require cpu or memory'],
  [resources.PODS, pod({ tolerations: [{ effect: 'NoSchedule' }] }), 'spec.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"'],
  [resources.PODS, pod({ ephemeralContainers: [{ ...container, name: 'e' }] }), 'spec.ephemeralContainers: Forbidden: cannot be set on create'],
  [resources.PODS, pod({ volumes: [{ name: 'v', hostPath: { path: '/a/../b' } }] }), "spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'"],
  [resources.PODS, pod({ volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 10 } }] } }], serviceAccountName: 's' }), 'spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes'],
  [resources.PODS, pod({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } }), 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term'],
  [resources.PODS, pod({ os: { name: 'x' } }), 'spec.os: Unsupported value: "x": supported values: "linux", "windows"'],
  [resources.PODS, pod({ securityContext: { seccompProfile: { type: 'Localhost' } } }), 'spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost'],
  [resources.PODS, pod({ dnsConfig: { searches: ['_sip._tcp.example.com', 'a_.example.com'] } }), "spec.dnsConfig.searches[1]: Invalid value: \"a_.example.com\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')"],
  [resources.PODS, pod({ nodeName: 'x', schedulingGates: [{ name: 'g' }] }), 'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared'],
] as const) {
  test(`a ${resource.kind} (${resource.version}) is refused: ${expected[0]}`, (t) => { t.deepEqual(created(resource, body), [...expected]); });
}

for (const [name, resource, before, after, expected] of [
  ['a storage class\'s provisioner', resources.STORAGE_CLASSES, { provisioner: 'a' }, { provisioner: 'b' }, 'provisioner: Invalid value: "b": field is immutable'],
  ['a volume\'s source', resources.PERSISTENT_VOLUMES, volume(), volume({ nfs: { server: 'x', path: '/p' } }), 'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation'],
  ['a claim\'s modes', resources.PERSISTENT_VOLUME_CLAIMS, claim(), claim({ accessModes: ['ReadWriteMany'] }), 'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'],
  ['an ingress class\'s controller', resources.INGRESS_CLASSES, { spec: { controller: 'a.io/b' } }, { spec: { controller: 'a.io/c' } }, 'spec.controller: Invalid value: "a.io/c": field is immutable'],
  ['a slice\'s type', resources.ENDPOINT_SLICES, slice({}), slice({ addressType: 'FQDN' }), 'addressType: Invalid value: "FQDN": field is immutable'],
  ['a job\'s completions', resources.JOBS, job({ completions: 1 }), job({ completions: 2 }), 'spec.completions: Invalid value: 2: field is immutable'],
  ['a node\'s old name', resources.NODES, { spec: { externalID: 'a' } }, { spec: { externalID: 'b' } }, 'spec.externalID: Forbidden: may not be updated'],
  ['a node\'s range', resources.NODES, { spec: { podCIDRs: ['10.0.0.0/24'] } }, { spec: {} }, 'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'],
  ['gates of a pod by adding one', resources.PODS, pod({}), pod({ schedulingGates: [{ name: 'g' }] }), "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g'"],
] as const) {
  test(`an update may not change ${name}`, (t) => { t.deepEqual(updated(resource, before, after), [expected]); });
}

for (const [rule, status, isOpen] of [
  ['has not started', {}, true], ['was started and is at rest', { startTime: TIME, conditions: [{ type: 'Suspended', status: 'True' }] }, true],
  ['is not at rest yet', { startTime: TIME }, false], ['has pods that still run', { active: 1 }, false],
] as const) {
  test(`of a suspended job that ${rule}, what its pods ask for ${isOpen ? 'may' : 'may not'} change`, (t) => {
    const causes = validateUpdate(resources.JOBS, build(resources.JOBS, suspended(status, '2')), build(resources.JOBS, suspended(status, '1')));
    t.deepEqual(causes.map(({ field }) => field), isOpen ? [] : ['spec.template']);
  });
}

test('what is near to the wrong is taken', (t) => {
  t.deepEqual(created(resources.HORIZONTAL_POD_AUTOSCALERS, scaler({ scaleTargetRef: { apiVersion: 'v1', kind: 'ReplicationController', name: 'r' } })), []);
  t.deepEqual(created(resources.CRON_JOBS, cron({ timeZone: 'Etc/GMT+1' })), []);
  t.deepEqual(created(resources.EVENTS, event({ eventTime: TIME, reportingComponent: 'c.io/d', reportingInstance: 'i', action: 'a', reason: 'r' })), []);
  t.deepEqual(created(resources.EVENTS, event({})), []);
});

test('an autoscaler whose target has no group keeps it', (t) => {
  const old = scaler({ scaleTargetRef: { kind: 'Deployment', name: 'd' } });
  t.deepEqual(updated(resources.HORIZONTAL_POD_AUTOSCALERS, old, { ...old, metadata: { name: 'a', namespace: 'n', labels: { a: 'b' } } }), []);
});

test('a write of a status checks the status alone', (t) => {
  const [bad, old] = [{ status: { loadBalancer: { ingress: [{ ip: 'x' }] } } }, {}].map((more) => build(resources.INGRESSES, { spec: {}, ...more }));
  t.deepEqual(validateUpdate(resources.INGRESSES, bad as KubeObject, old as KubeObject, 'status').map((c) => c.field), ['status.loadBalancer.ingress[0].ip']);
});

test('what a pod was made as stays: a mirror, or under a profile that an annotation names', (t) => {
  const at = (annotations: object): object => annotated(annotations, { nodeName: 'x' });
  const MIRROR = 'kubernetes.io/config.mirror';
  t.deepEqual(updated(resources.PODS, at({}), at({ [MIRROR]: 'x', [`${APP_ARMOR}/c`]: 'unconfined' })), [`metadata.annotations[${MIRROR}]: Forbidden: may not add mirror pod annotation`, `metadata.annotations[${APP_ARMOR}/c]: Forbidden: may not add AppArmor annotations`]);
  t.deepEqual(updated(resources.PODS, at({ [MIRROR]: 'x' }), at({ [MIRROR]: 'y' })), [`metadata.annotations[${MIRROR}]: Forbidden: may not remove or update mirror pod annotation`]);
  t.deepEqual(updated(resources.PODS, at({ [MIRROR]: 'x', own: 'a' }), at({ [MIRROR]: 'x', own: 'b' })), []);
});
