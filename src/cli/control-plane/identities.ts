import type { ApiHandler, UserInfo } from '#api/transport.ts';
import type { Pki } from '#apiserver/pki/pki.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/create-client.ts';
import { inProcessTransport } from '#client/in-process-transport.ts';
import { controllerUser } from '#controller/start-controllers.ts';
import { CONTROLLER_NAMES } from '#controllers/names.ts';
import { type ApiConnection, connectToApi, readCredentials } from '../api-connection.ts';

/** The clients of one process, each under the identity of its part: RBAC decides what a part may do, in process too. */
export interface Identities {
  readonly scheduler: Client;
  /** Reads for the informers that all controllers share. */
  readonly controllerManager: Client;
  readonly sync: Client;
  controller(name: string): Client;
  close(): Promise<void>;
}

/** A part as the API knows it. */
interface Identity {
  readonly user: UserInfo;
  readonly userAgent: string;
  /** Of its certificate, below `pki/`. */
  readonly file: string;
}

const AUTHENTICATED = 'system:authenticated';
const IDENTITIES = {
  scheduler: { user: { name: 'system:kube-scheduler', groups: [AUTHENTICATED] }, userAgent: 'kube-scheduler', file: 'scheduler' },
  controllerManager: { user: { name: 'system:kube-controller-manager', groups: [AUTHENTICATED] }, userAgent: 'kube-controller-manager', file: 'controller-manager' },
  sync: { user: { name: 'headway:sync', groups: [AUTHENTICATED] }, userAgent: 'headway', file: 'sync' },
} as const satisfies Record<string, Identity>;
const controllerIdentity = (name: string): Identity => ({ user: controllerUser(name), userAgent: name, file: name });

/** For parts in the API server's own process. */
export function inProcessIdentities(handler: ApiHandler): Identities {
  return identities(({ user, userAgent }) => createClient(inProcessTransport(handler, user, userAgent)), () => Promise.resolve());
}

/** For parts in processes of their own: each identity has a certificate, and so a connection, of its own. Opened when first used. */
export function certificateIdentities({ dataDir, server }: { readonly dataDir: string; readonly server: string }): Identities {
  const open: ApiConnection[] = [];
  return identities(({ file, userAgent }) => {
    const connection = connectToApi(server, readCredentials(dataDir, file), userAgent);
    open.push(connection);
    return connection.client;
  }, async () => void (await Promise.all(open.map((connection) => connection.close()))));
}

/** Makes the certificates that {@link certificateIdentities} reads. */
export async function issueIdentities(pki: Pki): Promise<void> {
  const all = [...Object.values(IDENTITIES), ...Object.values(CONTROLLER_NAMES).map(controllerIdentity)];
  // The API server adds this group to whoever it knows; a certificate does not name it.
  await Promise.all(all.map(({ file, user }) => pki.client(file, { name: user.name, groups: user.groups.filter((group) => group !== AUTHENTICATED) })));
}

function identities(connect: (identity: Identity) => Client, close: () => Promise<void>): Identities {
  const clients = new Map<string, Client>();
  const clientOf = (identity: Identity): Client => {
    const client = clients.get(identity.file) ?? connect(identity);
    clients.set(identity.file, client);
    return client;
  };
  return {
    get scheduler() { return clientOf(IDENTITIES.scheduler); },
    get controllerManager() { return clientOf(IDENTITIES.controllerManager); },
    get sync() { return clientOf(IDENTITIES.sync); },
    controller: (name) => clientOf(controllerIdentity(name)),
    close,
  };
}
