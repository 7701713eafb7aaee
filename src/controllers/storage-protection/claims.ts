import type { PersistentVolumeClaim, Pod } from '#api/generated/core/v1.ts';
import { joinKey, keyOf, splitKey } from '#api/object.ts';
import { PERSISTENT_VOLUME_CLAIMS, PODS } from '#api/resources.ts';
import type { Client } from '#client/client.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import type { ControllerDefinition } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';

const FINALIZER = 'kubernetes.io/pvc-protection';

/** Lets go of deleted claims when no pod on a node uses them any more. */
export const claimProtectionController: ControllerDefinition = {
  name: CONTROLLER_NAMES.claimProtection,
  concurrency: 2,
  build({ informers, client }) {
    const claims = informers.informer(PERSISTENT_VOLUME_CLAIMS);
    const pods = informers.informer(PODS);
    informers.addIndex(pods, 'claim', claimsOf);
    return {
      reconciler: {
        async reconcile(key, { signal }) {
          const claim = claims.lister.get(key);
          if (!claim?.metadata.finalizers?.includes(FINALIZER) || claim.metadata.deletionTimestamp === undefined) return {};
          if (pods.lister.byIndex('claim', key).some(isOnNode) || (await isUsed(client, claim, signal))) return {};
          const finalizers = claim.metadata.finalizers.filter((f) => f !== FINALIZER);
          await client.update(PERSISTENT_VOLUME_CLAIMS, { ...claim, metadata: { ...claim.metadata, finalizers } }, { signal }).catch(ignoreNotFound);
          return {};
        },
      },
      triggers: [{ informer: claims, keysOf: (claim) => [keyOf(claim)] }, { informer: pods, keysOf: (pod: Pod, old?: Pod) => (old && isOnNode(old) === isOnNode(pod) ? [] : claimsOf(pod)) }],
    };
  },
};

/** A pod that has no node yet will be refused there: its claim is going away. */
const isOnNode = (pod: Pod): boolean => Boolean(pod.spec?.nodeName);

/** An ephemeral volume's claim is named after pod and volume. */
function claimsOf({ metadata, spec }: Pod): readonly string[] {
  return (spec?.volumes ?? []).flatMap((volume) => {
    const name = volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? `${metadata.name}-${volume.name}` : undefined);
    return name === undefined ? [] : [joinKey(metadata.namespace, name)];
  });
}

/** Asked of the server itself: the informer may not have heard of the newest pod. */
async function isUsed(client: Client, claim: PersistentVolumeClaim, signal: AbortSignal): Promise<boolean> {
  const { items } = await client.list(PODS, { namespace: splitKey(keyOf(claim)).namespace, signal });
  return items.some((pod) => isOnNode(pod) && claimsOf(pod).includes(keyOf(claim)));
}
