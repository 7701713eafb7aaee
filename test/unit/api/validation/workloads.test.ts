import test from 'ava';
import { applyDefaults } from '#api/defaults/index.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import * as resources from '#api/resources.ts';
import { validateCreate } from '#api/validation/index.ts';

const created = (resource: ResourceType, spec: object): readonly string[] =>
  validateCreate(resource, applyDefaults(resource, { apiVersion: 'apps/v1', kind: resource.kind, metadata: { name: 'a', namespace: 'n' }, spec } as unknown as KubeObject)).map((c) => `${c.field}: ${c.message}`);

const container = { name: 'c', image: 'i' };
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } };
const set = (more: object = {}): object => ({ selector: { matchLabels: { a: 'b' } }, template, ...more });
const WRONG = { selector: { matchLabels: { a: '-' } }, template: { ...template, spec: { containers: [] } } };
const VALUE = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const NO_VALUE = `spec.selector.matchLabels: Invalid value: "-": ${VALUE}`;
const NO_CONTAINERS = 'spec.template.spec.containers: Required value';
const PERCENT = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
const expression = (more: object): object => set({ selector: { matchExpressions: [{ key: 'a', ...more }] } });

for (const [resource, spec, ...expected] of [
  [resources.DEPLOYMENTS, WRONG, NO_VALUE, 'spec.selector: Invalid value: {"matchLabels":{"a":"-"}}: invalid label selector'],
  [resources.REPLICA_SETS, WRONG, NO_VALUE, 'spec.selector: Invalid value: {"matchLabels":{"a":"-"}}: invalid label selector'],
  [resources.STATEFUL_SETS, { ...WRONG, template: { ...template, spec: { containers: [], restartPolicy: 'Never' } } }, NO_VALUE, 'spec.selector: Invalid value: {"matchLabels":{"a":"-"}}', 'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
  [resources.DAEMON_SETS, WRONG, NO_VALUE, NO_CONTAINERS],
  ...[resources.DEPLOYMENTS, resources.REPLICA_SETS, resources.STATEFUL_SETS, resources.DAEMON_SETS].map((resource) =>
    [resource, set({ selector: {} }), `spec.selector: Invalid value: {}: empty selector is invalid for ${resource.kind === 'ReplicaSet' ? 'deployment' : resource.kind.toLowerCase()}`] as const),
  [resources.DEPLOYMENTS, expression({ operator: 'In' }), "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'", 'spec.selector: Invalid value: {"matchExpressions":[{"key":"a","operator":"In"}]}: invalid label selector'],
  [resources.DEPLOYMENTS, expression({ operator: 'In', values: ['b'] })],
  [resources.DEPLOYMENTS, set({ template: { ...template, metadata: { labels: { z: '1', b: '2' } } } }), 'spec.template.metadata.labels: Invalid value: {"b":"2","z":"1"}: `selector` does not match template `labels`'],
  [resources.DEPLOYMENTS, { ...set({ replicas: -1, strategy: { type: 'Rolling' } }), minReadySeconds: -1, selector: undefined }, 'spec.replicas: Invalid value: -1: must be greater than or equal to 0', 'spec.selector: Required value',
    'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`', 'spec.strategy: Unsupported value: {"Type":"Rolling","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
    'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0'],
  [resources.DEPLOYMENTS, set({ strategy: { type: 'Recreate', rollingUpdate: {} } }), "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
  [resources.DEPLOYMENTS, set({ strategy: { rollingUpdate: { maxUnavailable: '0Percent', maxSurge: 0 } } }), `spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0Percent": ${PERCENT}`, 'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0Percent": may not be 0 when `maxSurge` is 0'],
  [resources.DEPLOYMENTS, set({ strategy: { rollingUpdate: { maxUnavailable: '110%', maxSurge: '150%' } } }), 'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "110%": must not be greater than 100%'],
  [resources.DEPLOYMENTS, set({ progressDeadlineSeconds: 10, minReadySeconds: 10 }), 'spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds'],
  [resources.REPLICA_SETS, set({ replicas: -1, template: { ...template, spec: { containers: [container], restartPolicy: 'OnFailure', activeDeadlineSeconds: 1 } } }), 'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"', 'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported'],
  [resources.DAEMON_SETS, set({ updateStrategy: { type: 'Random', rollingUpdate: { maxUnavailable: '5%' } } }), 'spec.updateStrategy: Unsupported value: {"Type":"Random","RollingUpdate":{"MaxUnavailable":"5%","MaxSurge":0}}: supported values: "RollingUpdate", "OnDelete"'],
  [resources.DAEMON_SETS, set({ updateStrategy: { rollingUpdate: { maxUnavailable: 'x', maxSurge: '0%' } } }), `spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "x": ${PERCENT}`, 'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0'],
  [resources.DAEMON_SETS, set({ updateStrategy: { type: 'OnDelete' } })],
  [resources.STATEFUL_SETS, set({ updateStrategy: { type: 'foo' } }), "spec.updateStrategy: Invalid value: {\"Type\":\"foo\",\"RollingUpdate\":null}: must be 'RollingUpdate' or 'OnDelete'"],
  [resources.STATEFUL_SETS, set({ updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } }), "spec.updateStrategy.rollingUpdate: Invalid value: {\"Partition\":1,\"MaxUnavailable\":null}: only allowed for updateStrategy 'RollingUpdate'"],
  [resources.STATEFUL_SETS, set({ ordinals: { start: -1 } }), 'spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0'],
] as readonly (readonly [ResourceType, object, ...string[]])[]) {
  test(`the spec of a ${resource.kind} is ${expected.length === 0 ? 'taken' : 'refused'}: ${JSON.stringify(spec)}`, (t) => t.deepEqual(created(resource, spec), expected));
}
