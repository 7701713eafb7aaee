import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { ValidatingAdmissionPolicy } from '#api/generated/admissionregistration/v1.ts';
import type { Status } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { AuditLines, auditPolicy } from '#test/support/audit-lines.ts';
import { ADMIN } from '#test/support/control-plane.ts';
import { establish, version } from '#test/support/custom-definition.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';
import { waitFor } from '#test/support/wait.ts';

const FOLDER = join(import.meta.dirname, '../../../../policies/no-floating-image-tags');
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const [POLICY = '', BINDING = ''] = readFileSync(join(FOLDER, 'policy.yaml'), 'utf8').split('\n---\n');
const deployment = (file: string): string => readFileSync(join(FOLDER, 'testdata', file), 'utf8').replace('namespace: demo', 'namespace: default');
const RULES = { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] }] };

async function open(t: ExecutionContext, options?: Parameters<typeof startInProcessApi>[1]) {
  const server = await startInProcessApi(t, options);
  const send = async (method: 'GET' | 'POST' | 'PUT', path: string, content: string | object, query: Readonly<Record<string, string>> = {}) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    const { status, body, warnings = [] } = await server.handle({ method, path, body: Buffer.from(text), contentType: typeof content === 'string' ? 'application/yaml' : 'application/json', query }, ADMIN);
    return { code: status, body: body as Record<string, unknown>, message: (body as Status).message ?? '', reason: (body as Status).reason, causes: (body as unknown as Status).details?.causes ?? [], warnings };
  };
  const create = (path: string, content: string | object, query?: Readonly<Record<string, string>>) => send('POST', path, content, query);
  const admit = async (kind: 'Validating' | 'Mutating', name: string, spec: object, binding: object = {}): Promise<void> => {
    const prefix = kind.toLowerCase();
    const policy = await create(`${ADMISSION}/${prefix}admissionpolicies`, { apiVersion: 'admissionregistration.k8s.io/v1', kind: `${kind}AdmissionPolicy`, metadata: { name }, spec: { matchConstraints: RULES, ...(kind === 'Mutating' ? { reinvocationPolicy: 'Never' } : {}), ...spec } });
    t.is(policy.code, 201, policy.message);
    const bound = await create(`${ADMISSION}/${prefix}admissionpolicybindings`, { apiVersion: 'admissionregistration.k8s.io/v1', kind: `${kind}AdmissionPolicyBinding`, metadata: { name: `${name}-b` }, spec: { policyName: name, ...(kind === 'Validating' ? { validationActions: ['Deny'] } : {}), ...binding } });
    t.is(bound.code, 201, bound.message);
  };
  return { server, create, send, admit };
}

const configMap = (name: string, over: object = {}): KubeObject & { readonly data?: object } => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { k: 'v' }, ...over });

test('a policy with its binding denies what breaks it, a dry run included, and lets the rest pass', async (t) => {
  const { create } = await open(t);
  t.is((await create(`${ADMISSION}/validatingadmissionpolicies`, POLICY)).code, 201);
  t.is((await create(DEPLOYMENTS, deployment('deny-latest.yaml'), { dryRun: 'All' })).code, 201, 'no binding, no rule');
  t.is((await create(`${ADMISSION}/validatingadmissionpolicybindings`, BINDING)).code, 201);
  for (const query of [{}, { dryRun: 'All' }]) {
    const denied = await create(DEPLOYMENTS, deployment('deny-latest.yaml'), query);
    t.is(denied.code, 422);
    t.regex(denied.message, /ValidatingAdmissionPolicy 'no-floating-image-tags'.*images without a fixed tag or digest: example\.org\/web:latest/);
    t.is(denied.causes.length, 1);
  }
  t.is((await create(DEPLOYMENTS, deployment('accept-tag.yaml'))).code, 201);
});

