import anyTest, { type TestFn } from 'ava';
import { ask, CONFIG_MAPS, configMap, make, type PlaneContext, testRules, type Told, withPlane } from '#test/support/rule-table.ts';

const test = anyTest as TestFn<PlaneContext>;
withPlane(test, (plane) => ask(plane, { method: 'POST', path: CONFIG_MAPS, body: configMap('present', { data: { a: '1' } }) }));

const PRESENT = `${CONFIG_MAPS}/present`;
const ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts';
const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const failure = (reason: string, code: number, message: string, details?: object): object => ({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, code, message, ...(details ? { details } : {}) });

testRules(test, [
  { rule: 'nothing is made in all namespaces', method: 'POST', path: '/api/v1/configmaps', body: configMap('x'), status: 405, like: { reason: 'MethodNotAllowed' } },
  { rule: 'nothing is deleted in all namespaces', method: 'DELETE', path: '/api/v1/configmaps', status: 405 },
  { rule: 'an object in a namespace is not found without it', path: '/api/v1/configmaps/present', status: 404, like: { message: 'the server could not find the requested resource' } },
  { rule: 'a collection cannot be put', method: 'PUT', path: CONFIG_MAPS, body: configMap('x'), status: 405 },
  { rule: 'a collection cannot be patched', method: 'PATCH', path: CONFIG_MAPS, type: MERGE, body: {}, status: 405 },
  { rule: 'nothing is posted to an object', method: 'POST', path: PRESENT, body: configMap('present'), status: 405 },
  { rule: 'a read without body', method: 'HEAD', path: PRESENT, status: 405 },
  { rule: 'a type of body that only patches have', method: 'POST', path: CONFIG_MAPS, type: MERGE, body: configMap('merged'), status: 415, like: { reason: 'UnsupportedMediaType', message: 'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf' } },
  { rule: 'YAML under an old name', method: 'POST', path: CONFIG_MAPS, type: 'text/yaml', body: configMap('old'), status: 415 },
  { rule: 'a parameter of a type without a value', method: 'POST', path: CONFIG_MAPS, type: 'application/json;x', body: configMap('odd'), status: 415 },
  { rule: 'a deletion with options of such a type', method: 'DELETE', path: `${CONFIG_MAPS}/absent`, type: MERGE, body: {}, status: 415 },
  { rule: 'a type in capitals with a parameter', method: 'POST', path: `${CONFIG_MAPS}?dryRun=All`, type: 'Application/JSON; charset="utf-8"', body: configMap('capital'), status: 201 },

  { rule: 'a name that is taken', method: 'POST', path: CONFIG_MAPS, body: configMap('present'), status: 409, like: failure('AlreadyExists', 409, 'configmaps "present" already exists', { name: 'present', kind: 'configmaps' }) },
  { rule: 'no name', method: 'POST', path: CONFIG_MAPS, body: { metadata: {} }, status: 422, like: failure('Invalid', 422, 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required', { kind: 'ConfigMap', causes: [{ reason: 'FieldValueRequired', field: 'metadata.name', message: 'Required value: name or generateName is required' }] }) },
  { rule: 'a body that ends too early', method: 'POST', path: CONFIG_MAPS, body: '{"kind":', status: 400, like: failure('BadRequest', 400, 'the object provided is unrecognized (must be of type ConfigMap): couldn\'t get version/kind; json parse error: unexpected end of JSON input ({"kind":)') },
  { rule: 'a body that is no JSON', method: 'PUT', path: PRESENT, body: `apiVersion: v1, ${'x'.repeat(30)}`, status: 400, like: { reason: 'BadRequest', message: `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: invalid character 'a' looking for beginning of value (${Buffer.from(`apiVersion: v1, ${'x'.repeat(14)}`).toString('hex')} ...)` } },
  { rule: 'no body', method: 'POST', path: `${ACCOUNTS}/default/token`, body: '', status: 400, like: { reason: 'BadRequest', message: "the object provided is unrecognized (must be of type TokenRequest): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)" } },
  { rule: 'a merge patch that is no JSON', method: 'PATCH', path: PRESENT, type: MERGE, body: '{"data":{"a":1,}}', status: 400, like: { reason: 'BadRequest', message: "error decoding patch: invalid character '}' looking for beginning of object key string" } },
  { rule: 'a JSON patch that is no JSON', method: 'PATCH', path: PRESENT, type: JSON_PATCH, body: '[', status: 400, like: { reason: 'BadRequest', message: 'error decoding patch: unexpected end of JSON input' } },
  { rule: 'a strategic merge patch that is no JSON', method: 'PATCH', path: PRESENT, type: STRATEGIC, body: '{"data"}', status: 400, like: { reason: 'BadRequest', message: "invalid character '}' after object key" } },
  { rule: 'another namespace than the path', method: 'POST', path: CONFIG_MAPS, body: configMap('x', { metadata: { namespace: 'other' } }), status: 400, like: failure('BadRequest', 400, 'the namespace of the provided object does not match the namespace sent on the request') },
  { rule: 'a namespace of what has none says nothing', method: 'POST', path: '/apis/rbac.authorization.k8s.io/v1/clusterroles', body: { metadata: { name: 'with-namespace', namespace: 'default' } }, status: 201, like: { metadata: { name: 'with-namespace' } } },
  { rule: 'another kind than the path', method: 'POST', path: CONFIG_MAPS, body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } }, status: 400 },
  { rule: 'another version than the path', method: 'POST', path: CONFIG_MAPS, body: { apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'x' } }, status: 400, like: { message: 'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"' } },
  { rule: 'a name of RBAC may be any segment of a path', method: 'POST', path: '/apis/rbac.authorization.k8s.io/v1/clusterroles', body: { metadata: { name: 'A:b c' } }, status: 201 },
  { rule: 'but no slash', method: 'POST', path: '/apis/rbac.authorization.k8s.io/v1/clusterroles', body: { metadata: { name: 'a/b' } }, status: 422, like: { details: { causes: [{ field: 'metadata.name', message: 'Invalid value: "a/b": may not contain \'/\'' }] } } },
  { rule: 'annotations of more than 256 KiB', method: 'POST', path: CONFIG_MAPS, body: configMap('x', { metadata: { annotations: { a: 'x'.repeat(262_144) } } }), status: 422, like: { details: { causes: [{ reason: 'FieldValueTooLong', field: 'metadata.annotations' }] } } },
  { rule: 'two controllers', method: 'POST', path: CONFIG_MAPS, body: configMap('x', { metadata: { ownerReferences: ['a', 'b'].map((name) => ({ apiVersion: 'v1', kind: 'Pod', name, uid: name, controller: true })) } }), status: 422, like: { details: { causes: [{ field: 'metadata.ownerReferences' }] } } },
  { rule: 'an owner without UID', method: 'POST', path: CONFIG_MAPS, body: configMap('x', { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'a', uid: '' }] } }), status: 422, like: { details: { causes: [{ field: 'metadata.ownerReferences.uid' }] } } },
  { rule: 'an Event may not own', method: 'POST', path: CONFIG_MAPS, body: configMap('x', { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'a', uid: 'u' }] } }), status: 422, like: { details: { causes: [{ field: 'metadata.ownerReferences', message: 'Invalid value: {"apiVersion":"v1","kind":"Event","name":"a","uid":"u"}: /v1, Kind=Event is disallowed from being an owner' }] } } },
  { rule: 'a finalizer without domain', method: 'POST', path: CONFIG_MAPS, body: configMap('x', { metadata: { finalizers: ['mine'] } }), status: 422, like: { details: { causes: [{ field: 'metadata.finalizers[0]' }] } } },
  { rule: 'two ways of deletion at once', method: 'POST', path: CONFIG_MAPS, body: configMap('x', { metadata: { finalizers: ['orphan', 'foregroundDeletion'] } }), status: 422, like: { details: { causes: [{ field: 'metadata.finalizers', message: 'Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set' }] } } },

  { rule: 'a put of what is not there', method: 'PUT', path: `${CONFIG_MAPS}/absent`, body: configMap('absent'), status: 404, like: failure('NotFound', 404, 'configmaps "absent" not found', { name: 'absent', kind: 'configmaps' }) },
  { rule: 'a put of a lease that is not there makes it', method: 'PUT', path: '/apis/coordination.k8s.io/v1/namespaces/default/leases/made', body: { metadata: { name: 'made' }, spec: {} }, status: 201 },
  { rule: 'a put of a role that is not there makes it', method: 'PUT', path: '/apis/rbac.authorization.k8s.io/v1/clusterroles/made', body: { metadata: { name: 'made' }, rules: [] }, status: 201 },
  { rule: 'a put of a Service that is not there makes it', method: 'PUT', path: '/api/v1/namespaces/default/services/made', body: { metadata: { name: 'made' }, spec: { ports: [{ port: 80 }] } }, status: 201, like: { spec: { type: 'ClusterIP' } } },
  { rule: 'a put of Endpoints that are not there makes them', method: 'PUT', path: '/api/v1/namespaces/default/endpoints/made', body: { metadata: { name: 'made' } }, status: 201 },
  { rule: 'a LimitRange without name gets one', method: 'POST', path: '/api/v1/namespaces/default/limitranges', body: { metadata: {}, spec: { limits: [] } }, status: 201 },
  { rule: 'of the secrets of an account only the names are kept', method: 'POST', path: ACCOUNTS, body: { metadata: { name: 'named' }, secrets: [{ kind: 'Secret', name: 'a', namespace: 'other', uid: 'u' }] }, status: 201, like: { secrets: [{ name: 'a', kind: undefined, namespace: undefined, uid: undefined }] } },
  { rule: 'the topology of the beta is dropped from slices', method: 'POST', path: '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', body: { metadata: { name: 'sliced' }, addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], deprecatedTopology: { zone: 'a' } }] }, status: 201, like: { endpoints: [{ addresses: ['10.0.0.1'], deprecatedTopology: undefined }] } },
  { rule: 'an object to be created has no version', method: 'POST', path: CONFIG_MAPS, body: configMap('versioned', { metadata: { resourceVersion: '7' } }), status: 500, like: { reason: undefined, code: 500, message: 'resourceVersion should not be set on objects to be created' } },
  { rule: 'which is told after what is invalid', method: 'POST', path: CONFIG_MAPS, body: configMap('Versioned', { metadata: { resourceVersion: '7' } }), status: 422 },
  { rule: 'and not to a dry run', method: 'POST', path: `${CONFIG_MAPS}?dryRun=All`, body: configMap('versioned-dry', { metadata: { resourceVersion: '7' } }), status: 201 },
  { rule: 'a version that is no number counts as none', method: 'POST', path: CONFIG_MAPS, body: configMap('versioned', { metadata: { resourceVersion: '-1' } }), status: 201 },
  { rule: 'null is an object without a name', method: 'POST', path: CONFIG_MAPS, body: 'null', status: 422, like: { message: 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required' } },
  { rule: 'a generation that a kind does not count is kept', method: 'POST', path: CONFIG_MAPS, body: configMap('counted', { metadata: { generation: 5 } }), status: 201, like: { metadata: { generation: 5 } } },
  { rule: 'a negative generation', method: 'POST', path: CONFIG_MAPS, body: configMap('negative', { metadata: { generation: -1 } }), status: 422, like: { message: 'ConfigMap "negative" is invalid: metadata.generation: Invalid value: -1: must be greater than or equal to 0' } },
  { rule: 'a put of a version that is no number', method: 'PUT', path: PRESENT, body: configMap('present', { metadata: { resourceVersion: 'abc' } }), status: 500, like: { reason: undefined, code: 500, message: 'strconv.ParseUint: parsing "abc": invalid syntax' } },
  { rule: 'a put says that an object is deleted', method: 'PUT', path: PRESENT, body: configMap('present', { metadata: { deletionTimestamp: '2020-01-01T00:00:00Z' } }), status: 422, like: { message: 'ConfigMap "present" is invalid: metadata.deletionTimestamp: Invalid value: "2020-01-01T00:00:00Z": field is immutable' } },
  { rule: 'a patch says how long an object has', method: 'PATCH', path: PRESENT, type: MERGE, body: { metadata: { deletionGracePeriodSeconds: 0 } }, status: 422, like: { message: 'ConfigMap "present" is invalid: metadata.deletionGracePeriodSeconds: Invalid value: 0: field is immutable' } },
  { rule: 'an export', path: `${PRESENT}?export=true`, status: 400, like: { reason: 'BadRequest', message: 'the export parameter, deprecated since v1.14, is no longer supported' } },
  { rule: 'a put under another name', method: 'PUT', path: PRESENT, body: configMap('other'), status: 400, like: failure('BadRequest', 400, 'the name of the object (other) does not match the name on the URL (present)') },
  { rule: 'a put without name', method: 'PUT', path: PRESENT, body: { metadata: {} }, status: 400, like: failure('BadRequest', 400, 'the name of the object (present based on URL) was undeterminable: name must be provided') },
  { rule: 'a put of an older version', method: 'PUT', path: PRESENT, body: configMap('present', { metadata: { resourceVersion: '1' } }), status: 409, like: failure('Conflict', 409, 'Operation cannot be fulfilled on configmaps "present": the object has been modified; please apply your changes to the latest version and try again', { name: 'present', kind: 'configmaps' }) },
  { rule: 'a put of another object', method: 'PUT', path: PRESENT, body: configMap('present', { metadata: { uid: 'other' } }), status: 409, like: { reason: 'Conflict' } },
  { rule: 'version 0 is none', method: 'PUT', path: PRESENT, body: configMap('present', { metadata: { resourceVersion: '0' }, data: { a: '1' } }), status: 200 },

  { rule: 'a patch of what is not there', method: 'PATCH', path: `${CONFIG_MAPS}/absent`, type: MERGE, body: {}, status: 404 },
  { rule: 'a patch that renames', method: 'PATCH', path: PRESENT, type: MERGE, body: { metadata: { name: 'other' } }, status: 400, like: { message: 'the name of the object (other) does not match the name on the URL (present)' } },
  { rule: 'a patch that moves', method: 'PATCH', path: PRESENT, type: MERGE, body: { metadata: { namespace: 'other' } }, status: 400, like: { message: 'the namespace of the provided object does not match the namespace sent on the request' } },
  { rule: 'a patch of another UID', method: 'PATCH', path: PRESENT, type: MERGE, body: { metadata: { uid: 'other' } }, status: 422, like: { details: { causes: [{ reason: 'FieldValueInvalid', field: 'metadata.uid', message: 'Invalid value: "other": field is immutable' }] } } },
  { rule: 'a patch of an older version', method: 'PATCH', path: PRESENT, type: MERGE, body: { metadata: { resourceVersion: '1' } }, status: 409 },
  { rule: 'a strategic patch of kind and version changes neither', method: 'PATCH', path: PRESENT, type: STRATEGIC, body: { apiVersion: 'v2', kind: 'Secret' }, status: 200, like: { apiVersion: 'v1', kind: 'ConfigMap' } },
  { rule: 'a patch of the kind', method: 'PATCH', path: PRESENT, type: MERGE, body: { kind: 'Secret' }, status: 422 },
  { rule: 'a patch with a wrong type', method: 'PATCH', path: PRESENT, type: MERGE, body: { data: 7 }, status: 422, like: { reason: 'Invalid', details: { causes: [{ reason: 'FieldValueInvalid', field: 'patch' }] } } },
  { rule: 'a patch with an unknown field, strictly', method: 'PATCH', path: `${PRESENT}?fieldValidation=Strict`, type: MERGE, body: { colour: 'blue' }, status: 422, like: { details: { causes: [{ field: 'patch' }] } } },
  { rule: 'a patch that is no patch', method: 'PATCH', path: PRESENT, type: 'application/json', body: {}, status: 415 },
  { rule: 'a strategic merge patch with a wrong type shows the patch, as Go prints it', method: 'PATCH', path: PRESENT, type: STRATEGIC, body: { metadata: { labels: 'no map', annotations: { b: '2', a: null } } }, status: 422, like: { details: { causes: [{ field: 'patch', message: 'Invalid value: "map[metadata:map[annotations:map[a:<nil> b:2] labels:no map]]": cannot restore map from string' }] } } },
  { rule: 'a strategic merge patch with an unknown field, strictly', method: 'PATCH', path: `${PRESENT}?fieldValidation=Strict`, type: STRATEGIC, body: { colour: 'blue' }, status: 422, like: { details: { causes: [{ field: 'patch', message: 'Invalid value: "map[colour:blue]": strict decoding error: unknown field "colour"' }] } } },
  { rule: 'a strategic merge patch without a merge key', method: 'PATCH', path: PRESENT, type: STRATEGIC, body: { metadata: { ownerReferences: [{ name: 'a' }, { name: 'b' }] } }, status: 422 },
  { rule: 'a patch in a form that nobody knows', method: 'PATCH', path: PRESENT, type: 'text/plain', body: {}, status: 415, like: { message: '415: Unsupported Media Type', details: {} } },
  { rule: 'a patch in a form that is not served', method: 'PATCH', path: `${PRESENT}?fieldManager=me`, type: 'application/apply-patch+cbor', body: {}, status: 415, like: { message: '415: Unsupported Media Type', details: {} } },
  { rule: 'a JSON patch that is no list', method: 'PATCH', path: PRESENT, type: JSON_PATCH, body: {}, status: 400 },
  { rule: 'a JSON patch of 10,001 operations', method: 'PATCH', path: PRESENT, type: JSON_PATCH, body: Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/kind', value: 'ConfigMap' })), status: 413, like: { reason: 'RequestEntityTooLarge', message: 'The allowed maximum operations in a JSON patch is 10000, got 10001' } },
  { rule: 'a test that fails', method: 'PATCH', path: PRESENT, type: JSON_PATCH, body: [{ op: 'test', path: '/kind', value: 'Secret' }], status: 422, like: { reason: 'Invalid' } },
  { rule: 'a path that is not there', method: 'PATCH', path: PRESENT, type: JSON_PATCH, body: [{ op: 'remove', path: '/data/b' }], status: 422 },
  { rule: 'a wrong directive', method: 'PATCH', path: PRESENT, type: STRATEGIC, body: { data: { $patch: 'upside-down' } }, status: 500 },
]);

test('what is wrong with a patch is told before what it makes of the object', async (t) => {
  const { plane } = t.context;
  const patch = [{ op: 'add', path: '/data', value: {}, foo: 1 }, { op: 'add', path: '/colour', value: 'blue' }];
  const answer = await ask(plane, { method: 'PATCH', path: `${PRESENT}?fieldValidation=Strict`, type: JSON_PATCH, body: patch });
  t.regex(answer.json.message, /: strict decoding error: json patch unknown field "\[0\]\.foo", unknown field "colour"$/);
});

test('kinds whose objects are not replaced without saying which: a put without version is invalid', async (t) => {
  const { plane } = t.context;
  const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
  const budget = await make(t, plane, budgets, { metadata: { name: 'versioned' }, spec: { minAvailable: 1 } });
  const { resourceVersion: _, ...metadata } = budget.metadata;
  const refused = await ask(plane, { method: 'PUT', path: `${budgets}/versioned`, body: { ...budget, metadata } });
  t.is(refused.status, 422);
  t.is(refused.json.message, 'poddisruptionbudgets.policy "versioned" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update');
  t.is((await ask(plane, { method: 'PUT', path: `${budgets}/versioned`, body: budget })).status, 200);
});

test('a write that changes nothing is none', async (t) => {
  const { plane } = t.context;
  const made = await make(t, plane, CONFIG_MAPS, configMap('unchanged', { data: { a: '1' } }));
  const path = `${CONFIG_MAPS}/unchanged`;
  const writes = [{ method: 'PUT', body: made }, { method: 'PUT', body: configMap('unchanged', { data: { a: '1' } }) }, { method: 'PATCH', type: MERGE, body: { data: { a: '1' } } }, { method: 'PATCH', type: STRATEGIC, body: {} }, { method: 'PATCH', type: JSON_PATCH, body: [] }];
  for (const write of writes) t.is((await ask(plane, { path, ...write })).json.metadata.resourceVersion, made.metadata.resourceVersion, JSON.stringify(write));
});

test('a dry run writes nothing, and answers as if it had', async (t) => {
  const { plane } = t.context;
  const tried = await ask(plane, { method: 'POST', path: `${CONFIG_MAPS}?dryRun=All`, body: configMap('tried') });
  t.is(tried.status, 201);
  t.truthy(tried.json.metadata.uid);
  t.is(tried.json.metadata.resourceVersion, undefined);
  t.is((await ask(plane, { path: `${CONFIG_MAPS}/tried` })).status, 404);
});

test('a name whose object is being deleted, and names that the server made and cannot give out', async (t) => {
  const { plane } = t.context;
  await make(t, plane, CONFIG_MAPS, configMap('leaving', { metadata: { finalizers: ['example.com/hold'] } }));
  t.like((await ask(plane, { method: 'DELETE', path: `${CONFIG_MAPS}/leaving` })).json, { kind: 'ConfigMap', metadata: { deletionGracePeriodSeconds: 0 } });
  t.is((await ask(plane, { method: 'POST', path: CONFIG_MAPS, body: configMap('leaving') })).json.message, 'object is being deleted: configmaps "leaving" already exists');
  const again = await ask(plane, { method: 'POST', path: CONFIG_MAPS, body: configMap('leaving', { metadata: { name: 'leaving', generateName: 'leav' } }) });
  t.like(again.json, { reason: 'AlreadyExists', message: 'configmaps "leaving" already exists, the server was not able to generate a unique name for the object', details: { retryAfterSeconds: 1 } });
  const added = await ask(plane, { method: 'PATCH', path: `${CONFIG_MAPS}/leaving`, type: MERGE, body: { metadata: { finalizers: ['example.com/hold', 'example.com/new'] } } });
  t.is(added.json.message, 'ConfigMap "leaving" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/new"}');
  t.is((await ask(plane, { method: 'PATCH', path: `${CONFIG_MAPS}/leaving`, type: MERGE, body: { metadata: { finalizers: null } } })).status, 200);
  t.is((await ask(plane, { path: `${CONFIG_MAPS}/leaving` })).status, 404);
});

test('a hundred patches of one object at once all succeed', async (t) => {
  const { plane } = t.context;
  const path = `${CONFIG_MAPS}/crowded`;
  await make(t, plane, CONFIG_MAPS, configMap('crowded'));
  const names = Array.from({ length: 100 }, (_, i) => `label-${i}`);
  const told = await Promise.all(names.map((name) => ask(plane, { method: 'PATCH', path, type: STRATEGIC, body: { metadata: { labels: { [name]: 'x' } } } })));
  t.deepEqual([...new Set(told.map(({ status }) => status))], [200]);
  t.true(told.every(({ json }, i) => json.metadata.labels[names[i] ?? ''] === 'x'));
  t.deepEqual(Object.keys((await ask(plane, { path })).json.metadata.labels).toSorted(), names.toSorted());
});

test('an owner that stands twice counts once, and whoever writes so is warned', async (t) => {
  const { plane } = t.context;
  const path = `${CONFIG_MAPS}/owned`;
  const owner = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid: '0a9d2b9e-779e-11e7-b422-42010a8001be' });
  const warning = (when = '') => `299 - ".metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${owner('a').uid}"`;
  const twice = configMap('owned', { metadata: { ownerReferences: [owner('a'), owner('a')] } });
  const seen = ({ json, headers }: Told) => [json.metadata.ownerReferences, headers['warning']];
  t.deepEqual(seen(await ask(plane, { method: 'POST', path: CONFIG_MAPS, body: twice })), [[owner('a')], warning()]);
  t.deepEqual(seen(await ask(plane, { method: 'PUT', path, body: twice })), [[owner('a')], warning()]);
  const add = (name: string) => ask(plane, { method: 'PATCH', path, type: JSON_PATCH, body: [{ op: 'add', path: '/metadata/ownerReferences/-', value: owner(name) }] });
  t.deepEqual(seen(await add('a')), [[owner('a')], warning(' after mutating admission happens')]);
  t.deepEqual(seen(await add('b')), [[owner('a'), owner('b')], undefined], 'one of another name is another owner');
});

