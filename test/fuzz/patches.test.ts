import test from 'ava';
import fc from 'fast-check';
import { applyServerSide } from '#api/apply/managed-fields.ts';
import { decodeObject } from '#api/decode.ts';
import { isJsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import { jsonPatch } from '#api/patch/json.ts';
import { mergePatch } from '#api/patch/merge.ts';
import { strategicMergePatch } from '#api/patch/strategic.ts';
import { DEPLOYMENTS, PODS } from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';
import { decoded, fuzz, json, NAMES } from '#test/support/fuzz.ts';

const schema = loadSchema();
const POD: KubeObject = {
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'b', labels: { app: 'x' }, finalizers: ['a.b/c'] },
  spec: { containers: [{ name: 'a', image: 'i', ports: [{ containerPort: 80, protocol: 'TCP' }], env: [{ name: 'E', value: '1' }] }, { name: 'b', image: 'j' }], tolerations: [{ key: 'k', operator: 'Exists' }] },
} as KubeObject;
const FROZEN = JSON.stringify(POD);
const unchanged = (): void => {
  if (JSON.stringify(POD) !== FROZEN) throw new Error('the original was changed');
  if (Object.keys(Object.prototype).length > 0 || ({} as Record<string, unknown>)['polluted'] !== undefined) throw new Error('the prototype was polluted');
};
const pointer = fc.array(fc.oneof(fc.constantFrom(...NAMES, '-', '0', '1', '-1', '99999999999'), fc.string()), { maxLength: 4 }).map((steps) => steps.map((s) => `/${s.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''));
const operation = fc.record({ op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'), path: fc.oneof(pointer, fc.string()), from: pointer, value: json }, { requiredKeys: [] });
/** A patch of a pod that is nearly right. */
const podPatch = fc.record({ metadata: json, spec: fc.oneof(json, fc.record({ containers: fc.oneof(json, fc.array(fc.oneof(json, fc.record({ name: json, $patch: json, ports: json, env: json }, { requiredKeys: [] })), { maxLength: 3 })) })) }, { requiredKeys: [] });

test('any JSON patch applies or is refused, and leaves the original alone', async (t) => {
  t.timeout(600_000);
  await fuzz(fc.property(fc.oneof(json, fc.array(fc.oneof(operation, json), { maxLength: 5 })), (patch) => {
    decoded(() => jsonPatch(POD, patch));
    unchanged();
  }));
  t.pass();
});

test('any merge patch applies, and leaves the original alone', async (t) => {
  t.timeout(600_000);
  await fuzz(fc.property(json, (patch) => {
    mergePatch(POD, patch);
    unchanged();
  }));
  t.pass();
});

test('any strategic merge patch applies or is refused, and leaves the original alone', async (t) => {
  t.timeout(600_000);
  await fuzz(fc.property(fc.oneof(podPatch, json), (patch) => {
    if (!isJsonObject(patch)) return;
    const patched = decoded(() => strategicMergePatch(schema, 'core/v1.Pod', POD, patch));
    if (patched) decoded(() => decodeObject(schema, PODS, patched, { fieldValidation: 'Ignore' }));
    unchanged();
  }));
  t.pass();
});

test('any object that decodes is applied or refused, over any managed fields', async (t) => {
  t.timeout(600_000);
  await fuzz(fc.property(fc.constantFrom(PODS, DEPLOYMENTS), podPatch, json, (resource, value, managedFields) => {
    const applied = decoded(() => decodeObject(schema, resource, value, { fieldValidation: 'Ignore' }))?.object;
    const live = decoded(() => decodeObject(schema, resource, { ...POD, apiVersion: undefined, kind: undefined, metadata: { ...POD.metadata, managedFields } }, { fieldValidation: 'Ignore' }))?.object;
    if (!applied) return;
    const named = { ...applied, metadata: { ...applied.metadata, name: 'a' } } as KubeObject;
    decoded(() => applyServerSide(schema, resource, { ...(live ? { live } : {}), applied: named, manager: 'm', force: false, now: '2026-01-01T00:00:00Z' }));
    unchanged();
  }));
  t.pass();
});