test('a binding that warns lets pass, and says so', async (t) => {
  const { create } = await open(t);
  await create(`${ADMISSION}/validatingadmissionpolicies`, POLICY);
  await create(`${ADMISSION}/validatingadmissionpolicybindings`, BINDING.replace('[Deny]', '[Warn]'));
  const passed = await create(DEPLOYMENTS, deployment('deny-no-tag.yaml'));
  t.is(passed.code, 201);
  t.regex(passed.warnings.join(), /^Validation failed for ValidatingAdmissionPolicy .*images without a fixed tag or digest/);
});

test('a policy whose expression does not compile is refused, with its place', async (t) => {
  const { create } = await open(t);
  const refused = await create(`${ADMISSION}/validatingadmissionpolicies`, POLICY.replace('size(variables.floating) == 0', 'size(variables.floating'));
  t.is(refused.code, 422);
  t.deepEqual(refused.causes.map((c) => c.field), ['spec.validations[0].expression']);
  t.regex(refused.message, /compilation failed: ERROR: <input>:1:\d+: Syntax error: missing '\)' at '<EOF>'/);
});

test('a reason gives the code', async (t) => {
  const { create, admit } = await open(t);
  await admit('Validating', 'p', { validations: [{ expression: 'false', reason: 'Forbidden', message: 'no' }] });
  const denied = await create(CONFIG_MAPS, configMap('c'));
  t.is(denied.code, 403);
  t.is(denied.message, `configmaps "c" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p-b' denied request: no`);
});

test('of a collection that is deleted a policy is shown each object, and no name', async (t) => {
  const { server, create, admit } = await open(t);
  for (const name of ['gone', 'kept']) await create(CONFIG_MAPS, configMap(name));
  const DELETION = { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['configmaps'] }] };
  await admit('Validating', 'keep', { matchConstraints: DELETION, validations: [{ expression: "request.?name.orValue('') != '' || oldObject.metadata.name != 'kept'", message: 'kept', reason: 'Forbidden' }] });
  const { body } = await server.handle({ method: 'DELETE', path: CONFIG_MAPS, query: { fieldSelector: 'metadata.name=kept' } }, ADMIN);
  t.is((body as Status).message, "configmaps \"Unknown\" is forbidden: ValidatingAdmissionPolicy 'keep' with binding 'keep-b' denied request: kept");
  t.is((await server.handle({ method: 'DELETE', path: CONFIG_MAPS, query: { fieldSelector: 'metadata.name=gone' } }, ADMIN)).status, 200);
});

test('parameters come by name from the namespace of the request, and their absence denies', async (t) => {
  const { create, admit } = await open(t);
  await admit('Validating', 'p', { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, matchConditions: [{ name: 'others', expression: 'object.metadata.name != "limits"' }], validations: [{ expression: 'size(object.data) <= int(params.data.max)' }] },
    { paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } });
  t.regex((await create(CONFIG_MAPS, configMap('early'))).message, /failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction$/);
  t.is((await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } })).code, 201, 'not covered');
});

test('parameters come by selector too, and each is asked', async (t) => {
  const { create, admit } = await open(t);
  for (const [name, max] of [['a', '1'], ['b', '3']]) t.is((await create(CONFIG_MAPS, configMap(name as string, { metadata: { name, labels: { limits: 'yes' } }, data: { max } }))).code, 201);
  await admit('Validating', 'p', { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, validations: [{ expression: 'size(object.data) <= int(params.data.max)', messageExpression: '"at most " + params.data.max' }] },
    { paramRef: { selector: { matchLabels: { limits: 'yes' } }, parameterNotFoundAction: 'Allow' } });
  t.is((await create(CONFIG_MAPS, configMap('small'))).code, 201);
  t.regex((await create(CONFIG_MAPS, configMap('large', { data: { x: '1', y: '2' } }))).message, /denied request: at most 1$/);
});

test('expressions ask the authorizer', async (t) => {
  const { create, admit } = await open(t);
  await admit('Validating', 'p', { validations: [{ expression: 'authorizer.group("apps").resource("deployments").namespace("default").check("create").allowed() && authorizer.requestResource.check("delete").allowed()' },
    { expression: '!authorizer.serviceAccount("default", "default").path("/none").check("get").allowed()' }] });
  const { code, message } = await create(CONFIG_MAPS, configMap('c'));
  t.is(code, 201, message);
});

