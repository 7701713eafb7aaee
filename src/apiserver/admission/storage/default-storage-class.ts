import type { PersistentVolumeClaim } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { isSameResource } from '#api/resource-type.ts';
import { PERSISTENT_VOLUME_CLAIMS } from '#api/resources.ts';
import { defaultObject } from '../default-object.ts';
import type { AdmissionPlugin } from '../plugin.ts';

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';
const MARKS = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'] as const;

/** A new claim that names no class gets the default one; a class that is named empty means that none is wanted. */
export const DEFAULT_STORAGE_CLASS: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  handles: ({ operation, resource, subresource }) => operation === 'CREATE' && subresource === '' && isSameResource(resource, PERSISTENT_VOLUME_CLAIMS),
  mutate({ object }, { cache }) {
    const claim = object as PersistentVolumeClaim & KubeObject;
    if (claim.spec?.storageClassName !== undefined || claim.metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return claim;
    const found = defaultObject(cache, 'storageclasses.storage.k8s.io', MARKS);
    return found ? ({ ...claim, spec: { ...claim.spec, storageClassName: found.metadata.name } } as KubeObject) : claim;
  },
};
