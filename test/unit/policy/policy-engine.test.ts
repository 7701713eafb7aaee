import test from 'ava';
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '#api/generated/admissionregistration/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { PolicyEngine } from '#policy/policy-engine.ts';
import type { ParamSource } from '#policy/params.ts';
import type { PolicyRequest } from '#policy/policy-request.ts';

type Spec = ValidatingAdmissionPolicy['spec'];
const RULES: Spec['matchConstraints'] = { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] }] };
const policy = (spec: Spec): ValidatingAdmissionPolicy => ({ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata: { name: 'p' }, spec: { matchConstraints: RULES, ...spec } });
const binding = (spec: Partial<ValidatingAdmissionPolicyBinding['spec']> = {}): ValidatingAdmissionPolicyBinding => ({
  apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: 'b' }, spec: { policyName: 'p', validationActions: ['Deny'], ...spec },
});
const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'n', labels: { team: 'a' } }, data: { k: 'v' } } as KubeObject;
const request = (over: Partial<PolicyRequest> = {}): PolicyRequest => ({
  operation: 'CREATE', group: '', version: 'v1', resource: 'configmaps', kind: 'ConfigMap', namespace: 'n', name: 'c',
  object: configMap, user: { name: 'ada', groups: ['dev'] }, isDryRun: false, ...over,
});
const NO = [{ expression: 'false' }];
const NAMESPACE: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n', labels: { env: 'dev' } } };
/** Each costs 700,000, of the million that one expression may cost. */
const dear = (count: number): readonly { readonly name: string; readonly expression: string }[] => Array.from({ length: count }, (_, i) => ({ name: `dear-${i}`, expression: [CHECK, CHECK].join(' && ') }));
const CHECK = 'authorizer.group("").resource("pods").check("create").allowed()';
const asked: Partial<PolicyRequest> = { authorize: () => ({ allowed: true, reason: '' }) };

/** Of kinds that are served, without objects. */
const EMPTY: ParamSource = { scopeOf: () => 'Cluster', get: () => undefined, list: () => [] };

