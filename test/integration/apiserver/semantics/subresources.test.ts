import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { ask, make, type PlaneContext, testRules, type Told, withPlane } from '#test/support/rule-table.ts';

const test = anyTest as TestFn<PlaneContext>;
const ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts';
withPlane(test, (plane) => ask(plane, { method: 'POST', path: ACCOUNTS, body: { metadata: { name: 'robot' } } }));

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const PODS = '/api/v1/namespaces/default/pods';
const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';
const podSpec = { containers: [{ name: 'c', image: 'registry.example/c' }] };
const scale = (name: string, replicas: unknown): object => ({ apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name }, spec: { replicas } });
const managers = async ({ plane }: PlaneContext, path: string): Promise<readonly string[]> =>
  (await ask(plane, { path })).json.metadata.managedFields.map((entry: { manager: string; operation: string; apiVersion: string; subresource?: string; fieldsV1: object }) => `${entry.operation} ${entry.manager} ${entry.apiVersion} ${entry.subresource ?? ''} ${'f:replicas' in (entry.fieldsV1 as { 'f:spec': object })['f:spec']}`);

const TOKEN = `${ACCOUNTS}/robot/token`;
const NAMESPACE = '/api/v1/namespaces/default';
testRules(test, [
  { rule: 'a token request in another namespace', method: 'POST', path: TOKEN, body: { metadata: { namespace: 'other' } }, status: 400, like: { message: 'the namespace of the provided object does not match the namespace sent on the request' } },
  { rule: 'a token request under another name', method: 'POST', path: TOKEN, body: { metadata: { name: 'other' } }, status: 422, like: { message: 'TokenRequest.authentication.k8s.io "robot" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified' } },
  { rule: 'a token request for another account of the name', method: 'POST', path: TOKEN, body: { metadata: { uid: 'other' }, spec: {} }, status: 409, like: { reason: 'Conflict', details: { group: 'authentication.k8s.io', kind: 'TokenRequest', name: 'robot' } } },
  { rule: 'a token request without body', method: 'POST', path: TOKEN, status: 400, like: { reason: 'BadRequest' } },
  { rule: 'an eviction in another namespace', method: 'POST', path: `${PODS}/absent/eviction`, body: { metadata: { name: 'absent', namespace: 'other' } }, status: 400 },
  { rule: 'a review in another namespace', method: 'POST', path: '/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews', body: { metadata: { namespace: 'other' }, spec: { user: 'a' } }, status: 400 },
  { rule: 'a finalizer of a namespace without domain', method: 'PUT', path: `${NAMESPACE}/finalize`, body: { metadata: { name: 'default' }, spec: { finalizers: ['mine'] } }, status: 422, like: { details: { causes: [{ reason: 'FieldValueInvalid', field: 'spec.finalizers[0]', message: 'Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified' }] } } },
  { rule: 'a namespace ends by its deletion, not by its status', method: 'PATCH', path: `${NAMESPACE}/status`, type: MERGE, body: { status: { phase: 'Terminating' } }, status: 422, like: { details: { causes: [{ reason: 'FieldValueInvalid', field: 'status.Phase' }] } } },
]);

test('an evicted pod says so while it goes, a dry run changes nothing', async (t) => {
  const { plane } = t.context;
  await make(t, plane, PODS, { metadata: { name: 'evicted', finalizers: ['example.com/hold'] }, spec: podSpec });
  const path = `${PODS}/evicted`;
  t.teardown(() => ask(plane, { method: 'PATCH', path, type: MERGE, body: { metadata: { finalizers: null } } }));
  await ask(plane, { method: 'PATCH', path: `${path}/status`, type: MERGE, body: { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } } });
  const evict = async (options: object): Promise<readonly [status: number, deletionTimestamp: boolean, disruption: unknown]> => {
    const { status } = await ask(plane, { method: 'POST', path: `${path}/eviction`, body: { metadata: { name: 'evicted' }, deleteOptions: options } });
    const { metadata, status: { conditions } } = (await ask(plane, { path })).json;
    return [status, metadata.deletionTimestamp !== undefined, conditions.find(({ type }: { readonly type: string }) => type === 'DisruptionTarget')?.reason];
  };
  t.deepEqual(await evict({ dryRun: ['All'] }), [201, false, undefined]);
  t.deepEqual(await evict({ preconditions: { uid: 'other' } }), [409, false, undefined]);
  t.deepEqual(await evict({}), [201, true, 'EvictionByEvictionAPI']);
});

async function deployment(t: ExecutionContext<PlaneContext>, name: string): Promise<string> {
  const labels = { app: name };
  await make(t, t.context.plane, `${DEPLOYMENTS}?fieldManager=maker`, { metadata: { name }, spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec } } });
  return `${DEPLOYMENTS}/${name}`;
}

