import test from 'ava';
import { applyDefaults } from '#api/defaults/index.ts';
import type { KubeObject } from '#api/object.ts';
import { PODS } from '#api/resources.ts';
import { validateCreate, validateUpdate } from '#api/validation/index.ts';

const container = { name: 'c', image: 'i' };
const pod = (spec: object = {}, annotations: object = {}): object => ({ metadata: { annotations }, spec: { containers: [container], ...spec } });
const inContainer = (more: object, spec: object = {}): object => pod({ containers: [{ ...container, ...more }], ...spec });
const inInit = (more: object, spec: object = {}): object => pod({ initContainers: [{ ...container, name: 'init', ...more }], ...spec });
const build = (body: object): KubeObject => {
  const { metadata, ...rest } = body as { readonly metadata: object };
  return applyDefaults(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'n', ...metadata }, ...rest } as KubeObject);
};
const created = (body: object): readonly string[] => validateCreate(PODS, build(body)).map((c) => `${c.field}: ${c.message}`);

const variable = (valueFrom: object): object => inContainer({ env: [{ name: 'E', valueFrom }] });
const field = (fieldPath: string): object => variable({ fieldRef: { apiVersion: 'v1', fieldPath } });
const resource = (name: string, divisor: string): object => variable({ resourceFieldRef: { resource: name, divisor } });
const file = (volume: object): object => inContainer({ env: [{ name: 'E', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'p', key: 'k' } } }] }, { volumes: [{ name: 'v', ...volume }] });
const block = { name: 'v', persistentVolumeClaim: { claimName: 'v' } };
const claims = (list: readonly object[]): object => inContainer({ resources: { claims: list } }, { resourceClaims: [{ name: 'g', resourceClaimName: 'g' }] });
const rule = { action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [1] } };
const huge = (amount: string): object => ({ 'hugepages-2Mi': amount });
const sized = (pages: string, sum: string): object => inContainer({ resources: { requests: { cpu: '1', ...huge(pages) }, limits: huge(pages) } }, { resources: { requests: { cpu: '1', ...huge(sum) }, limits: huge(sum) } });
const SECCOMP = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_C = 'container.seccomp.security.alpha.kubernetes.io/c';
const APP_ARMOR_C = 'container.apparmor.security.beta.kubernetes.io/c';
const profiled = (annotations: object, context: object): object => ({ ...inContainer({ securityContext: context }), metadata: { annotations } });
const ENV_FIELDS = ['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs'].map((name) => JSON.stringify(name)).join(', ');
const CONVERTING = 'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value:';
const PROFILE = 'spec.containers[0].securityContext';
const LABEL = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const ANNOTATION = 'metadata.annotations.seccomp.security.alpha.kubernetes.io/pod';

for (const [name, body] of [
  ['fields of the first versions', field('spec.host')], ['labels by name', field("metadata.labels['a/b']")], ['a divisor of huge pages', resource('limits.hugepages-2Mi', '1Mi')], ['a file that its containers write', file({ emptyDir: {} })],
  ['variables of a map whose name is a prefix', inContainer({ envFrom: [{ configMapRef: { name: 'a-' } }] })],
  ['a sidecar that asks for a restart on resize', inInit({ restartPolicy: 'Always', resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] })],
  ['a sidecar with rules for its restart', inInit({ restartPolicy: 'Always', restartPolicyRules: [rule] })],
  ['two requests of one claim', claims([{ name: 'g', request: 'a' }, { name: 'g', request: 'b' }])],
  ['huge pages that fit', sized('4Mi', '4Mi')],
  ['the same profile in an annotation and a field', profiled({ [SECCOMP_C]: 'localhost/p', [APP_ARMOR_C]: 'runtime/default' }, { seccompProfile: { type: 'Localhost', localhostProfile: 'p' }, appArmorProfile: { type: 'RuntimeDefault' } })],
] as const) {
  test(`a pod is taken with ${name}`, (t) => { t.deepEqual(created(body), []); });
}

