import test from 'ava';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';
import { Scheme } from '#api/scheme.ts';
import { protobufBody } from '#apiserver/http/body-fault.ts';
import { ProtobufDecoder } from '#apiserver/protobuf/decode.ts';
import { ProtobufEncoder } from '#apiserver/protobuf/encode.ts';
import { enclose } from '#apiserver/protobuf/envelope.ts';
import { KindTypes } from '#apiserver/protobuf/kind-types.ts';
import { MessageTypes } from '#apiserver/protobuf/message-types.ts';
import type { ResourceInfo } from '#apiserver/request-info.ts';

interface Sample {
  readonly name: string;
  readonly object: { readonly apiVersion: string; readonly kind: string };
  /** base64 */
  readonly protobuf: string;
}

/** Kubernetes' own samples (api/testdata/HEAD of 1.36) of every kind that is served: the same object as JSON and as protobuf. */
const SAMPLES = JSON.parse(gunzipSync(readFileSync(new URL('../../../testdata/protobuf/kinds.json.gz', import.meta.url))).toString()) as readonly Sample[];

const types = new MessageTypes(loadSchema());
const served = new KindTypes(new Scheme(BUILT_IN_RESOURCES));
const NOT_SERVED: Readonly<Record<string, string>> = { 'apidiscovery.k8s.io/v2/APIGroupDiscovery': 'apidiscovery/v2.APIGroupDiscovery' };
const typeOf = (apiVersion: string, kind: string): string | undefined => served.of(apiVersion, kind) ?? NOT_SERVED[`${apiVersion}/${kind}`] ?? packageType(apiVersion, kind);
const packageType = (apiVersion: string, kind: string): string | undefined => {
  const found = loadSchema().packages().find((p) => p.group !== undefined && (p.group === '' ? p.version : `${p.group}/${p.version}`) === apiVersion);
  return found && kind in found.types ? `${found.id}.${kind}` : undefined;
};
const decoder = new ProtobufDecoder({ types, kinds: { of: typeOf } });
const encoder = new ProtobufEncoder(types);

const infoOf = (plural: string, verb: ResourceInfo['verb'] = 'create'): ResourceInfo => {
  const resource = BUILT_IN_RESOURCES.find((r) => r.plural === plural);
  if (resource === undefined) throw new Error(plural);
  return { type: 'resource', verb, resource, path: '', namespace: 'default', name: '', subresource: '' };
};

const encode = ({ apiVersion, kind }: Sample['object'], object: object): Buffer => Buffer.concat(enclose(apiVersion, kind, encoder.encode(typeOf(apiVersion, kind) ?? '', object)));

for (const { name, object, protobuf } of SAMPLES) {
  const bytes = Buffer.from(protobuf, 'base64');
  test(`${name} is encoded to Kubernetes' bytes`, (t) => {
    t.is(encode(object, object).toString('base64'), protobuf);
  });
  test(`${name} is decoded from Kubernetes' bytes`, (t) => {
    t.deepEqual(decoder.decode(bytes), object);
  });
}

test('fields that are not set are written as Go writes them', (t) => {
  const empty = { apiVersion: 'v1', kind: 'ConfigMap' };
  // Metadata is a struct and always there: strings of length 0, generation 0, creation time empty.
  t.is(encode(empty, empty).subarray(-22).toString('hex'), '0a100a0012001a0022002a00320038004200' + '1a002200');
  t.deepEqual(decoder.decode(encode(empty, empty)), { ...empty, metadata: {} });
});

test('an empty string behind a pointer is not the same as none', (t) => {
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec: { storageClassName: '' } };
  t.deepEqual(decoder.decode(encode(claim, claim)), { ...claim, metadata: {}, spec: { ...claim.spec, resources: {} }, status: {} });
});

test('a zero that Go always writes is told, in both directions', (t) => {
  const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b' }, spec: { minAvailable: 0 }, status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 3 } };
  t.deepEqual(decoder.decode(encode(budget, budget)), budget);
});

test('keys of maps, negative numbers and characters beyond ASCII survive', (t) => {
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'n', generation: -3 }, data: { z: 'ä'.repeat(100), a: '日本', '__proto__x': '' } };
  const bytes = encode(map, map);
  t.deepEqual(decoder.decode(bytes), map);
  t.true(bytes.indexOf('日本') < bytes.indexOf('ää'), 'entries are sorted by key');
});

test('times keep their microseconds', (t) => {
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'n' }, spec: { renewTime: '2026-01-02T03:04:05.000678Z' } };
  t.deepEqual(decoder.decode(encode(lease, lease)), lease);
});

test('a body that ends too early is refused', (t) => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'n' } };
  t.throws(() => decoder.decode(encode(pod, pod).subarray(0, 30)), { message: /no valid protobuf/ });
});

const refusedBodies: readonly (readonly [body: string, fault: string])[] = [
  ['{"a":1}', 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] ({"a":1})'],
  ['k8s', 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (6b3873)'],
  ['x'.repeat(31), `provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (${'78'.repeat(30)} ...)`],
  ['k8s\0', 'empty body (6b387300)'],
];
for (const [body, fault] of refusedBodies) {
  test(`refused, as no object is in it: ${JSON.stringify(body)}`, (t) => {
    t.throws(() => protobufBody(decoder, infoOf('pods'), Buffer.from(body)), { message: `the object provided is unrecognized (must be of type Pod): ${fault}` });
  });
}

test('a body that does not say what it is, is what the path is for', (t) => {
  const unsaid = (object: object, kind: string): Buffer => Buffer.concat(enclose('', '', encoder.encode(typeOf('v1', kind) ?? '', object)));
  t.like(protobufBody(decoder, infoOf('pods'), unsaid({ metadata: { name: 'n' } }, 'Pod')), { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'n' } });
  t.deepEqual(protobufBody(decoder, infoOf('pods', 'deletecollection'), unsaid({ gracePeriodSeconds: 3 }, 'DeleteOptions')), { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 3 });
});
