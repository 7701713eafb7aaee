import { SYNC_FIELD_MANAGER } from '#api/headway/v1/types.ts';
import { APPLICATIONS, REPOSITORIES } from '#api/resources.ts';
import type { Client } from '#client/client.ts';

export const ROOT_NAMESPACE = 'headway-system';
export const ROOT_NAME = 'root';

export interface RootSource {
  /** As Repository.spec.url. */
  readonly url: string;
  readonly ref: string;
  /** Folder inside the repository; empty is the whole tree. */
  readonly path: string;
}

/** Makes (or changes) the Repository and the Application from which everything else follows. Namespace headway-system must be there. */
export async function ensureRootApplication(client: Client, { url, ref, path }: RootSource, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
  const metadata = { namespace: ROOT_NAMESPACE, name: ROOT_NAME };
  const write = { ...options, fieldManager: SYNC_FIELD_MANAGER, force: true };
  await client.apply(REPOSITORIES, { apiVersion: 'headway.dev/v1', kind: 'Repository', metadata, spec: { url, ref } }, write);
  await client.apply(APPLICATIONS, { apiVersion: 'headway.dev/v1', kind: 'Application', metadata, spec: { repository: ROOT_NAME, path } }, write);
}