test('a volume says since when it is in its phase', async (t) => {
  const { plane } = t.context;
  const path = '/api/v1/persistentvolumes';
  const made = await make(t, plane, path, { metadata: { name: 'phased' }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } } });
  t.is(made.status.phase, 'Pending');
  t.regex(made.status.lastPhaseTransitionTime, /^\d{4}-.*Z$/);
  const patch = async (status: object): Promise<string> => (await ask(plane, { method: 'PATCH', path: `${path}/phased/status`, type: MERGE, body: { status } })).json.status.lastPhaseTransitionTime;
  t.is(await patch({ phase: 'Available', lastPhaseTransitionTime: '2020-01-01T00:00:00Z' }), '2020-01-01T00:00:00Z');
  t.is(await patch({ message: 'still' }), '2020-01-01T00:00:00Z');
  t.not(await patch({ phase: 'Failed' }), '2020-01-01T00:00:00Z');
});

test('patches do not make an object larger than one request may be', async (t) => {
  const { plane } = t.context;
  const path = '/apis/apps/v1/namespaces/default/replicasets';
  const container = (name: string) => ({ name, image: 'i', env: [{ name: 'A', value: 'x'.repeat(1_600_000) }] });
  const made = await make(t, plane, path, { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'grown' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [container('one')] } } } });
  const grow = { method: 'PATCH', path: `${path}/grown`, type: JSON_PATCH, body: [{ op: 'add', path: '/spec/template/spec/containers/-', value: container('two') }] };
  const { status, json } = await ask(plane, grow);
  t.is(status, 413);
  t.like(json, failure('RequestEntityTooLarge', 413, 'Request entity too large: limit is 3145728'));
  t.is((await ask(plane, { path: `${path}/grown` })).json.metadata.resourceVersion, made.metadata.resourceVersion);
});