test('the types of the kinds that a policy names are checked, and the warnings are in its status', async (t) => {
  const { create } = await open(t);
  const made = await create(`${ADMISSION}/validatingadmissionpolicies`, {
    apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata: { name: 'typed' },
    spec: { matchConstraints: { resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] }] }, validations: [{ expression: "object.spec.replicas > '1'" }, { expression: 'object.spec.replicas > 1' }] },
  });
  const { status, metadata } = made.body as unknown as ValidatingAdmissionPolicy & KubeObject;
  t.is(status?.observedGeneration, metadata.generation);
  t.deepEqual(status?.typeChecking?.expressionWarnings, [{
    fieldRef: 'spec.validations[0].expression',
    warning: "apps/v1, Kind=Deployment: ERROR: <input>:1:22: found no matching overload for '_>_' applied to '(int, string)'\n | object.spec.replicas > '1'\n | .....................^\n",
  }]);
});

test('policies and bindings that say too little or too much are refused, each field by itself', async (t) => {
  const { create } = await open(t);
  const fields = async (kind: string, spec: object): Promise<readonly (string | undefined)[]> =>
    (await create(`${ADMISSION}/${kind.toLowerCase().replace(/y$/, 'ie')}s`, { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: 'x' }, spec })).causes.map((c) => c.field);
  t.deepEqual(await fields('ValidatingAdmissionPolicy', { matchConstraints: {} }), ['spec.matchConstraints.resourceRules', 'spec.validations', 'spec.auditAnnotations']);
  t.deepEqual(await fields('ValidatingAdmissionPolicy', { matchConstraints: { resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] }] }, validations: [{}], variables: [{ name: 'in' }] }),
    ['spec.variables[0].name', 'spec.variables[0].expression', 'spec.validations[0].expression']);
  t.deepEqual(await fields('ValidatingAdmissionPolicyBinding', { policyName: 'p', validationActions: ['Deny', 'Warn'], paramRef: {} }), ['spec.paramRef', 'spec.paramRef.parameterNotFoundAction', 'spec.validationActions']);
  t.deepEqual(await fields('MutatingAdmissionPolicy', { matchConstraints: RULES, mutations: [{ patchType: 'JSONPatch' }] }), ['spec.mutations[0].jsonPatch', 'spec.reinvocationPolicy']);
});

test('an apply configuration is merged over the object', async (t) => {
  const { create, admit } = await open(t);
  await admit('Mutating', 'labels', { variables: [{ name: 'team', expression: '"blue"' }], mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{metadata: Object.metadata{labels: Object.metadata.labels{team: variables.team}}}' } }] });
  const { code, body, message } = await create(CONFIG_MAPS, configMap('c', { metadata: { name: 'c', labels: { own: 'yes' } } }));
  t.is(code, 201, message);
  t.deepEqual((body as unknown as KubeObject).metadata.labels, { own: 'yes', team: 'blue' });
});

test('list entries are merged by their keys, and what is added gets its defaults', async (t) => {
  const { create, admit } = await open(t);
  await admit('Mutating', 'sidecar', {
    matchConstraints: { resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] }] },
    matchConditions: [{ name: 'once', expression: '!object.spec.template.spec.containers.exists(c, c.name == "side")' }],
    mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: "side", image: "side:1"}]}}}}' } }],
  });
  const { code, body, message } = await create(DEPLOYMENTS, deployment('accept-tag.yaml'));
  t.is(code, 201, message);
  const { containers } = (body as { spec: { template: { spec: { containers: readonly { name: string; imagePullPolicy: string }[] } } } }).spec.template.spec;
  t.is(containers.length, 2);
  t.is(containers.find((c) => c.name === 'side')?.imagePullPolicy, 'IfNotPresent');
});

