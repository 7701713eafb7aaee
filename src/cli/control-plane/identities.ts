import type { ApiHandler, UserInfo } from '#api/transport.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/create-client.ts';
import { inProcessTransport } from '#client/in-process-transport.ts';
import { controllerUser } from '#controller/start-controllers.ts';

/** The clients of one process, each under the identity of its part: RBAC decides what a part may do, in process too. */
export interface Identities {
  readonly scheduler: Client;
  /** Reads for the informers that all controllers share. */
  readonly controllerManager: Client;
  readonly sync: Client;
  controller(name: string): Client;
}

const AUTHENTICATED = ['system:authenticated'];

export function createIdentities(handler: ApiHandler): Identities {
  const clientOf = (user: UserInfo, userAgent: string): Client => createClient(inProcessTransport(handler, user, userAgent));
  return {
    scheduler: clientOf({ name: 'system:kube-scheduler', groups: AUTHENTICATED }, 'kube-scheduler'),
    controllerManager: clientOf({ name: 'system:kube-controller-manager', groups: AUTHENTICATED }, 'kube-controller-manager'),
    sync: clientOf({ name: 'headway:sync', groups: AUTHENTICATED }, 'headway'),
    controller: (name) => clientOf(controllerUser(name), name),
  };
}
