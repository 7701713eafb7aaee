import test from 'ava';
import { applyDefaults } from '#api/defaults/index.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import * as resources from '#api/resources.ts';
import { validateCreate } from '#api/validation/index.ts';

const created = (resource: ResourceType, fields: object): readonly string[] =>
  validateCreate(resource, applyDefaults(resource, { apiVersion: 'x', kind: resource.kind, metadata: { name: 'a', ...(resource.namespaced ? { namespace: 'n' } : {}) }, ...fields } as unknown as KubeObject)).map(({ field, message }) => `${field}: ${message}`);

const RULES = { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] };
const aggregated = (...clusterRoleSelectors: readonly object[]): object => ({ ...RULES, aggregationRule: { clusterRoleSelectors } });
const bound = (...subjects: readonly object[]): object => ({ roleRef: { kind: 'ClusterRole', name: 'r' }, subjects });
const endpoint = (hints: object): object => ({ addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], hints }] });
const names = (...all: readonly string[]): readonly object[] => all.map((name) => ({ name }));
const NINE = names(...'123456789');
const runtime = (scheduling: object): object => ({ handler: 'h', scheduling });

for (const [resource, fields, ...expected] of [
  [resources.CLUSTER_ROLES, aggregated({ matchLabels: { a: 'b' } })],
  [resources.CLUSTER_ROLES, aggregated(), 'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil'],
  [resources.CLUSTER_ROLES, aggregated({}, { matchExpressions: [{ key: 'a', operator: 'In' }] }), "aggregationRule.clusterRoleSelectors[1].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'", 'aggregationRule.clusterRoleSelectors[1]: Invalid value: null: invalid label selector.'],
  [resources.ROLE_BINDINGS, bound({ kind: 'ServiceAccount', name: 's' })],
  [resources.CLUSTER_ROLE_BINDINGS, bound({ kind: 'ServiceAccount', name: 's' }), 'subjects[0].namespace: Required value'],
  [resources.ENDPOINT_SLICES, endpoint({ forZones: names('a', 'b') })],
  [resources.ENDPOINT_SLICES, endpoint({ forZones: NINE, forNodes: NINE }), 'endpoints[0].hints.forZones: Too many: 9: must have at most 8 items'],
  [resources.ENDPOINT_SLICES, endpoint({ forZones: names('a', 'a', '', ''), forNodes: names('n', 'n') }), 'endpoints[0].hints.forZones[1].name: Duplicate value: "a"', 'endpoints[0].hints.forZones[3].name: Duplicate value: ""', 'endpoints[0].hints.forNodes[1].name: Duplicate value: "n"'],
  [resources.RUNTIME_CLASSES, runtime({ tolerations: [{ operator: 'Exists' }, { key: 'a', operator: 'Exists' }] })],
  [resources.RUNTIME_CLASSES, { handler: 'h', overhead: { podFixed: { cpu: '-1' } } }, 'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
  [resources.RUNTIME_CLASSES, runtime({ tolerations: [{ key: 'a', operator: 'Exists' }, { key: 'a', operator: 'Exists' }, { operator: 'Equal' }] }),
    'scheduling.tolerations.tolerations[2].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"', 'scheduling.tolerations[1]: Duplicate value: {"key":"a","operator":"Exists"}'],
] as const) {
  test(`a ${resource.kind} is ${expected.length === 0 ? 'taken' : 'refused'}: ${JSON.stringify(fields)}`, (t) => t.deepEqual(created(resource, fields), [...expected]));
}
