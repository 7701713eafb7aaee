import type { Secret } from '#api/generated/core/v1.ts';
import { joinKey, keyOf } from '#api/object.ts';
import { refersTo } from '#api/pod-references.ts';
import { CONFIG_MAPS, PODS, SECRETS, SERVICE_ACCOUNTS } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import type { Client } from '#client/client.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import type { ControllerDefinition } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { fateOf, INVALID_SINCE, mayBeUnused, type TokenFate } from './plan.ts';

const TYPE = 'kubernetes.io/service-account-token';
const ACCOUNT = 'kubernetes.io/service-account.name';
const TRACKING = { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' } as const;
/** Days are what is counted. */
const AGAIN = { requeueAfterMs: 86_400_000 } as const;

/** Makes tokens of service accounts in Secrets invalid that nobody has used for a year, and deletes them after another one. */
export const legacyTokenCleaner: ControllerDefinition = {
  name: CONTROLLER_NAMES.legacyTokenCleaner,
  concurrency: 1,
  build({ informers, client, clock }) {
    const secrets = informers.informer(SECRETS, { fieldSelector: `type=${TYPE}` });
    const accounts = informers.informer(SERVICE_ACCOUNTS);
    const pods = informers.informer(PODS);
    return {
      reconciler: {
        async reconcile(key, { signal }) {
          const secret = secrets.lister.get(key);
          if (!secret || secret.metadata.deletionTimestamp !== undefined) return {};
          if (!mayBeUnused(secret, clock.now())) return AGAIN;
          const { namespace, name, annotations } = secret.metadata;
          const account = accounts.lister.get(joinKey(namespace, annotations?.[ACCOUNT] ?? ''));
          const isNeeded = pods.lister.list(namespace).some((pod) => refersTo(pod, 'secret', name));
          await carryOut(client, secret, fateOf({ secret, account, isNeeded, trackedSince: await trackedSince(client, signal), nowMs: clock.now() }), signal);
          return AGAIN;
        },
      },
      triggers: [{ informer: secrets, keysOf: (secret) => [keyOf(secret)] }],
    };
  },
};

/** Whoever has used the token in between has changed the secret: that is looked at again. */
async function carryOut(client: Client, { metadata }: Secret, fate: TokenFate, signal: AbortSignal): Promise<void> {
  const { uid, resourceVersion } = metadata;
  if (fate.type === 'invalidate') {
    const body = { metadata: { uid, resourceVersion, labels: { [INVALID_SINCE]: fate.day } } };
    await client.patch(SECRETS, metadata, { type: 'merge', body }, { signal }).catch(ignoreNotFound);
  }
  if (fate.type === 'delete') await client.delete(SECRETS, metadata, { preconditions: { uid, resourceVersion }, signal }).catch(ignoreNotFound);
}

async function trackedSince(client: Client, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await client.get(CONFIG_MAPS, TRACKING, { signal })).data?.['since'];
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  }
}
