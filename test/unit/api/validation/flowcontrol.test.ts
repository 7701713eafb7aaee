import test from 'ava';
import { applyDefaults } from '#api/defaults/index.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import * as resources from '#api/resources.ts';
import { validateCreate, validateUpdate } from '#api/validation/index.ts';

const resource = (kind: string): ResourceType => resources.BUILT_IN_RESOURCES.find((one) => one.kind === kind && one.group === 'flowcontrol.apiserver.k8s.io' && one.version === 'v1') as ResourceType;
const build = (kind: string, spec: object, status: object = {}): KubeObject => applyDefaults(resource(kind), { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind, metadata: { name: 'a' }, spec, status } as unknown as KubeObject);
const told = (causes: readonly { readonly field?: string | undefined; readonly message?: string | undefined }[]): readonly string[] => causes.map(({ field, message }) => `${field}: ${message}`);

const SCHEMA = { matchingPrecedence: 50, priorityLevelConfiguration: { name: 'p' }, rules: [{ subjects: [{ kind: 'User', user: { name: 'u' } }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }] };
const limited = (more: object): object => ({ type: 'Limited', limited: { nominalConcurrencyShares: 1, limitResponse: { type: 'Reject' }, ...more } });

for (const [kind, spec, ...expected] of [
  ['FlowSchema', SCHEMA],
  ['FlowSchema', { ...SCHEMA, distinguisherMethod: { type: 'x' } }, 'spec.distinguisherMethod.type: Unsupported value: {"Type":"x"}: supported values: "ByNamespace", "ByUser"'],
  ['PriorityLevelConfiguration', limited({})],
  ['PriorityLevelConfiguration', {}, 'spec.type: Required value'],
  ['PriorityLevelConfiguration', { type: 'x' }, 'spec.type: Unsupported value: "x": supported values: "Exempt", "Limited"'],
  ['PriorityLevelConfiguration', { type: 'Exempt' }, "spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'"],
  ['PriorityLevelConfiguration', limited({ limitResponse: {} }), 'spec.limited.limitResponse.type: Required value'],
  ['PriorityLevelConfiguration', limited({ nominalConcurrencyShares: -1, lendablePercent: 101, borrowingLimitPercent: -1, limitResponse: { type: 'x' } }), 'spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
    'spec.limited.limitResponse.type: Unsupported value: "x": supported values: "Queue", "Reject"', 'spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive', 'spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer'],
] as const) {
  test(`a ${kind} is ${expected.length === 0 ? 'taken' : 'refused'}: ${JSON.stringify(spec)}`, (t) => t.deepEqual(told(validateCreate(resource(kind), build(kind, spec))), [...expected]));
}

test('each condition has a type of its own', (t) => {
  const now = build('FlowSchema', SCHEMA, { conditions: [{ status: 'True' }, { type: 'A' }, { type: 'A' }] });
  t.deepEqual(told(validateUpdate(resource('FlowSchema'), now, build('FlowSchema', SCHEMA), 'status')), ['status.conditions[0].type: Required value', 'status.conditions[2].type: Duplicate value: "A"']);
});
