import { PERSISTENT_VOLUMES } from '#api/resources.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import type { ControllerDefinition } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';

const FINALIZER = 'kubernetes.io/pv-protection';

/** Lets go of deleted volumes that are bound to no claim. */
export const volumeProtectionController: ControllerDefinition = {
  name: CONTROLLER_NAMES.volumeProtection,
  concurrency: 2,
  build({ informers, client }) {
    const volumes = informers.informer(PERSISTENT_VOLUMES);
    return {
      reconciler: {
        async reconcile(name, { signal }) {
          const volume = volumes.lister.get(name);
          if (!volume?.metadata.finalizers?.includes(FINALIZER) || volume.metadata.deletionTimestamp === undefined || volume.status?.phase === 'Bound') return {};
          const finalizers = volume.metadata.finalizers.filter((f) => f !== FINALIZER);
          await client.update(PERSISTENT_VOLUMES, { ...volume, metadata: { ...volume.metadata, finalizers } }, { signal }).catch(ignoreNotFound);
          return {};
        },
      },
      triggers: [{ informer: volumes, keysOf: ({ metadata }) => [metadata.name] }],
    };
  },
};
