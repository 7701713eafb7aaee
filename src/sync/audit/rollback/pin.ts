import { PINNED_ANNOTATION, type Application } from '#api/headway/v1/types.ts';
import { APPLICATIONS } from '#api/resources.ts';
import type { Client } from '#client/client.ts';

const FIELD_MANAGER = 'headway-rollback';

/** Has an application stay at a commit whatever its repository says, with the reason on the object. */
export function pin(client: Pick<Client, 'patch'>, application: Application, { revision, why }: { readonly revision: string; readonly why: string }): Promise<Application> {
  return write(client, application, { metadata: { annotations: { [PINNED_ANNOTATION]: why } }, spec: { pinnedRevision: revision } });
}

/** Has it follow its repository again. */
export function unpin(client: Pick<Client, 'patch'>, application: Application): Promise<Application> {
  return write(client, application, { metadata: { annotations: { [PINNED_ANNOTATION]: null } }, spec: { pinnedRevision: null } });
}

const write = (client: Pick<Client, 'patch'>, { metadata: { namespace, name } }: Application, body: object): Promise<Application> =>
  client.patch(APPLICATIONS, { namespace, name }, { type: 'merge', body }, { fieldManager: FIELD_MANAGER });
