import type { ConfigMap } from '#api/generated/core/v1.ts';
import { canonicalJson } from '#api/json.ts';
import { joinKey } from '#api/object.ts';
import { CONFIG_MAPS, NAMESPACES } from '#api/resources.ts';
import type { ControllerDefinition } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';

const NAME = 'kube-root-ca.crt';
const ANNOTATION = 'kubernetes.io/description';
const DESCRIPTION = 'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Keeps the API server's CA (PEM) in ConfigMap `kube-root-ca.crt` of every namespace, where pods mount it from. */
export const rootCaPublisher = (rootCa: string): ControllerDefinition => ({
  name: CONTROLLER_NAMES.rootCa,
  concurrency: 4,
  build({ informers, client }) {
    const namespaces = informers.informer(NAMESPACES);
    const maps = informers.informer(CONFIG_MAPS, { fieldSelector: `metadata.name=${NAME}` });
    const data = { 'ca.crt': rootCa };
    const isPublished = (map: ConfigMap | undefined): boolean => canonicalJson(map?.data ?? {}) === canonicalJson(data) && Boolean(map?.metadata.annotations?.[ANNOTATION]);
    return {
      reconciler: {
        isDue(namespace) {
          const target = namespaces.lister.get(namespace);
          return target !== undefined && target.status?.phase !== 'Terminating' && !isPublished(maps.lister.get(joinKey(namespace, NAME)));
        },
        async reconcile(namespace, { signal }) {
          const present = maps.lister.get(joinKey(namespace, NAME));
          const annotations = { ...present?.metadata.annotations, [ANNOTATION]: DESCRIPTION };
          if (present) await client.update(CONFIG_MAPS, { ...present, metadata: { ...present.metadata, annotations }, data }, { signal });
          else await client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name: NAME, annotations }, data }, { signal });
          return {};
        },
      },
      triggers: [
        { informer: namespaces, keysOf: (namespace) => [namespace.metadata.name] },
        { informer: maps, keysOf: ({ metadata }) => (metadata.namespace ? [metadata.namespace] : []) },
      ],
    };
  },
});
