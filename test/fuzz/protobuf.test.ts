import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import { decodeObject } from '#api/decode.ts';
import { isStored } from '#api/resource-type.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import { loadSchema } from '#api/schema.ts';
import { withZeroValues } from '#api/zero-values.ts';
import { ProtobufDecoder } from '#apiserver/protobuf/decode.ts';
import { ProtobufEncoder } from '#apiserver/protobuf/encode.ts';
import { enclose } from '#apiserver/protobuf/envelope.ts';
import { KindTypes } from '#apiserver/protobuf/kind-types.ts';
import { MessageTypes } from '#apiserver/protobuf/message-types.ts';
import { decoded, fuzz } from '#test/support/fuzz.ts';
import { ObjectGenerator } from '#test/support/fuzz-objects.ts';

const schema = loadSchema();
const types = new MessageTypes(schema);
const encoder = new ProtobufEncoder(types);
const decoder = new ProtobufDecoder({ types, kinds: new KindTypes(new Scheme(BUILT_IN_RESOURCES)) });
const objects = new ObjectGenerator(schema);
const KINDS = BUILT_IN_RESOURCES.filter((r) => isStored(r) && r.facts !== undefined && encoder.has(r.facts));
const roundTrip = (object: object, { apiVersion, kind, reference }: { readonly apiVersion: string; readonly kind: string; readonly reference: string }): object =>
  decoder.decode(Buffer.concat(enclose(apiVersion, kind, encoder.encode(reference, object)))) as object;

test('what comes out of protobuf has all that Go always writes, and is the same when it goes through once more', async (t) => {
  t.timeout(600_000);
  const any = fc.constantFrom(...KINDS).chain((resource) => fc.tuple(fc.constant(resource), objects.of(resource.facts ?? '')));
  await fuzz(fc.property(any, ([resource, value]) => {
    const sent = decoded(() => decodeObject(schema, resource, { ...(value as object), apiVersion: undefined, kind: undefined }, { fieldValidation: 'Ignore' }));
    if (sent === undefined) return;
    const as = { apiVersion: sent.object.apiVersion, kind: sent.object.kind, reference: resource.facts ?? '' };
    const once = roundTrip(sent.object, as);
    const complete = withZeroValues(schema, resource.facts, once);
    if (complete !== once) throw new Error(`${resource.kind}: ${JSON.stringify(once)} lacks what is in ${JSON.stringify(complete)}`);
    const twice = roundTrip(once, as);
    if (!isDeepStrictEqual(twice, once)) throw new Error(`${resource.kind}: ${JSON.stringify(once)} became ${JSON.stringify(twice)}`);
  }));
  t.pass();
});
