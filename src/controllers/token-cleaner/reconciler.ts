import { bootstrapTokenEndMs } from '#api/bootstrap-tokens.ts';
import type { Secret } from '#api/generated/core/v1.ts';
import { keyOf } from '#api/object.ts';
import { SECRETS } from '#api/resources.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import type { ControllerDefinition } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';

const TYPE = 'bootstrap.kubernetes.io/token';

/** Deletes bootstrap tokens of kube-system when they are over. */
export const tokenCleaner: ControllerDefinition = {
  name: CONTROLLER_NAMES.tokenCleaner,
  concurrency: 1,
  build({ informers, client, clock }) {
    const secrets = informers.informer(SECRETS, { fieldSelector: `type=${TYPE}` });
    return {
      reconciler: {
        async reconcile(key, { signal }) {
          const secret = secrets.lister.get(key);
          const leftMs = secret && msToLive(secret, clock.now());
          if (secret === undefined || leftMs === undefined) return {};
          if (leftMs > 0) return { requeueAfterMs: leftMs };
          const { uid, resourceVersion } = secret.metadata;
          await client.delete(SECRETS, secret.metadata, { preconditions: { uid, resourceVersion }, signal }).catch(ignoreNotFound);
          return {};
        },
      },
      triggers: [{ informer: secrets, keysOf: (secret) => (secret.metadata.namespace === 'kube-system' ? [keyOf(secret)] : []) }],
    };
  },
};

/** Undefined for a token without end. */
export function msToLive(secret: Secret, nowMs: number): number | undefined {
  const endMs = bootstrapTokenEndMs(Buffer.from(secret.data?.['expiration'] ?? '', 'base64').toString('utf8'));
  return secret.type !== TYPE || endMs === Infinity ? undefined : endMs - nowMs;
}
