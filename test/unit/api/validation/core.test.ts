import test from 'ava';
import { applyDefaults } from '#api/defaults/index.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import * as resources from '#api/resources.ts';
import { validateCreate, validateUpdate } from '#api/validation/index.ts';

const build = (resource: ResourceType, { annotations, ...body }: { readonly annotations?: object } & object): KubeObject =>
  applyDefaults(resource, { apiVersion: 'x', kind: resource.kind, metadata: { name: 'a', ...(resource.namespaced ? { namespace: 'n' } : {}), ...(annotations ? { annotations } : {}) }, ...body } as KubeObject);
const texts = (causes: readonly StatusCause[]): readonly string[] => causes.map(({ field, message }) => `${field}: ${message}`);
const created = (resource: ResourceType, body: object): readonly string[] => texts(validateCreate(resource, build(resource, body)));
const updated = (resource: ResourceType, before: object, after: object, subresource = ''): readonly string[] => texts(validateUpdate(resource, build(resource, after), build(resource, before), subresource));

const TAINTS = 'scheduler.alpha.kubernetes.io/taints';
const AVOID = 'scheduler.alpha.kubernetes.io/preferAvoidPods';
const TOLERATIONS = 'scheduler.alpha.kubernetes.io/tolerations';
const SECCOMP = 'seccomp.security.alpha.kubernetes.io/pod';
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/c';
const COST = 'controller.kubernetes.io/pod-deletion-cost';
const container = { name: 'c', image: 'i' };
const pod = (spec: object = {}, annotations?: object): object => ({ spec: { containers: [container], ...spec }, ...(annotations ? { annotations } : {}) });
const context = (securityContext: object, annotations?: object): object => pod({ securityContext }, annotations);
const node = (spec: object, status: object = {}): object => ({ spec, status });
const docker = (text: string): object => ({ type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': Buffer.from(text).toString('base64') } });
const selected = (name: string, operator: string): object => ({ spec: { hard: { pods: '1', services: '1' }, scopeSelector: { matchExpressions: [{ scopeName: name, operator }] } } });
const image = (text: string): object => pod({ containers: [{ ...container, image: text, imagePullPolicy: 'Always' }] });
const gated = (values: readonly string[]): object => pod({ schedulingGates: [{ name: 'g' }], affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values }] }] } } } });

for (const [resource, body, ...expected] of [
  [resources.NODES, node({ podCIDRs: ['x', '10.0.0.0/16'] }), 'spec.podCIDRs[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)', 'spec.podCIDRs: Internal error: invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[0]: <nil> (invalid CIDR address: x)', 'spec.podCIDRs: Invalid value: ["x","10.0.0.0/16"]: may specify no more than one CIDR for each IP family'],
  [resources.NODES, node({ taints: [{ key: 'd', effect: 'NoExecute' }, { key: 'd', effect: 'NoExecute' }] }), 'metadata.taints[1]: Duplicate value: {"Key":"d","Value":"","Effect":"NoExecute","TimeAdded":null}: taints must be unique by key and effect pair'],
  [resources.NODES, node({}, { nodeInfo: { swap: { capacity: 0 } } }), 'metadata.nodeSwapStatus.capacity: Invalid value: 0: must be greater than zero'],
  [resources.NODES, node({}, { declaredFeatures: ['B', 'B', 'A'] }), 'status.declaredFeatures[1]: Duplicate value: "B"', 'status.declaredFeatures[2]: Invalid value: "A": list must be sorted alphabetically'],
  [resources.NODES, { annotations: { [TAINTS]: '{}', [AVOID]: '{' } }, `metadata.annotations: Invalid value: "${TAINTS}": json: cannot unmarshal object into Go value of type []core.Taint`, `metadata.annotations.AvoidPods: Invalid value: "${AVOID}": unexpected end of JSON input`],
  [resources.NODES, { annotations: { [TAINTS]: '[{"key":"a","effect":"x"}]', [AVOID]: '{"preferAvoidPods":[{},{"podSignature":{"podController":{"controller":false}}}]}' } }, `metadata.annotations.${TAINTS}[0].effect: Unsupported value: "x": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"`, `metadata.annotations.${AVOID}[0].PodSignature: Required value`, `metadata.annotations.${AVOID}[1].PodSignature.PodController.Controller: Invalid value: false: must point to a controller`],
  [resources.SECRETS, docker('bad'), "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character 'b' looking for beginning of value"],
  [resources.SECRETS, docker('[]'), 'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": json: cannot unmarshal array into Go value of type map[string]interface {}'],
  [resources.REPLICATION_CONTROLLERS, { spec: { selector: { a: 'b' }, template: pod() } }, 'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`'],
  [resources.RESOURCE_QUOTAS, selected('BestEffort', 'Exists'), 'spec.scopeSelector.matchExpressions: Invalid value: {"MatchExpressions":[{"ScopeName":"BestEffort","Operator":"Exists","Values":null}]}: unsupported scope applied to resource'],
  [resources.PODS, pod({ os: {} }), 'spec.os.name: Required value: cannot be empty'],
  [resources.PODS, pod({ overhead: { pods: '1' } }), 'spec.overhead.limits[pods]: Invalid value: "pods": must be a standard resource for containers'],
  [resources.PODS, context({ fsGroupChangePolicy: '' }), 'spec.securityContext.fsGroupChangePolicy: Unsupported value: "": supported values: "Always", "OnRootMismatch"'],
  [resources.PODS, context({ seccompProfile: { type: 'Unconfined', localhostProfile: 'a' } }), 'spec.securityContext.seccompProfile.localhostProfile: Invalid value: {"Type":"Unconfined","LocalhostProfile":"a"}: can only be set when seccomp type is Localhost'],
  [resources.PODS, pod({ containers: [{ ...container, securityContext: { privileged: true, allowPrivilegeEscalation: false } }] }), 'spec.containers[0].securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true'],
  [resources.PODS, context({ seccompProfile: { type: 'RuntimeDefault' } }, { [SECCOMP]: 'unconfined' }), 'spec.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match'],
  [resources.PODS, context({ seccompProfile: { type: 'Localhost', localhostProfile: 'a' } }, { [SECCOMP]: 'localhost/b' }), 'spec.securityContext.seccompProfile.localhostProfile: Forbidden: seccomp profile in annotation and field must match'],
  [resources.PODS, context({ appArmorProfile: { type: 'RuntimeDefault' } }, { [APP_ARMOR]: 'localhost/b' }), 'spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in annotation and field must match'],
  [resources.PODS, pod({}, { [SECCOMP]: 'localhost/../a' }), `metadata.annotations.${SECCOMP}: Invalid value: "../a": must not contain '..'`],
  [resources.PODS, pod({}, { [TOLERATIONS]: '[{"key":"a","operator":"x"}]' }), `metadata.annotations.${TOLERATIONS}[0].operator: Unsupported value: "x": supported values: "Equal", "Exists"`],
] as const) test(`a ${resource.kind} is refused: ${expected[0].slice(0, 160)}`, (t) => { t.deepEqual(created(resource, body), [...expected]); });

