import test from 'ava';
import { applyDefaults } from '#api/defaults/index.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import * as resources from '#api/resources.ts';
import { validateCreate } from '#api/validation/index.ts';

const resource = (kind: string): ResourceType => resources.BUILT_IN_RESOURCES.find((one) => one.kind === kind) as ResourceType;
const created = (kind: string, spec: object): readonly string[] =>
  validateCreate(resource(kind), applyDefaults(resource(kind), { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: 'a' }, spec } as unknown as KubeObject)).map((c) => `${c.field}: ${c.message}`);

const rule = (...operations: string[]): object => ({ apiGroups: ['a'], apiVersions: ['v1'], resources: ['b'], operations });
const match = (...operations: string[]): object => ({ resourceRules: [rule(...operations)] });
const validating = (more: object): object => ({ matchConstraints: match('*'), validations: [{ expression: 'true' }], ...more });
const mutating = (more: object): object => ({ matchConstraints: match('CREATE', 'UPDATE'), reinvocationPolicy: 'Never', mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[]' } }], ...more });
const bound = (paramRef: object): object => ({ policyName: 'p', validationActions: ['Deny'], paramRef: { parameterNotFoundAction: 'Deny', ...paramRef } });

for (const [kind, spec, ...expected] of [
  ['ValidatingAdmissionPolicy', validating({ validations: [{ expression: 'true &&\ntrue' }] })],
  ['ValidatingAdmissionPolicy', validating({ validations: [{ expression: 'true', message: ' ' }] }), 'spec.validations[0].message: Invalid value: " ": must be non-empty if specified'],
  ['ValidatingAdmissionPolicy', validating({ validations: [{ expression: 'true', message: 'a\rb' }] }), 'spec.validations[0].message: Invalid value: "a\\rb": must not contain line breaks'],
  ['ValidatingAdmissionPolicy', validating({ variables: [{ name: '4ever', expression: '1' }, { name: 'in', expression: '1' }] }), 'spec.variables[0].name: Invalid value: "4ever": must be a valid CEL identifier', 'spec.variables[1].name: Invalid value: "in": must be a valid CEL identifier'],
  ['ValidatingAdmissionPolicyBinding', bound({ name: 'a' })],
  ['ValidatingAdmissionPolicyBinding', bound({ name: 'a', selector: {} }), 'spec.paramRef.name: Forbidden: name and selector are mutually exclusive', 'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive'],
  ['ValidatingAdmissionPolicyBinding', bound({}), 'spec.paramRef: Required value: one of name or selector must be specified'],
  ['MutatingAdmissionPolicy', mutating({})],
  ['MutatingAdmissionPolicy', mutating({ matchConstraints: match('CREATE', 'DELETE') }), 'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "CREATE", "UPDATE"'],
  ['MutatingAdmissionPolicy', mutating({ matchConstraints: match('*') }), 'spec.matchConstraints.resourceRules.operations: Unsupported value: "*": supported values: "CREATE", "UPDATE"'],
  ['MutatingAdmissionPolicy', mutating({ mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: ' ' }, applyConfiguration: { expression: 'x' } }] }), 'spec.mutations[0].jsonPatch.expression: Required value', 'spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch'],
  ['MutatingAdmissionPolicy', mutating({ mutations: [{ patchType: 'ApplyConfiguration', jsonPatch: { expression: '[]' } }] }), 'spec.mutations[0].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration', 'spec.mutations[0].jsonPatch: Invalid value: "{jsonPatch}": must not be specified when patchType is ApplyConfiguration'],
  ['MutatingAdmissionPolicyBinding', { policyName: 'p', matchResources: match('CONNECT') }, 'spec.matchResources.resourceRules.operations: Unsupported value: "CONNECT": supported values: "CREATE", "UPDATE"'],
] as const) {
  test(`the spec of a ${kind} is ${expected.length === 0 ? 'taken' : 'refused'}: ${JSON.stringify(spec)}`, (t) => t.deepEqual(created(kind, spec), [...expected]));
}
