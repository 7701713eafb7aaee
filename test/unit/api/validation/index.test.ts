import test from 'ava';
import { applyDefaults } from '#api/defaults/index.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import * as resources from '#api/resources.ts';
import { validateCreate, validateUpdate } from '#api/validation/index.ts';

const build = (resource: ResourceType, body: object, metadata: object = {}): KubeObject =>
  applyDefaults(resource, { apiVersion: 'x', kind: resource.kind, metadata: { name: 'a', ...(resource.namespaced ? { namespace: 'n' } : {}), ...metadata }, ...body } as KubeObject);
const created = (resource: ResourceType, body: object, metadata?: object): readonly string[] => validateCreate(resource, build(resource, body, metadata)).map((c) => `${c.field}: ${c.message}`);
const updated = (resource: ResourceType, before: object, after: object, metadata?: object): readonly string[] =>
  validateUpdate(resource, build(resource, after, metadata), build(resource, before, metadata)).map((c) => `${c.field}: ${c.message}`);

const container = { name: 'c', image: 'i' };
const pod = (spec: object): object => ({ spec: { containers: [container], ...spec } });
const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [container] } };
const workload = (spec: object = {}): object => ({ spec: { selector: { matchLabels: { app: 'x' } }, template, ...spec } });
const jobTemplate = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };

for (const [name, resource, body] of [
  ['pod', resources.PODS, pod({ volumes: [{ name: 'v', secret: { secretName: 's' } }] })],
  ['deployment', resources.DEPLOYMENTS, workload()], ['replica set', resources.REPLICA_SETS, workload()], ['daemon set', resources.DAEMON_SETS, workload()], ['stateful set', resources.STATEFUL_SETS, workload()],
  ['job', resources.JOBS, { spec: { template: jobTemplate } }], ['cron job', resources.CRON_JOBS, { spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: jobTemplate } } } }],
  ['service', resources.SERVICES, { spec: { ports: [{ port: 80 }] } }], ['config map', resources.CONFIG_MAPS, { data: { 'a.b': 'c' } }], ['secret', resources.SECRETS, { stringData: { a: 'b' } }], ['namespace', resources.NAMESPACES, {}],
  ['role', resources.ROLES, { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }], ['cluster role binding', resources.CLUSTER_ROLE_BINDINGS, { roleRef: { kind: 'ClusterRole', name: 'system:x' }, subjects: [{ kind: 'User', name: 'u' }] }],
  ['repository', resources.REPOSITORIES, { spec: { url: '/srv/git' } }], ['application', resources.APPLICATIONS, { spec: { repository: 'r', path: 'a/b' } }],
] as const) {
  test(`a right ${name} has no problems, neither created nor updated`, (t) => {
    t.deepEqual(created(resource, body), []);
    t.deepEqual(updated(resource, body, body), []);
  });
}

