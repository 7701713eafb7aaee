import fc from 'fast-check';
import { StatusError } from '#api/status-error.ts';

/** How long each property looks for a counterexample; HEADWAY_FUZZ_SECONDS makes it longer. All of them take well under a minute by default. */
const SECONDS = Number(process.env['HEADWAY_FUZZ_SECONDS'] ?? 2);
/** fast-check names it when a property fails: to try the same values again. */
const SEED = process.env['HEADWAY_FUZZ_SEED'];

/** Looks for values that break the property until the time is over. @throws Error with the smallest one that was found, and its seed */
export async function fuzz<T>(property: fc.IRawProperty<T>): Promise<void> {
  await fc.assert(property, {
    numRuns: 10_000_000, interruptAfterTimeLimit: SECONDS * 1000, markInterruptAsFailure: false, includeErrorInReport: true, ...(SEED === undefined ? {} : { seed: Number(SEED) }),
  });
}

/** Runs the decoder: what it throws must be a failure of the client, told as a Status, or one that Kubernetes answers with 500 and no reason. Undefined when it refuses. */
export function decoded<R>(decode: () => R): R | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof StatusError && ((error.httpCode >= 400 && error.httpCode < 500) || error.reason === '')) return undefined;
    throw error;
  }
}

/** Names that mean something to JavaScript, to Kubernetes, or to both. */
export const NAMES = [
  'metadata', 'name', 'namespace', 'labels', 'annotations', 'spec', 'status', 'data', 'kind', 'apiVersion', 'containers', 'image', 'replicas', 'finalizers', 'ownerReferences', 'managedFields', 'generation',
  'resourceVersion', 'uid', 'creationTimestamp', 'ports', 'env', 'resources', 'limits', 'cpu', '$patch', '$retainKeys', '$setElementOrder/containers', '$deleteFromPrimitiveList/finalizers',
  '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'toJSON', 'then', 'length', '', '0', 'a.b/c', '~', '/', '-',
];
const SCALARS = ['', 'a', 'v1', 'Pod', 'ConfigMap', '1', '-1', '1Gi', '1e999', '0x10', 'delete', 'replace', 'merge', '2026-01-01T00:00:00Z', 'YQ==', '\u0000', '\ud800', '../..', '*', '=', 'system:masters'];
const NUMBERS = [0, -0, 1, -1, 0.5, 2 ** 31, 2 ** 53, -(2 ** 63), 2 ** 63, 1e308];

export const scalar: fc.Arbitrary<unknown> = fc.oneof(fc.constantFrom(...SCALARS), fc.constantFrom(...NUMBERS), fc.boolean(), fc.constant(null), fc.string(), fc.integer());
const key = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...NAMES) }, { weight: 1, arbitrary: fc.string() });

/** Any JSON value, with names that matter. `__proto__` is a member of its own, as JSON.parse makes it. */
export const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4, depthSize: 'small' }, scalar, tie('object'), tie('array')),
  object: fc.array(fc.tuple(key, tie('value')), { maxLength: 6 }).map((entries) => JSON.parse(`{${entries.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`) as unknown),
  array: fc.array(tie('value'), { maxLength: 4 }),
})).value;