test('a JSON Patch is applied, after the policies whose names come first', async (t) => {
  const { create, admit } = await open(t);
  await admit('Mutating', 'b', { mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "test", path: "/metadata/annotations/a.io~1first", value: "1"}, JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey("b.io/second"), value: "2"}]' } }] });
  await admit('Mutating', 'a', { mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: 'has(object.metadata.annotations) ? [] : [JSONPatch{op: "add", path: "/metadata/annotations", value: {"a.io/first": "1"}}]' } }] });
  const { code, body, message } = await create(CONFIG_MAPS, configMap('c'));
  t.is(code, 201, message);
  t.deepEqual((body as unknown as KubeObject).metadata.annotations, { 'a.io/first': '1', 'b.io/second': '2' });
});

test('a mutation that fails denies, unless its failure policy ignores that', async (t) => {
  const { create, admit } = await open(t);
  const mutations = [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{data: Object.data{x: object.none}}' } }];
  await admit('Mutating', 'ignored', { failurePolicy: 'Ignore', mutations });
  t.is((await create(CONFIG_MAPS, configMap('c'))).code, 201);
  await admit('Mutating', 'fails', { mutations });
  const denied = await create(CONFIG_MAPS, configMap('d'));
  t.is(denied.code, 403);
  t.regex(denied.message, /policy 'fails' with binding 'fails-b' denied request: expression '.*' resulted in error: no such key: none$/);
});

test('all that mutations failed at is told, and the mutations after them are made', async (t) => {
  const { create, admit } = await open(t);
  const apply = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
  const mutations = [apply('Object{data: object.none}'), apply('Object{data: {"made": "1"}}'), apply('Object{data: Object.wrong{x: "1"}}')];
  await admit('Mutating', 'ignored', { failurePolicy: 'Ignore', mutations });
  t.deepEqual((await create(CONFIG_MAPS, configMap('c', { data: {} }))).body['data'], { made: '1' });
  await admit('Mutating', 'fails', { mutations });
  const { code, reason, message, causes } = await create(CONFIG_MAPS, configMap('d'));
  t.is(code, 403);
  t.is(reason, 'Invalid');
  t.is(message, "policy 'fails' with binding 'fails-b' denied request: expression 'Object{data: object.none}' resulted in error: no such key: none");
  t.deepEqual(causes.map((cause) => cause.message), [message, 'policy \'fails\' with binding \'fails-b\' denied request: type mismatch: unexpected type name "Object.wrong", expected "Object.data", which matches field name path from root Object type']);
});

const BROKEN: readonly (readonly [what: string, mutation: object, code: number, message: RegExp])[] = [
  ['a field that is none', { patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "add", path: "/nope", value: 1}]' } }, 500, /^Internal error occurred: strict decoding error: unknown field "nope"$/],
  ['a value of another type', { patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "add", path: "/immutable", value: "x"}]' } }, 500, /^Internal error occurred: json: cannot unmarshal string into Go struct field ConfigMap\.immutable of type bool$/],
  ['an operation that is none', { patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "nope", path: "/data/x"}]' } }, 403, /^policy 'p' with binding 'p-b' denied request: JSON Patch: Unexpected kind: nope$/],
  ['a list that can only be replaced', { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{metadata: Object.metadata{ownerReferences: [Object.metadata.ownerReferences{uid: "1"}]}}' } }, 403, /error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: \.metadata\.ownerReferences\[0\]$/],
];
for (const [what, mutation, wanted, pattern] of BROKEN) {
  test(`a mutation that makes ${what} is refused with ${wanted}`, async (t) => {
    const { create, admit } = await open(t);
    await admit('Mutating', 'p', { mutations: [mutation] });
    const { code, message } = await create(CONFIG_MAPS, configMap('c'));
    t.is(code, wanted);
    t.regex(message, pattern);
  });
}

test('an apply configuration may only say what the type has', async (t) => {
  const { server, create, admit } = await open(t);
  const widgets = { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer' }, free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } } } };
  await establish(server, { group: 'a.example.com', versions: [version('v1', { storage: true, schema: { openAPIV3Schema: widgets } })] });
  const widget = (name: string): object => ({ apiVersion: 'a.example.com/v1', kind: 'Widget', metadata: { name }, spec: { size: 1 } });
  const matchConstraints = { resourceRules: [{ apiGroups: ['a.example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['widgets'] }] };
  const mutate = (expression: string) => [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }];
  await admit('Mutating', 'map', { matchConditions: [{ name: 'c', expression: 'object.metadata.name == "c"' }], mutations: mutate('Object{metadata: Object.metadata{lables: {"a": "b"}}, date: {"a": "b"}}') });
  await admit('Mutating', 'open', { matchConstraints, mutations: mutate('Object{spec: Object.spec{size: 2, free: Object.spec.free{any: "x"}}}') });
  await admit('Mutating', 'closed', { matchConstraints, matchConditions: [{ name: 'c', expression: 'object.metadata.name == "closed"' }], mutations: mutate('Object{spec: Object.spec{width: 2}}') });
  t.regex((await create(CONFIG_MAPS, configMap('c'))).message, /error applying patch: failed to convert patch object to typed object: errors:\n {2}\.metadata\.lables: field not declared in schema\n {2}\.date: field not declared in schema$/);
  const path = '/apis/a.example.com/v1/namespaces/default/widgets';
  t.deepEqual((await create(path, widget('open'))).body['spec'], { size: 2, free: { any: 'x' } });
  t.regex((await create(path, widget('closed'))).message, /typed object: \.spec\.width: field not declared in schema$/);
});

test('a policy that wants it sees the object again after others have changed it', async (t) => {
  const { create, admit } = await open(t);
  await admit('Mutating', 'a-counts', { reinvocationPolicy: 'IfNeeded', mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{metadata: Object.metadata{labels: Object.metadata.labels{keys: string(size(object.data))}}}' } }] });
  await admit('Mutating', 'b-adds', { mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "add", path: "/data/added", value: "1"}]' } }] });
  const { body } = await create(CONFIG_MAPS, configMap('c'));
  t.is((body as unknown as KubeObject).metadata.labels?.['keys'], '2');
});

test('a policy that wants it sees what it has made itself once more', async (t) => {
  const { create, admit } = await open(t);
  await admit('Mutating', 'counts', { reinvocationPolicy: 'IfNeeded', mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{data: {"n": (has(object.data.n) ? object.data.n : "") + "x"}}' } }] });
  t.deepEqual((await create(CONFIG_MAPS, configMap('c'))).body['data'], { k: 'v', n: 'xx' });
});

test('a policy may name a new object, but no other one, and cannot make it another kind', async (t) => {
  const { create, send, admit } = await open(t);
  const patching = (path: string, value: string): object => ({ mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: `[JSONPatch{op: "replace", path: "${path}", value: "${value}"}]` } }] });
  const forLabel = (label: string, ...operations: string[]): object => ({ matchConstraints: { resourceRules: [{ ...RULES.resourceRules[0], operations }], objectSelector: { matchLabels: { case: label } } } });
  const labelled = (name: string, label: string): object => configMap(name, { metadata: { name, labels: { case: label } } });
  await admit('Mutating', 'name', { ...patching('/metadata/name', 'other'), ...forLabel('name', 'CREATE', 'UPDATE') });
  await admit('Mutating', 'kind', { ...patching('/kind', 'Other'), ...forLabel('kind', 'CREATE') });
  await admit('Mutating', 'metadata', { mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/metadata"}]' } }], ...forLabel('metadata', 'CREATE') });
  t.is(((await create(CONFIG_MAPS, labelled('a', 'name'))).body as unknown as KubeObject).metadata.name, 'other');
  await create(CONFIG_MAPS, configMap('b'));
  t.is((await send('PUT', `${CONFIG_MAPS}/b`, labelled('b', 'name'))).message, 'ConfigMap "other" is invalid: metadata.name: Invalid value: "other": field is immutable');
  const kind = await create(CONFIG_MAPS, labelled('c', 'kind'));
  t.is(kind.code, 500);
  t.regex(kind.message, /^Internal error occurred: no kind "Other" is registered for version "v1"/);
  t.is((await create(CONFIG_MAPS, labelled('d', 'metadata'))).message, 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required');
});

test('no policy rules over policies', async (t) => {
  const { admit } = await open(t);
  await admit('Validating', 'all', { matchConstraints: { resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }] }, validations: [{ expression: 'false' }] });
  await admit('Validating', 'another', { validations: [{ expression: 'true' }] });
});

test('a policy that breaks on everything stops neither reviews nor what the server writes for itself', async (t) => {
  const { create, send, admit } = await open(t);
  const everything = (...operations: string[]) => ({ resourceRules: [{ apiGroups: ['', 'apiregistration.k8s.io', 'authorization.k8s.io'], apiVersions: ['*'], operations, resources: ['*'] }] });
  await admit('Validating', 'broken', { matchConstraints: everything('*'), validations: [{ expression: 'object.none.at.all == 1' }] });
  await admit('Mutating', 'broken', { matchConstraints: everything('CREATE', 'UPDATE'), mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "add", path: "/none/at/all", value: "1"}]' } }] });
  t.not((await create(CONFIG_MAPS, configMap('c'))).code, 201);
  await create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'noxus.a.example.com' },
    spec: { group: 'a.example.com', scope: 'Namespaced', names: { plural: 'noxus', kind: 'Noxu' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] },
  });
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { nonResourceAttributes: { verb: 'get', path: '/' } } };
  t.is((await create('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review)).code, 201);
  const found = await waitFor(async () => (await send('GET', '/apis/apiregistration.k8s.io/v1/apiservices/v1.a.example.com', {})).code === 200, { what: 'the server has registered the definition as an APIService' });
  t.true(found);
});

test('a JSON patch of a policy whose test does not hold changes nothing, one that does not fit is told', async (t) => {
  const { create, admit } = await open(t);
  const mutation = (...patches: readonly string[]): object => ({ mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: `[${patches.join(', ')}]` } }] });
  const add = "JSONPatch{op: 'add', path: '/data/more', value: 'x'}";
  await admit('Mutating', 'tests', mutation(add, "JSONPatch{op: 'test', path: '/data/k', value: 'other'}"));
  const { code, body } = await create(CONFIG_MAPS, configMap('c'));
  t.deepEqual([code, body['data']], [201, { k: 'v' }]);
  const unfit = "JSONPatch{op: 'remove', path: '/data/none'}";
  await admit('Mutating', 'unfit', mutation(unfit));
  const refused = await create(CONFIG_MAPS, configMap('d'));
  t.is(refused.message, "policy 'unfit' with binding 'unfit-b' denied request: JSON Patch: error in remove for path: '/data/none': Unable to remove nonexistent key: none: missing value");
});

test('the audit record has the first failure alone, and what a policy says with all its bindings', async (t) => {
  const sink = new AuditLines();
  const { create, admit } = await open(t, { audit: { policy: auditPolicy('Metadata'), sink } });
  for (const name of ['one', 'two']) await create(CONFIG_MAPS, configMap(name));
  const ref = (name: string): object => ({ paramRef: { name, namespace: 'default', parameterNotFoundAction: 'Deny' }, validationActions: ['Audit'] });
  const spec = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, validations: [{ expression: 'false', message: '<no>' }, { expression: 'false', message: 'nor this' }], auditAnnotations: [{ key: 'param', valueExpression: 'string(params.metadata.name)' }] };
  await admit('Validating', 'audited', spec, ref('one'));
  await create(`${ADMISSION}/validatingadmissionpolicybindings`, { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: 'second' }, spec: { policyName: 'audited', ...ref('two') } });
  t.is((await create(CONFIG_MAPS, configMap('passes'))).code, 201);
  const annotations = await waitFor(() => sink.events.find((e) => e.objectRef?.resource === 'configmaps' && e.annotations?.['audited/param'])?.annotations, { what: 'the record' });
  t.is(annotations['audited/param'], 'one, two');
  t.is(annotations['validation.policy.admission.k8s.io/validation_failure'], '[{"message":"\\u003cno\\u003e","policy":"audited","binding":"audited-b","expressionIndex":0,"validationActions":["Audit"]}]');
});
