import type { KubeObject } from '#api/object.ts';
import { formatTime } from '#base/clock.ts';
import type { UserInfo } from '#api/transport.ts';
import type { Expectation, Write } from '#store/object-store.ts';
import type { WriteContext } from '../call.ts';
import type { Environment } from '../environment.ts';
import { autoupdated, isFlowObject } from '../flowcontrol/autoupdate.ts';
import { FLOW_OBJECTS } from '../flowcontrol/bootstrap-objects.ts';
import { prepareCreate } from '../registry/prepare-create.ts';
import { prepareUpdate } from '../registry/prepare-update.ts';
import { commit } from '../storage/commit.ts';
import { readCached } from '../storage/object-reader.ts';
import { storedWrite } from '../storage/object-write.ts';
import { extensionObjects } from './extension-objects.ts';
import { bindsOtherRole, reconciled } from './reconcile.ts';
import { bootstrapObjects, type BootstrapFacts } from './objects.ts';

const SYSTEM: UserInfo = { name: 'system:apiserver', groups: ['system:masters'] };
/** The server's own writes. */
export const SYSTEM_CONTEXT: WriteContext = { user: SYSTEM, isOwn: true, dryRun: false, fieldManager: 'headway-apiserver', warn: () => {} };
const MAX_ATTEMPTS = 8;
/** What is kept as the server wants it; namespaces and priority classes only have to be there. */
const MAINTAINED: ReadonlySet<string> = new Set(['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding', 'ConfigMap', 'Service', 'Endpoints', 'EndpointSlice', 'FlowSchema', 'PriorityLevelConfiguration']);

/** Writes what every cluster holds, in one transaction, and nothing when it is there. Several servers may do it at once. */
export const bootstrap = (env: Environment, facts: Omit<BootstrapFacts, 'now'>): Promise<void> =>
  writeBootstrapObjects(env, [...(bootstrapObjects({ ...facts, now: formatTime(env.clock.now()) }) as readonly KubeObject[]), ...extensionObjects(env.pki), ...FLOW_OBJECTS]);

/** Makes those that are missing, and brings the ones that are maintained back to what they should be. */
export async function writeBootstrapObjects(env: Environment, wanted: readonly KubeObject[]): Promise<void> {
  const context: WriteContext = { ...SYSTEM_CONTEXT, newNamespaces: new Map(wanted.filter(({ kind }) => kind === 'Namespace').map((namespace) => [namespace.metadata.name, namespace])) };
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const writes = (await Promise.all(wanted.map((object) => writesOf(env, object, context)))).flat();
    if (writes.length === 0) return;
    const result = await commit(env.store, writes);
    if (result.ok) return void (await env.cache.sync());
    await env.cache.sync();
  }
  throw new Error('other writers kept changing the objects that every cluster holds');
}

async function writesOf(env: Environment, wanted: KubeObject, context: WriteContext): Promise<readonly Write[]> {
  const resource = env.scheme.byKind(wanted.apiVersion, wanted.kind);
  if (resource === undefined) throw new Error(`kind ${wanted.kind} is not served`);
  const { name, namespace = '' } = wanted.metadata;
  const live = readCached(env.cache, resource, namespace, name);
  const made = async (expect: Expectation): Promise<readonly Write[]> => {
    const { object, also } = await prepareCreate(env, resource, wanted, context);
    return [storedWrite(resource, 'put', { ...object, ...statusOf(wanted) }, expect), ...also];
  };
  if (live === undefined) return made('absent');
  if (!MAINTAINED.has(wanted.kind) || isDetached(live.object)) return [];
  // A binding never changes its role: it is made anew.
  if (bindsOtherRole(live.object, wanted)) return made(live.revision);
  const updated = isFlowObject(wanted) ? autoupdated(live.object, wanted) : reconciled(live.object, wanted);
  const decision = await prepareUpdate(env, { resource, subresource: '', live: live.object, updated, context });
  return decision.type === 'put' ? [storedWrite(resource, 'put', decision.object, live.revision), ...(decision.also ?? [])] : [];
}

/** What a client could not send: the status of what is ready from the start. */
const statusOf = (wanted: KubeObject): object => ('status' in wanted ? { status: wanted.status } : {});

/** An administrator has said to keep hands off. */
const isDetached = (object: KubeObject): boolean => object.metadata.annotations?.['rbac.authorization.kubernetes.io/autoupdate'] === 'false';
