import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import type { PatchType } from './api.ts';
import type { Scene } from './behaviour.ts';

const TYPES: readonly PatchType[] = ['strategic', 'merge', 'apply', 'json'];
const MANAGER = 'test-apply';

/**
 * A patch of each type, one on top of the other, with all that a Go client writes into it: the type, the UID, a null for the time that nobody set.
 * Unknown fields are errors, and a patch for another object of this name is refused.
 */
export async function patchesInEachWay({ t, api }: Scene, resource: ResourceType, name: string, where: { readonly namespace?: string }): Promise<void> {
  const { uid } = (await api.get(resource, name, where)).metadata;
  const whole = (label: string, of: string | undefined = uid) => ({ ...typeOf(resource), metadata: { name, ...where, uid: of, creationTimestamp: null, labels: { 'patched-as': label } } });
  for (const type of TYPES) {
    const body = type === 'json' ? [{ op: 'test', path: '/metadata/uid', value: uid }, { op: 'add', path: '/metadata/labels/patched-as', value: type }] : whole(type);
    const patched = await api.patch(resource, name, type, body, { ...where, query: optionsOf(type) });
    t.is(patched.metadata.labels?.['patched-as'], type);
    t.is(patched.metadata.uid, uid);
    if (type !== 'json') t.is((await api.failure(api.patch(resource, name, type, whole(type, 'of-another'), { ...where, query: optionsOf(type) }))).reason, 'Invalid');
  }
}

/** The same of a status. What is applied belongs to the one who applied it, in the entry of that subresource. */
export async function patchesStatusInEachWay({ t, api }: Scene, resource: ResourceType, live: KubeObject, status: object, subresource: string): Promise<void> {
  const { name, namespace, uid } = live.metadata;
  const where = { namespace, subresource };
  for (const type of TYPES) {
    const present = (await api.get(resource, name, where)) as KubeObject & { readonly status?: object };
    const body = type === 'json' ? [{ op: 'add', path: '/status', value: { ...present.status, ...status } }] : { ...typeOf(resource), metadata: { name, ...(namespace ? { namespace } : {}), uid, creationTimestamp: null }, status };
    const patched = await api.patch(resource, name, type, body, { ...where, query: optionsOf(type) });
    t.is(patched.metadata.uid, uid, type);
    if (type === 'apply') t.truthy(patched.metadata.managedFields?.find((entry) => entry.manager === MANAGER && entry.operation === 'Apply' && entry.subresource === subresource));
  }
}

const optionsOf = (type: PatchType) => ({ fieldValidation: 'Strict', ...(type === 'apply' ? { fieldManager: MANAGER, force: true } : {}) });
const typeOf = (resource: ResourceType) => ({ apiVersion: apiVersionOf(resource), kind: resource.kind });