test('a scale is applied: others own the replicas, force takes them over, and the object says so', async (t) => {
  const { plane } = t.context;
  const path = await deployment(t, 'applied');
  const apply = (query: string, body: object): Promise<Told> => ask(plane, { method: 'PATCH', path: `${path}/scale?fieldManager=scaler${query}`, type: APPLY, body });
  const conflict = await apply('', scale('applied', 3));
  t.is(conflict.status, 409, conflict.body.toString());
  t.is(conflict.json.message, 'Apply failed with 1 conflict: conflict with "maker" using autoscaling/v1: .spec.replicas');
  const forced = await apply('&force=true', scale('applied', 3));
  t.like(forced.json, { kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 3 } });
  t.deepEqual(await managers(t.context, path), ['Apply scaler apps/v1 scale true', 'Update maker apps/v1  false']);
  t.is((await ask(plane, { path })).json.spec.replicas, 3);
  t.regex((await apply('', { ...scale('applied', 3), odd: 1 })).json.message, /^failed to create typed patch object \(\/applied; autoscaling\/v1, Kind=Scale\): \.odd: field not declared in schema$/);
  t.is((await ask(plane, { method: 'PATCH', path: `${DEPLOYMENTS}/absent/scale?fieldManager=scaler`, type: APPLY, body: scale('absent', 1) })).json.message, 'deployments.apps "absent" not found');
});

test('a scale is one of its object, with a number of replicas', async (t) => {
  const { plane } = t.context;
  const path = `${await deployment(t, 'scaled')}/scale`;
  const refused = async (method: string, body: object, type = 'application/json'): Promise<string> => (await ask(plane, { method, path, body, type })).json.message;
  t.is(await refused('PUT', scale('other', 1)), 'the name of the object (other) does not match the name on the URL (scaled)');
  t.is(await refused('PUT', { spec: { replicas: 1 } }), 'the name of the object (scaled based on URL) was undeterminable: name must be provided');
  t.is(await refused('PUT', scale('scaled', 'x')), 'Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32');
  t.is(await refused('PUT', scale('scaled', -1)), 'Scale.autoscaling "scaled" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0');
  t.regex(await refused('PATCH', { spec: { replicas: 'x' } }, MERGE), /^ "" is invalid: patch: Invalid value: .*: json: cannot unmarshal string into Go struct field ScaleSpec\.spec\.replicas of type int32$/);
  t.is((await ask(plane, { method: 'PUT', path, body: scale('scaled', 2) })).json.spec.replicas, 2);
});

test('ephemeral containers are validated when they are added', async (t) => {
  const { plane } = t.context;
  await make(t, plane, '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
  await make(t, plane, PODS, { metadata: { name: 'debugged' }, spec: podSpec });
  const add = (container: object): Promise<Told> => ask(plane, { method: 'PATCH', path: `${PODS}/debugged/ephemeralcontainers`, type: 'application/strategic-merge-patch+json', body: { spec: { ephemeralContainers: [container] } } });
  const refused = await add({ name: 'e', targetContainerName: 'absent' });
  t.is(refused.status, 422);
  t.is(refused.json.message, 'Pod "debugged" is invalid: [spec.ephemeralContainers[0].image: Required value, spec.ephemeralContainers[0].targetContainerName: Not found: "absent"]');
  const mistyped = await add({ name: 'e', image: 'registry.example/e', stdin: 'yes' });
  t.is(mistyped.status, 422);
  t.like(mistyped.json.details.causes[0], { field: 'patch', message: 'Invalid value: "map[spec:map[ephemeralContainers:[map[image:registry.example/e name:e stdin:yes]]]]": unrecognized type: bool' });
  const { status, json: pod } = await add({ name: 'e', image: 'registry.example/e', targetContainerName: 'c' });
  t.is(status, 200);
  const put = (metadata: object, ...ephemeralContainers: readonly object[]): Promise<Told> => ask(plane, { method: 'PUT', path: `${PODS}/debugged/ephemeralcontainers`, body: { ...pod, metadata: { ...pod.metadata, ...metadata }, spec: { ...pod.spec, ephemeralContainers } } });
  t.is((await put({ resourceVersion: '1' }, ...pod.spec.ephemeralContainers)).status, 409);
  t.is((await put({})).json.message, 'Pod "debugged" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers "e" may not be removed\n');
  t.is((await put({}, { name: 'e', image: 'registry.example/other', targetContainerName: 'c' })).json.message, 'Pod "debugged" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers "e" may not be changed\n');
  const { json: kept } = await put({ annotations: { a: 'b' } }, ...pod.spec.ephemeralContainers, { name: 'f', image: 'registry.example/f' });
  t.deepEqual([kept.spec.ephemeralContainers.length, kept.metadata.annotations, kept.metadata.generation], [2, pod.metadata.annotations, 3]);
});
