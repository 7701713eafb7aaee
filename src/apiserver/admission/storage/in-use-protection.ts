import type { KubeObject } from '#api/object.ts';
import { type GroupResource, groupResource } from '#api/resource-type.ts';
import type { AdmissionPlugin } from '../plugin.ts';

const FINALIZERS: Readonly<Record<GroupResource, string>> = { persistentvolumeclaims: 'kubernetes.io/pvc-protection', persistentvolumes: 'kubernetes.io/pv-protection', 'volumeattributesclasses.storage.k8s.io': 'kubernetes.io/vac-protection' };
/** A first look that costs nothing. */
const PLURALS: ReadonlySet<string> = new Set(Object.keys(FINALIZERS).map((name) => name.split('.', 1)[0] ?? ''));

/** Claims, volumes and classes of attributes stay until nothing uses them: a controller takes the finalizer away. */
export const STORAGE_IN_USE_PROTECTION: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  handles: ({ operation, resource, subresource }) => operation === 'CREATE' && subresource === '' && PLURALS.has(resource.plural) && Object.hasOwn(FINALIZERS, groupResource(resource)),
  mutate({ object, resource }) {
    const { metadata, ...rest } = object as KubeObject;
    const finalizer = FINALIZERS[groupResource(resource)] ?? '';
    return metadata.finalizers?.includes(finalizer) ? (object as KubeObject) : { ...rest, metadata: { ...metadata, finalizers: [...(metadata.finalizers ?? []), finalizer] } };
  },
};
