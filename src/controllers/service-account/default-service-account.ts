import { joinKey } from '#api/object.ts';
import { NAMESPACES, SERVICE_ACCOUNTS } from '#api/resources.ts';
import { isNamespaceTerminating, isStatus } from '#api/status-error.ts';
import type { ControllerDefinition } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';

const DEFAULT_NAME = 'default';

/** Keeps a service account `default` in every namespace. Keys are namespaces. */
export const serviceAccountController: ControllerDefinition = {
  name: CONTROLLER_NAMES.serviceAccount,
  concurrency: 4,
  build({ informers, client }) {
    const namespaces = informers.informer(NAMESPACES);
    const accounts = informers.informer(SERVICE_ACCOUNTS);
    return {
      reconciler: {
        isDue(namespace) {
          const target = namespaces.lister.get(namespace);
          return target !== undefined && target.status?.phase !== 'Terminating' && !accounts.lister.get(joinKey(namespace, DEFAULT_NAME));
        },
        async reconcile(namespace, { signal }) {
          await client.create(SERVICE_ACCOUNTS, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: DEFAULT_NAME } }, { signal }).catch(ignoreExisting);
          return {};
        },
      },
      triggers: [
        { informer: namespaces, keysOf: (namespace) => [namespace.metadata.name] },
        { informer: accounts, keysOf: ({ metadata }) => (metadata.name === DEFAULT_NAME && metadata.namespace ? [metadata.namespace] : []) },
      ],
    };
  },
};

/** The cache was behind, or the namespace is going away. */
function ignoreExisting(error: unknown): void {
  if (!isStatus(error, 'AlreadyExists', 'NotFound') && !isNamespaceTerminating(error)) throw error;
}
