import type { PersistentVolumeClaim } from '#api/generated/core/v1.ts';
import type { StorageClass } from '#api/generated/storage/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { compare, parseQuantity } from '#api/quantity.ts';
import { isSameResource } from '#api/resource-type.ts';
import { PERSISTENT_VOLUME_CLAIMS } from '#api/resources.ts';
import { forbidden } from '#api/status-error.ts';
import type { AdmissionPlugin } from '../plugin.ts';

type Claim = PersistentVolumeClaim & KubeObject;
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** A claim grows only when it is bound and its class lets volumes grow. */
export const CLAIM_RESIZE: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  handles: ({ operation, resource, subresource }) => operation === 'UPDATE' && subresource === '' && isSameResource(resource, PERSISTENT_VOLUME_CLAIMS),
  validate({ resource, name, object, live }, { cache }) {
    const [claim, old] = [object as Claim, live as Claim];
    if (compare(sizeOf(claim), sizeOf(old)) <= 0) return;
    if (old.status?.phase !== 'Bound') throw forbidden(resource, name, 'only bound persistent volume claims can be expanded');
    const [className, oldName] = [claim, old].map(classOf);
    const storageClass = className && className === oldName ? (cache.get('storageclasses.storage.k8s.io', '', className)?.object as (StorageClass & KubeObject) | undefined) : undefined;
    if (storageClass?.allowVolumeExpansion !== true) {
      throw forbidden(resource, name, 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize');
    }
  },
};

const sizeOf = ({ spec }: Claim) => parseQuantity(spec?.resources?.requests?.['storage'] ?? 0);
const classOf = ({ metadata, spec }: Claim): string => metadata.annotations?.[CLASS_ANNOTATION] ?? spec?.storageClassName ?? '';
