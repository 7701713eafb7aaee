import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/core/v1.ts';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, VOLUME_ATTRIBUTES_CLASSES } from '#api/resources.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import type { ControllerDefinition } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';

const FINALIZER = 'kubernetes.io/vac-protection';

/** Lets go of deleted classes of volume attributes that no claim and no volume names. */
export const attributesClassProtectionController: ControllerDefinition = {
  name: CONTROLLER_NAMES.attributesClassProtection,
  concurrency: 1,
  build({ informers, client }) {
    const classes = informers.informer(VOLUME_ATTRIBUTES_CLASSES);
    const claims = informers.informer(PERSISTENT_VOLUME_CLAIMS);
    const volumes = informers.informer(PERSISTENT_VOLUMES);
    informers.addIndex(claims, 'attributesClass', ofClaim);
    informers.addIndex(volumes, 'attributesClass', ofVolume);
    return {
      reconciler: {
        async reconcile(name, { signal }) {
          const found = classes.lister.get(name);
          if (!found?.metadata.finalizers?.includes(FINALIZER) || found.metadata.deletionTimestamp === undefined) return {};
          if (claims.lister.byIndex('attributesClass', name).length > 0 || volumes.lister.byIndex('attributesClass', name).length > 0) return {};
          const finalizers = found.metadata.finalizers.filter((f) => f !== FINALIZER);
          await client.update(VOLUME_ATTRIBUTES_CLASSES, { ...found, metadata: { ...found.metadata, finalizers } }, { signal }).catch(ignoreNotFound);
          return {};
        },
      },
      triggers: [
        { informer: classes, keysOf: ({ metadata }) => [metadata.name] },
        { informer: claims, keysOf: (claim: PersistentVolumeClaim, old?: PersistentVolumeClaim) => changed(ofClaim(claim), old && ofClaim(old)) },
        { informer: volumes, keysOf: (volume: PersistentVolume, old?: PersistentVolume) => changed(ofVolume(volume), old && ofVolume(old)) },
      ],
    };
  },
};

const named = (names: readonly (string | undefined)[]): readonly string[] => [...new Set(names.filter((name): name is string => Boolean(name)))];
const ofClaim = ({ spec, status }: PersistentVolumeClaim): readonly string[] => named([spec?.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName]);
const ofVolume = ({ spec }: PersistentVolume): readonly string[] => named([spec?.volumeAttributesClassName]);
const changed = (names: readonly string[], old: readonly string[] | undefined): readonly string[] => (old?.join() === names.join() ? [] : names);
