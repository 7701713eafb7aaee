import test from 'ava';
import { applyServerSide, trackUpdate } from '#api/apply/managed-fields.ts';
import type { KubeObject } from '#api/object.ts';
import { apiVersionOf } from '#api/resource-type.ts';
import * as resources from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';

const schema = loadSchema();
const now = '2026-01-01T00:00:00Z';
const { facts: _, ...ANY } = resources.CONFIG_MAPS;
const CUSTOM = { ...ANY, group: 'example.com', kind: 'Thing', plural: 'things', subresources: ['status'] };
const METADATA = { labels: { a: 'b' }, annotations: { a: 'b' }, finalizers: ['x/a'], ownerReferences: [{ apiVersion: 'v1', kind: 'A', name: 'a', uid: 'u' }] };
const ALL = Object.keys(METADATA);

const cases = [
  { resource: resources.PODS, subresource: 'status', owned: ['labels', 'annotations', 'finalizers'], status: ['phase', 'conditions'] },
  { resource: resources.DEPLOYMENTS, subresource: 'status', owned: ['annotations', 'finalizers', 'ownerReferences'], status: ['phase', 'conditions'] },
  { resource: resources.REPLICA_SETS, subresource: 'status', owned: ALL, status: ['phase', 'conditions'] },
  { resource: resources.CUSTOM_RESOURCE_DEFINITIONS, subresource: 'status', owned: ALL, status: ['phase', 'conditions'] },
  { resource: resources.API_SERVICES, subresource: 'status', owned: [], status: ['phase', 'conditions'] },
  { resource: resources.SERVICE_CIDRS, subresource: 'status', owned: [], status: ['phase', 'conditions'] },
  { resource: resources.VOLUME_ATTACHMENTS, subresource: 'status', owned: [], status: ['phase', 'conditions'] },
  { resource: resources.CERTIFICATE_SIGNING_REQUESTS, subresource: 'status', owned: ALL, status: ['phase'] },
  { resource: resources.CERTIFICATE_SIGNING_REQUESTS, subresource: 'approval', owned: ALL, status: ['phase', 'conditions'] },
  { resource: resources.APPLICATIONS, subresource: 'status', owned: [], status: ['phase', 'conditions'] },
  { resource: CUSTOM, subresource: 'status', owned: [], status: ['phase', 'conditions'] },
] as const;

/** The members of the metadata and of the status that the writer owns. */
function owned({ metadata }: KubeObject): { readonly owned: readonly string[]; readonly status: readonly string[]; readonly others: readonly string[] } {
  const { 'f:metadata': meta = {}, 'f:status': status = {}, ...others } = (metadata.managedFields?.find(({ manager }) => manager === 'm')?.fieldsV1 ?? {}) as Readonly<Record<string, object>>;
  const names = (of: object): readonly string[] => Object.keys(of).filter((step) => step !== '.').map((step) => step.slice(2));
  return { owned: names(meta), status: names(status), others: names(others) };
}

for (const { resource, subresource, ...expected } of cases) {
  const maker = { manager: 'maker', operation: 'Update', apiVersion: apiVersionOf(resource), time: now, fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': { 'f:made': {} } } };
  const live = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { name: 'a', managedFields: [maker] }, spec: {}, status: {} } as unknown as KubeObject;
  const written = { ...live, metadata: { name: 'a', ...METADATA }, status: { phase: 'P', conditions: [{ type: 'A', status: 'True' }] }, spec: { x: 1 } } as unknown as KubeObject;
  const sorted = { owned: expected.owned.toSorted(), status: expected.status.toSorted(), others: [] };

  test(`an update of a ${resource.kind}'s ${subresource} owns of the metadata: ${expected.owned.join(', ') || 'nothing'}`, (t) => {
    t.deepEqual(owned(trackUpdate(schema, resource, { live, updated: written, manager: 'm', subresource, now })), sorted);
  });
  test(`an apply of a ${resource.kind}'s ${subresource} owns the same, and leaves the rest as it is`, (t) => {
    const applied = applyServerSide(schema, resource, { live, applied: written, manager: 'm', force: false, subresource, now }) as KubeObject & { readonly spec?: object };
    t.deepEqual(owned(applied), sorted);
    t.deepEqual(Object.keys(applied.metadata).filter((name) => ALL.includes(name)).sort(), sorted.owned);
    t.deepEqual(applied.spec, {});
  });
}