for (const [resource, body, metadata, expected] of [
  [resources.CONFIG_MAPS, {}, { name: '' }, ['metadata.name: Required value: name or generateName is required']],
  [resources.CONFIG_MAPS, {}, { namespace: '' }, ['metadata.namespace: Required value']],
  [resources.NAMESPACES, {}, { namespace: 'x' }, ['metadata.namespace: Forbidden: not allowed on this type']],
  [resources.CONFIG_MAPS, {}, { name: 'A' }, ["metadata.name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"]],
  [resources.CONFIG_MAPS, {}, { labels: { a: '-' } }, ["metadata.labels: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"]],
  [resources.CONFIG_MAPS, {}, { finalizers: ['x'] }, ['metadata.finalizers[0]: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified']],
  [resources.CONFIG_MAPS, {}, { finalizers: ['orphan', 'foregroundDeletion', 'a/b', 'x'] }, ['metadata.finalizers: Invalid value: ["orphan","foregroundDeletion","a/b","x"]: finalizer orphan and foregroundDeletion cannot be both set', 'metadata.finalizers[3]: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified']],
  [resources.CONFIG_MAPS, {}, { name: 'a'.repeat(254) }, [`metadata.name: Invalid value: "${'a'.repeat(254)}": must be no more than 253 characters`]],
  [resources.CONFIG_MAPS, {}, { labels: { [`${'a'.repeat(254)}/${'b'.repeat(64)}`]: 'c'.repeat(64) } },
    [`metadata.labels: Invalid value: "${'a'.repeat(254)}/${'b'.repeat(64)}": prefix part must be no more than 253 bytes`, `metadata.labels: Invalid value: "${'a'.repeat(254)}/${'b'.repeat(64)}": name part must be no more than 63 bytes`, `metadata.labels: Invalid value: "${'c'.repeat(64)}": must be no more than 63 bytes`]],
  [resources.NAMESPACES, {}, { name: 'a.b' }, ['metadata.name: Invalid value: "a.b": must not contain dots']],
  [resources.CONFIG_MAPS, {}, { managedFields: [{ operation: 'Apply', fieldsType: 'FieldsV0' }, { operation: '' }] }, ['metadata.managedFields[0].fieldsType: Invalid value: "FieldsV0": must be `FieldsV1`', 'metadata.managedFields[1].operation: Invalid value: "": must be `Apply` or `Update`']],
  [resources.CONFIG_MAPS, {}, { managedFields: [{ operation: 'Update', manager: 'm'.repeat(129) }, { operation: 'Update', manager: 'a\nb', subresource: 's'.repeat(257) }] }, ['metadata.managedFields[0].manager: Too long: may not be more than 128 bytes', 'metadata.managedFields[1].manager: Invalid value: "a\\nb": invalid character U+000A (at position 1)', 'metadata.managedFields[1].subresource: Too long: may not be more than 256 bytes']],
  [resources.CONFIG_MAPS, { data: { '..': '' } }, {}, ["data[..]: Invalid value: \"..\": must not be '..'"]],
  [resources.PODS, {}, {}, ['spec.containers: Required value']],
  [resources.PODS, pod({ containers: [container, container] }), {}, ['spec.containers[1].name: Duplicate value: "c"']],
  [resources.PODS, pod({ containers: [{ name: 'c' }] }), {}, ['spec.containers[0].image: Required value']],
  [resources.PODS, pod({ restartPolicy: 'x' }), {}, ['spec.restartPolicy: Unsupported value: "x": supported values: "Always", "OnFailure", "Never"']],
  [resources.PODS, pod({ containers: [{ ...container, volumeMounts: [{ name: 'v', mountPath: '/v' }] }] }), {}, ['spec.containers[0].volumeMounts[0].name: Not found: "v"']],
  [resources.PODS, pod({ containers: [{ ...container, ports: [{ containerPort: 70000 }] }] }), {}, ['spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive']],
  [resources.PODS, pod({ containers: [{ ...container, resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }] }), {}, ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1']],
  [resources.PODS, pod({ volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] }), {}, ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type']],
  [resources.DEPLOYMENTS, {}, {}, ['spec.selector: Required value', 'spec.template: Required value']],
  [resources.DEPLOYMENTS, workload({ selector: { matchLabels: { app: 'y' } } }), {}, ['spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`']],
  [resources.DEPLOYMENTS, workload({ replicas: -1 }), {}, ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
  [resources.DEPLOYMENTS, workload({ template: jobTemplate }), {}, ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"']],
  [resources.DEPLOYMENTS, workload({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }), {}, ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0']],
  [resources.JOBS, { spec: { template } }, {}, ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"']],
  [resources.CRON_JOBS, { spec: { schedule: '* *', jobTemplate: { spec: { template: jobTemplate } } } }, {}, ['spec.schedule: Invalid value: "* *": expected exactly 5 fields, found 2: [* *]']],
  [resources.SERVICES, { spec: {} }, {}, ['spec.ports: Required value']],
  [resources.SERVICES, { spec: { ports: [{ port: 80 }, { port: 81, name: 'x' }] } }, {}, ['spec.ports[0].name: Required value']],
  [resources.SERVICES, { spec: { ports: [{ port: 0 }] } }, {}, ['spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive', 'spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive']],
  [resources.SECRETS, { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }, {}, ['data[tls.key]: Required value']],
  [resources.ROLE_BINDINGS, { roleRef: { kind: 'X', name: 'r' } }, {}, ['roleRef.kind: Unsupported value: "X": supported values: "Role", "ClusterRole"']],
  [resources.APPLICATIONS, { spec: { repository: 'r', path: '../x' } }, {}, ["spec.path: Invalid value: \"../x\": must be a folder inside the repository, without a leading slash or '..'"]],
  [resources.REPOSITORIES, { spec: { url: 'x', ref: '-x' } }, {}, ['spec.url: Invalid value: "x": must be an https://, ssh:// or git@host:path address, or an absolute path', 'spec.ref: Invalid value: "-x": must be a branch, a tag, a commit id or a range of versions']],
] as const) {
  test(`a ${resource.kind} is refused: ${expected[0].slice(0, 90)}`, (t) => { t.deepEqual(created(resource, body, metadata), [...expected]); });
}

for (const [name, resource, before, after, expected] of [
  ['a selector', resources.DEPLOYMENTS, workload(), workload({ selector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } }), 'spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"Exists"}]}: field is immutable'],
  ['a pod\'s command', resources.PODS, pod({}), pod({ containers: [{ ...container, command: ['x'] }] }), 'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'],
  ['immutable data', resources.CONFIG_MAPS, { data: { a: '1' }, immutable: true }, { data: { a: '2' }, immutable: true }, 'data: Forbidden: field is immutable when `immutable` is set'],
  ['a secret\'s type', resources.SECRETS, { type: 'a/b' }, { type: 'c/d' }, 'type: Invalid value: "c/d": field is immutable'],
  ['a service\'s address', resources.SERVICES, { spec: { clusterIP: '10.0.0.1', ports: [{ port: 1 }] } }, { spec: { clusterIP: '10.0.0.2', ports: [{ port: 1 }] } }, 'spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set'],
  ['a role reference', resources.ROLE_BINDINGS, { roleRef: { kind: 'Role', name: 'a' } }, { roleRef: { kind: 'Role', name: 'b' } }, 'roleRef: Invalid value: {"kind":"Role","name":"b","apiGroup":"rbac.authorization.k8s.io"}: cannot change roleRef'],
  ['a stateful set\'s service', resources.STATEFUL_SETS, workload({ serviceName: 'a' }), workload({ serviceName: 'b' }), "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"],
] as const) {
  test(`an update may not change ${name}`, (t) => { t.deepEqual(updated(resource, before, after), [expected]); });
}

test('an update may change a pod\'s image and add tolerations', (t) => {
  t.deepEqual(updated(resources.PODS, pod({}), pod({ containers: [{ ...container, image: 'j' }], tolerations: [{ operator: 'Exists' }] })), []);
});

test('a record of owners may be as long as clients write it, and say less', (t) => {
  t.deepEqual(created(resources.CONFIG_MAPS, {}, { managedFields: [{ operation: 'Update', manager: 'm'.repeat(128), fieldsType: '', subresource: 's'.repeat(256) }, { operation: 'Apply', manager: '' }] }), []);
});

test('metadata of the system does not change', (t) => {
  const [old, now] = [build(resources.CONFIG_MAPS, {}, { uid: 'a', deletionTimestamp: 't' }), build(resources.CONFIG_MAPS, {}, { uid: 'b', finalizers: ['x/y'] })];
  t.deepEqual(validateUpdate(resources.CONFIG_MAPS, now, old).map((c) => `${c.field}: ${c.message}`), [
    'metadata.uid: Invalid value: "b": field is immutable',
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x/y"}',
  ]);
});

test('an object without a spec is refused, never a crash', (t) => {
  for (const resource of resources.BUILT_IN_RESOURCES) t.notThrows(() => { validateCreate(resource, build(resource, {})); validateUpdate(resource, build(resource, {}), build(resource, {})); }, resource.kind);
});

test('names follow the rule of their kind when an object is made, and are not asked again', (t) => {
  const fieldsOf = (causes: readonly string[]): readonly string[] => causes.filter((cause) => cause.startsWith('metadata.name'));
  for (const resource of [resources.EVENTS, resources.CERTIFICATE_SIGNING_REQUESTS, resources.POD_DISRUPTION_BUDGETS, resources.CLUSTER_ROLES]) t.deepEqual(fieldsOf(created(resource, {}, { name: 'system:Node_1' })), []);
  t.is(fieldsOf(created(resources.STATEFUL_SETS, workload(), { name: 'a.b' })).length, 1);
  t.deepEqual(updated(resources.STATEFUL_SETS, workload(), workload(), { name: 'a.b' }), []);
});

test('a name that is still to get its end may end with a dash', (t) => {
  const of = (resource: ResourceType, generateName: string): readonly string[] => created(resource, {}, { name: '', generateName });
  t.deepEqual(of(resources.CONFIG_MAPS, 'a-'), []);
  t.deepEqual(of(resources.NAMESPACES, 'a-'), []);
  for (const name of ['-', 'AB-']) t.is(of(resources.CONFIG_MAPS, name).length, 1, name);
});
