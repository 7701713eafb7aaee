import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType, type Verb } from '#api/resource-type.ts';
import { waitFor } from '#test/support/wait.ts';
import type { Sent } from './api.ts';
import type { Scene } from './behaviour.ts';
import { patchesInEachWay, patchesStatusInEachWay } from './patches.ts';

export interface Operations {
  /** An object of the kind, under the name and with the labels that are given. */
  readonly make: (name: string, labels: Readonly<Record<string, string>>) => Sent;
  /** A status to write, and subresources that take it (default `status`); absent for kinds without one. */
  readonly status?: { readonly value: (live: KubeObject) => object; readonly subresources?: readonly string[] };
  /** What an update changes besides an annotation. */
  readonly update?: (live: KubeObject) => object;
}

/** Some kinds are held for a while after their deletion, as ServiceCIDRs are for ten seconds. */
const GONE_MS = 30_000;
const VERBS: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

interface Resources {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean; readonly verbs: readonly string[] }[];
}

/** The API group, the version and the resource stand in the discovery documents. */
export async function isDiscovered({ t, api }: Scene, resource: ResourceType, subresources: readonly string[] = []): Promise<void> {
  if (resource.group !== '') {
    const { groups } = await api.document<{ readonly groups: readonly { readonly name: string; readonly versions: readonly { readonly version: string }[] }[] }>('/apis');
    t.true(groups.find((g) => g.name === resource.group)?.versions.some((v) => v.version === resource.version), `${apiVersionOf(resource)} is in /apis`);
    const group = await api.document<{ readonly versions: readonly { readonly groupVersion: string }[] }>(`/apis/${resource.group}`);
    t.true(group.versions.some((v) => v.groupVersion === apiVersionOf(resource)));
  }
  const { resources } = await api.document<Resources>(resource.group === '' ? '/api/v1' : `/apis/${apiVersionOf(resource)}`);
  const own = resources.find((r) => r.name === resource.plural);
  t.is(own?.kind, resource.kind);
  t.is(own?.namespaced, resource.namespaced);
  for (const verb of VERBS) t.true(own?.verbs.includes(verb), `${resource.plural} can be asked to ${verb}`);
  for (const sub of subresources) t.truthy(resources.find((r) => r.name === `${resource.plural}/${sub}`), `${resource.plural}/${sub} is discovered`);
}