for (const [body, ...expected] of [
  [inContainer({ name: 'a.b' }), 'spec.containers[0].name: Invalid value: "a.b": must not contain dots'],
  [inContainer({ name: 'a'.repeat(64) }), `spec.containers[0].name: Invalid value: "${'a'.repeat(64)}": must be no more than 63 characters`],
  [pod({ containers: [{ ...container, name: '' }, { ...container, name: '' }] }), 'spec.containers[0].name: Required value', 'spec.containers[1].name: Required value', 'spec.containers[1].name: Duplicate value: ""'],
  [field('spec.restartPolicy'), `spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "spec.restartPolicy": supported values: ${ENV_FIELDS}`],
  [field('spec.hostNetwork'), `${CONVERTING} "spec.hostNetwork": error converting fieldPath: field label not supported: spec.hostNetwork`],
  [field("metadata.name['a']"), `${CONVERTING} "metadata.name['a']": error converting fieldPath: field label does not support subscript: metadata.name['a']`],
  [field("spec.what['a']"), `${CONVERTING} "spec.what['a']": error converting fieldPath: field label does not support subscript: spec.what['a']`],
  [resource('requests.hugepages-2Mi', '3'), "spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: \"requests.hugepages-2Mi\": only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the hugepages resource"],
  [file({ configMap: { name: 'm' } }), 'spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "v": referenced volume must be of type emptyDir'],
  [inContainer({ env: [{ name: 'E', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'p', key: 'k' } } }] }), 'spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Not found: "v"'],
  // A name that is wrong is told of once, not as a double of its like too.
  [inContainer({ ports: [{ name: '1', containerPort: 1 }, { name: '1', containerPort: 2 }] }), 'spec.containers[0].ports[0].name: Invalid value: "1": must contain at least one letter (a-z)', 'spec.containers[0].ports[1].name: Invalid value: "1": must contain at least one letter (a-z)'],
  [inContainer({ volumeMounts: [{}] }), 'spec.containers[0].volumeMounts[0].name: Required value', 'spec.containers[0].volumeMounts[0].name: Not found: ""', 'spec.containers[0].volumeMounts[0].mountPath: Required value'],
  [inContainer({ volumeDevices: [{ name: 'v', devicePath: '/a/../b' }] }, { volumes: [block] }), "spec.containers[0].volumeDevices[0].devicePath: Invalid value: \"/a/../b\": can not contain backsteps ('..')"],
  [inContainer({ resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }, { restartPolicy: 'Never' }), "spec.containers[0].resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when pod `restartPolicy` is 'Never'"],
  [inInit({ resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }), "spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value: \"RestartContainer\": must not be set to 'RestartContainer' for non-sidecar initContainers"],
  [inContainer({ restartPolicy: 'Never', restartPolicyRules: Array.from({ length: 21 }, () => rule) }), 'spec.containers[0].restartPolicyRules: Too many: 21: must have at most 20 items'],
  [inContainer({ restartPolicy: 'Never', restartPolicyRules: [{ ...rule, action: 'x', exitCodes: { operator: 'In', values: Array.from({ length: 256 }, (_, i) => i) } }] }),
    'spec.containers[0].restartPolicyRules[0].action: Unsupported value: "x": supported values: "Restart", "RestartAllContainers"', 'spec.containers[0].restartPolicyRules[0].exitCodes.values: Too many: 256: must have at most 255 items'],
  [inInit({ restartPolicyRules: [rule] }), 'spec.initContainers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used'],
  [pod({ overhead: { cpu: '-1' } }), 'spec.overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
  [claims([{ name: 'g', request: 'a' }, { name: 'g', request: 'a' }]), 'spec.containers[0].resources.claims[1]: Duplicate value: "g/a"'],
  [claims([{ name: 'g', request: 'a' }, { name: 'g', request: 'b' }, { name: 'g' }]), 'spec.containers[0].resources.claims[2]: Duplicate value: "g"', 'spec.containers[0].resources.claims[2]: Duplicate value: "g"'],
  [claims([{ name: 'g', request: 'A' }]), `spec.containers[0].resources.claims[0].request: Invalid value: "A": ${LABEL}`],
  [sized('4Mi', '2Mi'), 'spec.resources.requests[hugepages-2Mi]: Invalid value: "2Mi": must be greater than or equal to aggregate container requests of 4Mi', 'spec.resources.limits[hugepages-2Mi]: Invalid value: "2Mi": must be greater than or equal to aggregate container limits of 4Mi',
    'spec.resources.containers[0][hugepages-2Mi].limits: Invalid value: "4Mi": must be less than or equal to pod limits of 2Mi'],
  [pod({ os: { name: 'windows' }, resources: { limits: { cpu: '1', x: '2' } } }), 'spec.resources: Forbidden: may not be set for a windows pod'],
  [pod({ resourceClaims: [{ name: 'g' }] }), 'spec.resourceClaims[0]: Invalid value: {"Name":"g","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'],
  [pod({ nodeName: 'n', resourceClaims: [{ name: 'g', resourceClaimName: 'g' }] }, { 'kubernetes.io/config.mirror': 'x' }), ': Forbidden: static pods do not support resource claims'],
  [pod({}, { [SECCOMP]: 'localhost//p' }), `${ANNOTATION}: Invalid value: "/p": must be a relative path`],
  [pod({ securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }, { [SECCOMP]: 'unconfined' }), 'spec.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match'],
  [profiled({ [SECCOMP_C]: 'localhost/p' }, { seccompProfile: { type: 'Localhost', localhostProfile: 'q' } }), `${PROFILE}.seccompProfile.localhostProfile: Forbidden: seccomp profile in annotation and field must match`],
  [profiled({ [APP_ARMOR_C]: 'runtime/default' }, { appArmorProfile: { type: 'Unconfined' } }), `${PROFILE}.appArmorProfile.type: Forbidden: apparmor type in annotation and field must match`],
  [profiled({ [APP_ARMOR_C]: 'localhost/p' }, { appArmorProfile: { type: 'Localhost', localhostProfile: 'q' } }), `${PROFILE}.appArmorProfile.localhostProfile: Forbidden: apparmor profile in annotation and field must match`],
  // Values stand there as Go writes them.
  [inContainer({ terminationMessagePolicy: 'a\u0001\té<"' }), 'spec.containers[0].terminationMessagePolicy: Unsupported value: "a\\x01\\té<\\"": supported values: "File", "FallbackToLogsOnError"'],
] as const) {
  test(`refused: ${expected.join('; ').slice(0, 150)}`, (t) => { t.deepEqual(created(body), expected as readonly string[]); });
}

test('an ephemeral container has nothing that needs it to last, not even an empty hook', (t) => {
  const debugged = (more: object): readonly string[] =>
    validateUpdate(PODS, build(pod({ ephemeralContainers: [{ ...container, name: 'd', ...more }] })), build(pod()), 'ephemeralcontainers').map((c) => `${c.field}: ${c.message}`);
  t.deepEqual(debugged({ resources: {}, ports: [] }), []);
  for (const [name, value] of Object.entries({ lifecycle: {}, restartPolicy: '', resources: { limits: { cpu: '1' } }, ports: [{ containerPort: 80 }] })) {
    t.deepEqual(debugged({ [name]: value }), [`spec.ephemeralContainers[0].${name}: Forbidden: cannot be set for an Ephemeral Container`]);
  }
});
