import test from 'ava';
import type { Status } from '#api/generated/meta/v1.ts';
import type { ResourceSlice } from '#api/generated/resource/v1.ts';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';

let plane: ControlPlane;
test.before(async () => {
  plane = await startControlPlane();
});
test.after.always(() => plane?.stop());

const GROUP = '/apis/resource.k8s.io/v1';
const send = (method: 'POST' | 'PUT', path: string, body: object) => plane.server.handle({ method, path, body }, ADMIN);
const deviceClass = (name: string, expression: string): object => ({ metadata: { name }, spec: { selectors: [{ cel: { expression } }] } });

for (const [expression, problem] of [
  ["device.driver == 'x.io' && device.attributes['x.io'].model == 'a'", undefined],
  ["device.capacity['x.io'].memory.compareTo(quantity('1Gi')) >= 0", undefined],
  ['device.driver ==', /^spec\.selectors\[0\]\.cel\.expression: Invalid value: "device\.driver ==": compilation failed: /],
  ['device.name == "x"', /compilation failed: .*undefined field 'name'/],
  ['device.driver', /must evaluate to bool or the unknown type, not string$/],
  ['device.attributes.all(d, device.attributes.all(e, device.attributes[d].all(a, device.attributes[e].all(b, a == b))))', /^spec\.selectors\[0\]\.cel\.expression: Forbidden: too complex, exceeds cost limit$/],
] as const) {
  test(`a class selects devices by ${expression}`, async (t) => {
    const answer = await send('POST', `${GROUP}/deviceclasses`, deviceClass(`class-${expression.length}`, expression));
    t.is(answer.status, problem === undefined ? 201 : 422);
    if (problem !== undefined) t.regex((answer.body as Status).message?.replace(/^DeviceClass.*? is invalid: /, '') ?? '', problem);
  });
}

test('claims and templates that select by what is no expression are refused', async (t) => {
  const spec = { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c', selectors: [{ cel: { expression: '1 +' } }] } }] } };
  const field = (answer: { readonly body: unknown }) => (answer.body as Status).details?.causes?.[0]?.field;
  t.is(field(await send('POST', `${GROUP}/namespaces/default/resourceclaims`, { metadata: { name: 'a' }, spec })), 'spec.devices.requests[0].exactly.selectors[0].cel.expression');
  t.is(field(await send('POST', `${GROUP}/namespaces/default/resourceclaimtemplates`, { metadata: { name: 'a' }, spec: { spec } })), 'spec.spec.devices.requests[0].exactly.selectors[0].cel.expression');
});

test('a taint begins when it is first written, and a changed slice is a new generation', async (t) => {
  const slice = (resourceSliceCount: number, taint: object) => ({
    metadata: { name: 's' }, spec: { driver: 'x.io', allNodes: true, pool: { name: 'p', generation: 1, resourceSliceCount }, devices: [{ name: 'd', taints: [taint] }] },
  });
  const made = (await send('POST', `${GROUP}/resourceslices`, slice(1, { key: 'k', effect: 'NoExecute' }))).body as ResourceSlice;
  const [taint] = made.spec.devices?.[0]?.taints ?? [];
  t.regex(taint?.timeAdded ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const changed = (await send('PUT', `${GROUP}/resourceslices/s`, slice(2, taint ?? {}))).body as ResourceSlice;
  t.is(changed.spec.devices?.[0]?.taints?.[0]?.timeAdded, taint?.timeAdded);
  t.deepEqual([made.metadata.generation, changed.metadata.generation], [1, 2]);
});