const CASES: readonly { readonly name: string; readonly spec: Spec; readonly binding?: Partial<ValidatingAdmissionPolicyBinding['spec']>; readonly request?: Partial<PolicyRequest>; readonly source?: ParamSource; readonly messages: readonly RegExp[] }[] = [
  { name: 'a true validation accepts', spec: { validations: [{ expression: 'object.data.k == "v"' }] }, messages: [] },
  { name: 'a false one denies with its expression', spec: { validations: [{ expression: 'object.data.k == "w"' }] }, messages: [/denied request: failed expression: object\.data\.k == "w"$/] },
  { name: 'a message takes the place of the expression', spec: { validations: [{ expression: 'false', message: 'no' }] }, messages: [/: no$/] },
  { name: 'a message expression is computed', spec: { validations: [{ expression: 'false', messageExpression: '"not " + object.metadata.name' }] }, messages: [/: not c$/] },
  { name: 'each false validation is told', spec: { validations: [{ expression: 'false', message: 'one' }, { expression: 'true' }, { expression: 'false', message: 'two' }] }, messages: [/one/, /two/] },
  { name: 'variables use the ones before them', spec: { variables: [{ name: 'a', expression: '1' }, { name: 'b', expression: 'variables.a + 1' }], validations: [{ expression: 'variables.b == 2' }] }, messages: [] },
  { name: 'a match condition that does not hold skips the policy', spec: { matchConditions: [{ name: 'never', expression: 'request.userInfo.username == "bob"' }], validations: NO }, messages: [] },
  { name: 'another resource is not covered', spec: { validations: NO }, request: { resource: 'secrets' }, messages: [] },
  { name: 'another operation is not covered', spec: { validations: NO }, request: { operation: 'DELETE' }, messages: [] },
  { name: 'a subresource is not covered by its resource', spec: { validations: NO }, request: { resource: 'configmaps/status' }, messages: [] },
  { name: 'an excluded name is left alone', spec: { matchConstraints: { ...RULES, excludeResourceRules: [{ ...RULES.resourceRules?.[0], resourceNames: ['c'] }] }, validations: NO }, messages: [] },
  { name: 'the object selector of the policy decides', spec: { matchConstraints: { ...RULES, objectSelector: { matchLabels: { team: 'b' } } }, validations: NO }, messages: [] },
  { name: 'the binding narrows by namespace labels', spec: { validations: NO }, binding: { matchResources: { namespaceSelector: { matchLabels: { env: 'prod' } } } }, request: { namespaceObject: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n', labels: { env: 'dev' } } } }, messages: [] },
  { name: 'a binding to another policy puts nothing in force', spec: { validations: NO }, binding: { policyName: 'other' }, messages: [] },
  { name: 'an expression that fails denies by default', spec: { validations: [{ expression: 'object.spec.x == 1' }] }, messages: [/expression 'object.spec.x == 1' resulted in error: no such key: spec$/] },
  { name: 'a rule that names another version matches too', spec: { matchConstraints: { resourceRules: [{ ...RULES.resourceRules?.[0], apiVersions: ['v2'] }] }, validations: NO }, request: { otherVersions: () => ['v2'] }, messages: [/false/] },
  { name: 'a rule that names another version does not match when the policy is exact', spec: { matchConstraints: { matchPolicy: 'Exact', resourceRules: [{ ...RULES.resourceRules?.[0], apiVersions: ['v2'] }] }, validations: NO }, request: { otherVersions: () => ['v2'] }, messages: [] },
  { name: 'parameters that no kind is served for deny', spec: { paramKind: { apiVersion: 'x.io/v1', kind: 'Limit' }, validations: NO }, binding: { paramRef: { name: 'l', parameterNotFoundAction: 'Allow' } }, messages: [/^ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'x\.io\/v1, Kind=Limit'$/] },
  { name: 'parameters that there are not have no fields', spec: { paramKind: { apiVersion: 'x.io/v1', kind: 'Limit' }, validations: [{ expression: '!has(params.spec)' }, { expression: 'params.spec.max > 1' }] }, source: EMPTY, messages: [/expression 'params\.spec\.max > 1' resulted in error: no such key: spec$/] },
  { name: 'a binding without a reference leaves the parameters null', spec: { paramKind: { apiVersion: 'x.io/v1', kind: 'Limit' }, validations: [{ expression: 'params == null' }] }, source: EMPTY, messages: [] },
  { name: 'parameters that no kind is served for deny also where a binding names none', spec: { paramKind: { apiVersion: 'x.io/v1', kind: 'Limit' }, validations: [{ expression: 'params == null' }] }, messages: [/failed to find resource referenced by paramKind: 'x\.io\/v1, Kind=Limit'$/] },
  { name: 'an expression that costs too much counts as failed', spec: { validations: [{ expression: 'object.data.k.split("").map(a, [1,2,3,4,5,6,7,8].map(b, [1,2,3,4,5,6,7,8].map(c, [1,2,3,4,5,6,7,8].all(d, true)))).size() > 0' }] }, request: { object: { ...configMap, data: { k: 'x'.repeat(1000) } } as KubeObject }, messages: [/operation cancelled: actual cost limit exceeded$/] },
  { name: 'match conditions that cost too much together fail', spec: { matchConditions: dear(4), validations: NO }, request: asked, messages: [/: validation failed due to running out of cost budget, no further validation rules will be run$/] },
  { name: 'what match conditions cost is not taken from the validations', spec: { matchConditions: dear(3), validations: dear(14) }, request: asked, messages: [] },
  { name: 'what audit annotations cost is not taken from the validations', spec: { validations: dear(14), auditAnnotations: dear(2).map(({ name, expression }) => ({ key: name, valueExpression: `${expression} ? "a" : "b"` })) }, request: asked, messages: [] },
  { name: 'validations that cost too much together fail', spec: { validations: dear(15) }, request: asked, messages: [/running out of cost budget/] },
  { name: 'what is empty in a request is not there', spec: { validations: [{ expression: '!has(request.subResource) && !has(request.userInfo.extra) && !has(request.userInfo.uid)' }, { expression: 'request.subResource == ""' }] }, messages: [/resulted in error: no such key: subResource$/] },
  { name: 'the options of a request are an object of their own', spec: { validations: [{ expression: 'request.options.kind == "CreateOptions" && request.options.fieldManager == "me"' }] }, request: { options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'me' } }, messages: [] },
  { name: 'a namespace is shown without its owners and managers', spec: { validations: [{ expression: 'namespaceObject.metadata.labels.env == "dev"' }, { expression: 'has(dyn(namespaceObject).metadata.managedFields)' }] }, request: { namespaceObject: { ...NAMESPACE, metadata: { ...NAMESPACE.metadata, managedFields: [{ manager: 'm' }] } } as KubeObject }, messages: [/managedFields/] },
  { name: 'times of a namespace are texts, whatever their type says', spec: { validations: [{ expression: 'namespaceObject.metadata.creationTimestamp > timestamp("2020-01-01T00:00:00Z")' }] }, request: { namespaceObject: { ...NAMESPACE, metadata: { ...NAMESPACE.metadata, creationTimestamp: '2024-01-01T00:00:00Z' } } as KubeObject }, messages: [/resulted in error: no such overload$/] },
  { name: 'a Namespace is in none', spec: { matchConstraints: { resourceRules: [{ ...RULES.resourceRules?.[0], resources: ['namespaces'] }] }, validations: [{ expression: 'namespaceObject == null' }] }, request: { resource: 'namespaces', kind: 'Namespace', namespaceObject: NAMESPACE }, messages: [] },
  { name: 'match conditions know no namespace', spec: { matchConditions: [{ name: 'c', expression: 'namespaceObject != null' }], validations: NO }, request: { namespaceObject: NAMESPACE }, messages: [] },
  { name: 'a variable that fails is named', spec: { variables: [{ name: 'a', expression: 'object.spec' }], validations: [{ expression: 'variables.a == 1' }, { expression: 'has(variables.a)' }] }, messages: [/: composited variable "a" fails to evaluate: no such key: spec$/, /'has\(variables\.a\)' resulted in error: composited variable "a" fails to evaluate: no such key: spec$/] },
  { name: 'service accounts have names', spec: { validations: [{ expression: 'authorizer.serviceAccount("default", "UPPER").path("/x").check("get").allowed()' }, { expression: 'authorizer.serviceAccount("", "x").path("/x").check("get").allowed()' }] }, request: asked, messages: [/Invalid service account name$/, /Invalid service account namespace$/] },
  { name: 'conditions that fail alike are told once', spec: { matchConditions: [{ name: 'a', expression: 'object.spec == 1' }, { name: 'b', expression: 'object.spec == 1' }], validations: NO }, messages: [/denied request: expression 'object\.spec == 1' resulted in error: no such key: spec$/] },
  { name: 'an expression that fails accepts under failurePolicy Ignore', spec: { failurePolicy: 'Ignore', validations: [{ expression: 'object.spec.x == 1' }] }, messages: [] },
];

for (const { name, spec, binding: over, request: req, source, messages } of CASES) {
  test(name, (t) => {
    const decisions = new PolicyEngine().evaluate([policy(spec)], [binding(over)], request(req), source);
    t.is(decisions.length, messages.length, decisions.map((d) => d.message).join('\n'));
    for (const [i, pattern] of messages.entries()) t.regex(decisions[i]?.message ?? '', pattern);
  });
}

test('each action of a binding gives a decision', (t) => {
  const decisions = new PolicyEngine().evaluate([policy({ validations: NO })], [binding({ validationActions: ['Warn', 'Audit'] })], request());
  t.deepEqual(decisions.map((d) => d.action), ['Warn', 'Audit']);
});

test('every expression that does not compile is named with its place', (t) => {
  const { problems } = new PolicyEngine().compile(policy({ validations: [{ expression: 'true' }, { expression: 'object.' }, { expression: '1', messageExpression: 'nope' }] }));
  t.deepEqual(problems.map((p) => p.data.path), ['spec.validations[1].expression', 'spec.validations[2].expression', 'spec.validations[2].messageExpression']);
  t.regex(problems[0]?.message ?? '', /^compilation failed: ERROR: <input>:1:8: Syntax error/);
  t.is(problems[1]?.message, 'must evaluate to bool but got int');
});

for (const [what, spec] of [
  ['a field that namespaces lack', { validations: [{ expression: 'namespaceObject.metadata.managedFields.size() == 0' }] }],
  ['the authorizer of a message', { validations: [{ expression: 'false', messageExpression: 'authorizer.path("/").check("get").reason()' }] }],
  ['a decision that is denied', { validations: [{ expression: 'authorizer.path("/").check("get").denied()' }] }],
  ['a namespace that is compared with a text', { validations: [{ expression: 'namespaceObject.metadata.creationTimestamp == "x"' }] }],
] as const) {
  test(`${what} does not compile`, (t) => void t.is(new PolicyEngine().compile(policy(spec as Spec)).problems.length, 1));
}

test('audit annotations are told once a key, prefixed with the policy', (t) => {
  const told: string[] = [];
  const spec: Spec = { auditAnnotations: [{ key: 'team', valueExpression: '"of " + object.metadata.labels.team' }, { key: 'none', valueExpression: 'null' }, { key: 'bad', valueExpression: 'string(object.none)' }] };
  new PolicyEngine().evaluate([policy(spec)], [binding({ validationActions: ['Audit'] })], request({ audit: (key, value) => told.push(`${key}=${value}`) }));
  t.deepEqual(told, ['p/team=of a']);
});

test('an audit annotation that cannot be computed denies, whatever the actions and whether anybody takes it; not under failurePolicy Ignore', (t) => {
  const spec: Spec = { auditAnnotations: [{ key: 'bad', valueExpression: 'string(object.none)' }] };
  const decide = (more: Spec) => new PolicyEngine().evaluate([policy({ ...spec, ...more })], [binding({ validationActions: ['Warn'] })], request());
  t.deepEqual(decide({}).map((d) => [d.action, d.message]), [['Deny', "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: expression 'string(object.none)' resulted in error: no such key: none"]]);
  t.deepEqual(decide({ failurePolicy: 'Ignore' }), []);
});