for (const [name, resource, before, after, ...expected] of [
  ['the ranges of a node', resources.NODES, node({ podCIDRs: ['10.0.0.0/16', '2000::/10'] }), node({ podCIDRs: ['10.1.0.0/16', '2001::/16'] }), ...Array.from({ length: 2 }, () => 'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid')],
  ['the addresses of a node, so that one stands twice', resources.NODES, node({}), node({}, { addresses: [{ type: 'Hostname', address: 'a' }, { type: 'Hostname', address: 'a' }] }), 'status.addresses[1]: Duplicate value: {"Type":"Hostname","Address":"a"}'],
  ['a pod\'s image to none', resources.PODS, image('i'), image(' i'), ...Array.from({ length: 2 }, () => 'spec.containers[0].image: Invalid value: " i": must not have leading or trailing whitespace')],
  ['a pod\'s deadline to one before its start', resources.PODS, pod(), pod({ activeDeadlineSeconds: -1 }), 'spec.activeDeadlineSeconds: Invalid value: -1: must be between 1 and 2147483647, inclusive', 'spec.activeDeadlineSeconds: Invalid value: -1: must be between 0 and 2147483647, inclusive'],
  ['where a gated pod may go', resources.PODS, gated(['b']), gated(['c']), 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]: Invalid value: {"MatchExpressions":[{"Key":"a","Operator":"In","Values":["c"]}],"MatchFields":null}: only additions are allowed (no mutations or deletions)'],
  ['the cost of a pod to a word', resources.PODS, pod(), pod({}, { [COST]: 'x' }), ...Array.from({ length: 2 }, () => `metadata.annotations[${COST}]: Invalid value: "x": must be a 32bit integer`)],
] as const) test(`an update may not change ${name}`, (t) => { t.deepEqual(updated(resource, before, after), [...expected]); });

test('a beginning of names is told as it was sent, and may be as long as a name with the dash', (t) => {
  const named = (generateName: string): readonly string[] => texts(validateCreate(resources.CONFIG_MAPS, { ...build(resources.CONFIG_MAPS, {}), metadata: { generateName, namespace: 'n' } } as unknown as KubeObject));
  t.regex(named('AB-').join(), /^metadata\.generateName: Invalid value: "AB-": a lowercase RFC 1123 subdomain/);
  t.deepEqual(named(`${'a'.repeat(253)}-`), []);
});

test('what may be all the same', (t) => {
  t.deepEqual(created(resources.SECRETS, docker('null')), []);
  t.deepEqual(created(resources.PODS, context({ appArmorProfile: { type: 'RuntimeDefault' }, seccompProfile: { type: 'RuntimeDefault' } }, { [APP_ARMOR]: 'runtime/default', [SECCOMP]: 'docker/default' })), []);
  t.deepEqual(created(resources.NODES, { annotations: { [TAINTS]: 'null', [AVOID]: '{"preferAvoidPods":[{"podSignature":{"podController":{"controller":true}}}]}' }, ...node({ podCIDRs: ['10.0.0.0/16', '2000::/10'] }, { declaredFeatures: ['A', 'A/b'] }) }), []);
  t.deepEqual(updated(resources.PODS, pod({}, { [COST]: '+1' }), pod({}, { [COST]: 'x' })), []);
});