/** create, get, list, watch, patch, update, status, delete and deletecollection of a kind, as the suite's tests of API operations do them. */
export async function supportsOperations(scene: Scene, resource: ResourceType, operations: Operations): Promise<void> {
  const { t, api, unique } = scene;
  const subresources = operations.status ? (operations.status.subresources ?? ['status']) : [];
  await isDiscovered(scene, resource, subresources);
  const where = resource.namespaced ? { namespace: scene.namespace } : {};
  const labels = { 'e2e-test': unique('special') };
  const selected = { ...where, query: { labelSelector: `e2e-test=${labels['e2e-test']}` } };
  const names = [unique('a'), unique('b'), unique('c')] as const;
  const [name] = names;

  const watch = await api.watch(resource, selected);
  t.teardown(() => watch.close());
  const made = await Promise.all(names.map((n) => api.create(resource, inPlace(operations.make(n, labels), where.namespace))));
  t.teardown(() => api.deleteCollection(resource, selected));
  for (const object of made) t.truthy(object.metadata.uid);
  t.is((await api.failure(api.create(resource, inPlace(operations.make(name, labels), where.namespace)))).reason, 'AlreadyExists');
  t.is((await api.get(resource, name, where)).metadata.uid, made[0]?.metadata.uid);
  const listed = await api.list(resource, selected);
  t.is(listed.items.length, names.length);
  t.true((await api.list(resource, { query: selected.query })).items.length >= names.length);
  for (let i = 0; i < names.length; i++) t.true((names as readonly string[]).includes((await watch.type('ADDED')).object.metadata.name));

  // Where the list ends the watches go on, within the namespace and over all.
  const since = { query: { ...selected.query, resourceVersion: listed.metadata.resourceVersion ?? '' } };
  const later = await Promise.all([api.watch(resource, { ...where, ...since }), api.watch(resource, since)]);
  t.teardown(() => later.forEach((each) => each.close()));
  const patched = await api.patch(resource, name, 'merge', { metadata: { annotations: { patched: 'true' } } }, where);
  t.is(patched.metadata.annotations?.['patched'], 'true');
  await watch.next((e) => e.type === 'MODIFIED' && e.object.metadata.annotations?.['patched'] === 'true', 'the patch');
  const updated = await updateLatest(scene, resource, name, where.namespace, (live) => ({ ...operations.update?.(live), metadata: { ...live.metadata, annotations: { ...live.metadata.annotations, updated: 'true' } } }));
  t.is(updated.metadata.annotations?.['updated'], 'true');
  await watch.next((e) => e.type === 'MODIFIED' && e.object.metadata.annotations?.['updated'] === 'true', 'the update');
  for (const each of later) t.is((await each.next((e) => e.object.metadata.annotations?.['updated'] === 'true', 'the update')).type, 'MODIFIED');
  await patchesInEachWay(scene, resource, name, where);
  for (const subresource of subresources) await writesStatus(scene, resource, name, where.namespace, subresource, operations.status?.value ?? (() => ({})));

  await api.delete(resource, name, where);
  await watch.next((e) => e.type === 'DELETED' && e.object.metadata.name === name, `${name} to be deleted`, GONE_MS);
  await waitFor(async () => (await api.list(resource, selected)).items.length === names.length - 1, { what: `${name} to be gone`, timeoutMs: GONE_MS });
  t.is((await api.failure(api.get(resource, name, where))).reason, 'NotFound');
  await api.deleteCollection(resource, selected);
  await waitFor(async () => (await api.list(resource, selected)).items.length === 0, { what: 'the collection to be gone', timeoutMs: GONE_MS });
}

/** PUT of the latest state with a change, again while others write too. */
export async function updateLatest({ api }: Scene, resource: ResourceType, name: string, namespace: string | undefined, change: (live: KubeObject) => object, subresource?: string): Promise<KubeObject> {
  return waitFor(async () => {
    const live = await api.get(resource, name, { namespace, ...(subresource === 'scale' ? { subresource } : {}) });
    return api.update(resource, { ...live, ...change(live) } as Sent, { namespace, ...(subresource ? { subresource } : {}) });
  }, { what: `an update of ${resource.plural} ${name}` });
}

async function writesStatus(scene: Scene, resource: ResourceType, name: string, namespace: string | undefined, subresource: string, value: (live: KubeObject) => object): Promise<void> {
  const { t, api } = scene;
  const present = (await api.get(resource, name, { namespace, subresource })) as KubeObject & { readonly status?: object };
  t.like(present, { apiVersion: apiVersionOf(resource), kind: resource.kind });
  t.is(present.metadata.uid, (await api.get(resource, name, { namespace })).metadata.uid);
  const wanted = value(present);
  const patched = (await api.patch(resource, name, 'merge', { metadata: { annotations: { [`patched-${subresource}`]: 'true' } }, status: wanted }, { namespace, subresource })) as typeof present;
  holds(scene, patched.status, wanted);
  const updated = (await updateLatest(scene, resource, name, namespace, (live) => ({ status: { ...(live as typeof present).status, ...wanted } }), subresource)) as typeof present;
  holds(scene, updated.status, wanted);
  await patchesStatusInEachWay(scene, resource, present, wanted, subresource);
}

/** Controllers may add conditions of their own. */
function holds({ t }: Scene, status: object | undefined, wanted: object): void {
  for (const [key, value] of Object.entries(wanted)) {
    const present = (status as Record<string, unknown> | undefined)?.[key];
    if (key !== 'conditions') t.deepEqual(present, value);
    else for (const { type, status: state } of value as readonly { readonly type: string; readonly status: string }[]) t.is((present as typeof value).find((c: { readonly type: string }) => c.type === type)?.status, state);
  }
}

const inPlace = (object: Sent, namespace: string | undefined): Sent => ({ ...object, metadata: { ...object.metadata, ...(namespace ? { namespace } : {}) } });
