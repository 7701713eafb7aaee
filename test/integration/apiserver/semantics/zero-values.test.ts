import anyTest, { type TestFn } from 'ava';
import { loadSchema } from '#api/schema.ts';
import { ProtobufEncoder } from '#apiserver/protobuf/encode.ts';
import { enclose } from '#apiserver/protobuf/envelope.ts';
import { MessageTypes } from '#apiserver/protobuf/message-types.ts';
import { ask, make, type PlaneContext, withPlane } from '#test/support/rule-table.ts';

const test = anyTest as TestFn<PlaneContext>;
withPlane(test);

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const ZEROS = { paused: false, minReadySeconds: 0 };
const template = (spec: object): object => ({ metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } });
const deployment = (name: string, spec: object = {}, pod: object = {}): object => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { selector: { matchLabels: { a: 'b' } }, template: template(pod), ...spec } });
const yaml = (name: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  paused: false
  minReadySeconds: 0
  selector: { matchLabels: { a: b } }
  template: { metadata: { labels: { a: b } }, spec: { hostNetwork: false, nodeSelector: {}, containers: [{ name: c, image: i }] } }
`;
const protobuf = (name: string): Buffer => Buffer.concat(enclose('apps/v1', 'Deployment', new ProtobufEncoder(new MessageTypes(loadSchema())).encode('apps/v1.Deployment', deployment(name, ZEROS, { hostNetwork: false }) as never)));

for (const [form, type, bodyOf] of [
  ['JSON', 'application/json', (name: string) => deployment(name, ZEROS, { hostNetwork: false, nodeSelector: {} })],
  ['YAML', 'application/yaml', yaml],
  ['protobuf', 'application/vnd.kubernetes.protobuf', protobuf],
] as const) {
  test(`zeros that Go would not write are not kept of ${form}, and nobody owns them`, async (t) => {
    const { json } = await ask(t.context.plane, { method: 'POST', path: DEPLOYMENTS, type, body: bodyOf(`as-${form.toLowerCase()}`) });
    t.false('paused' in json.spec || 'minReadySeconds' in json.spec || 'hostNetwork' in json.spec.template.spec || 'nodeSelector' in json.spec.template.spec, JSON.stringify(json));
    t.is(json.metadata.managedFields.length, 1);
    t.notRegex(JSON.stringify(json.metadata.managedFields), /paused|minReady|hostNetwork|nodeSelector/);
  });
}

test('an update that only adds zeros changes nothing, whatever its form', async (t) => {
  const { plane } = t.context;
  const path = `${DEPLOYMENTS}/same`;
  const made = await make(t, plane, DEPLOYMENTS, deployment('same'));
  const body = { spec: { ...ZEROS, template: { spec: { hostNetwork: false } } } };
  for (const asked of [
    { method: 'PUT', body: { ...made, spec: { ...made.spec, ...ZEROS } } },
    { method: 'PATCH', type: 'application/merge-patch+json', body },
    { method: 'PATCH', type: 'application/strategic-merge-patch+json', body },
    { method: 'PATCH', type: 'application/json-patch+json', body: [{ op: 'add', path: '/spec/paused', value: false }] },
  ]) {
    const { status, json } = await ask(plane, { path, ...asked });
    t.is(status, 200);
    t.deepEqual(json, made, asked.type ?? asked.method);
  }
});

test('who applies zeros owns them, and applies them again without a write', async (t) => {
  const apply = () => ask(t.context.plane, { method: 'PATCH', path: `${DEPLOYMENTS}/applied?fieldManager=me`, type: 'application/apply-patch+yaml', body: yaml('applied') });
  const first = await apply();
  t.is(first.status, 201);
  t.false('paused' in first.json.spec);
  t.like(first.json.metadata.managedFields[0].fieldsV1['f:spec'], { 'f:paused': {}, 'f:minReadySeconds': {}, 'f:template': { 'f:spec': { 'f:hostNetwork': {}, 'f:nodeSelector': {} } } });
  t.deepEqual((await apply()).json, first.json);
});
