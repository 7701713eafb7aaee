import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { apiVersionOf } from '#api/resource-type.ts';
import { Scheme } from '#api/scheme.ts';
import type { Client } from '#client/client.ts';
import type { ClusterCapabilities } from './renderer.ts';

/** What the cluster is and serves; its version is asked for once, by the first call that succeeds. */
export function clusterCapabilities(client: Pick<Client, 'raw'>, scheme: Scheme): () => Promise<ClusterCapabilities> {
  let kubeVersion: string | undefined;
  let known: { readonly revision: number; readonly apiVersions: readonly string[] } | undefined;
  return async () => {
    kubeVersion ??= ((await client.raw('/version')) as { readonly gitVersion: string }).gitVersion;
    if (known?.revision !== scheme.revision) known = { revision: scheme.revision, apiVersions: apiVersionsOf(scheme) };
    return { kubeVersion, apiVersions: known.apiVersions };
  };
}

const apiVersionsOf = (scheme: Scheme): readonly string[] =>
  [...new Set(scheme.all().flatMap((resource) => [apiVersionOf(resource), `${apiVersionOf(resource)}/${resource.kind}`]))].sort();

/** Of the API that Headway serves, where no cluster is asked; the kinds are the built-in ones. */
export const offlineCapabilities = (): Promise<ClusterCapabilities> => Promise.resolve({ kubeVersion: 'v1.36.0+headway', apiVersions: apiVersionsOf(new Scheme(BUILT_IN_RESOURCES)) });
