import { applyDefaults } from '#api/defaults/index.ts';
import { formatTime } from '#base/clock.ts';
import { type NodeRestore, RESTORED_AT_ANNOTATION, STORE_ID_ANNOTATION } from '#api/headway/v1/types.ts';
import type { OwnerReference } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { PodObject } from '#api/pods.ts';
import { groupResource } from '#api/resource-type.ts';
import { NAMESPACES, PODS } from '#api/resources.ts';
import { badRequest, conflict, forbidden } from '#api/status-error.ts';
import { validateCreate } from '#api/validation/index.ts';
import type { Write } from '#store/object-store.ts';
import { nodeNameOf } from '../authz/node-identity.ts';
import { writeContext, type Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { documentOutcome, type Outcome } from '../outcome.ts';
import { prepareCreate } from '../registry/prepare-create.ts';
import { commit } from '../storage/commit.ts';
import { storedWrite } from '../storage/object-write.ts';

interface Rejection { readonly pod: string; readonly reason: string }

/** Where it is written that a node has restored into this store: a resource that no client can reach. */
const RESTORES = 'node-restores.internal.headway.dev';
const MAX_ATTEMPTS = 8;
/** A node never chooses their UIDs: tokens are bound to them. */
const NEVER_RESERVED: ReadonlySet<string> = new Set(['v1/ServiceAccount', 'v1/Secret', 'v1/Pod', 'v1/Node']);

/**
 * Takes over the pods that run on a node, under their names and UIDs, with the namespaces that they need, in one store transaction.
 * Only the node itself may ask, once for a store. @throws StatusError Forbidden, Conflict
 */
export async function restoreNode(env: Environment, call: Call): Promise<Outcome> {
  const restore = requireRestore(call);
  requireStore(env, call, restore);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    await env.cache.sync();
    const { nodeName } = restore.spec;
    if (env.cache.get(RESTORES, '', nodeName) !== undefined) throw conflict(call.info.resource, nodeName, 'the node has restored its pods into this store already');
    const rejected: Rejection[] = [];
    const accepted = restore.spec.pods.filter((pod) => accept(env, pod as PodObject, nodeName, rejected)) as readonly PodObject[];
    const pods = accepted.map((pod) => ({ ...applyDefaults(PODS, pod), metadata: restoredMetadata(env, pod) }) as PodObject);
    const result = await commit(env.store, [...(await namespaceWrites(env, call, pods)), ...pods.map(podWrite), ...reservations(env, pods), receipt(nodeName, restore.spec.storeID)]);
    if (!result.ok) continue;
    const status = { restored: pods.map(nameOf), rejected };
    return documentOutcome({ apiVersion: 'headway.dev/v1', kind: 'NodeRestore', metadata: restore.metadata ?? {}, spec: { ...restore.spec, pods: [] }, status }, 201);
  }
  throw conflict(call.info.resource, restore.spec.nodeName);
}

function requireRestore(call: Call): NodeRestore {
  const restore = call.body as NodeRestore | undefined;
  if (!restore?.spec?.nodeName || !Array.isArray(restore.spec.pods)) throw badRequest('spec.nodeName and spec.pods are required');
  const node = nodeNameOf(call.user);
  if (node === restore.spec.nodeName) return restore;
  throw forbidden(call.info.resource, restore.spec.nodeName, `only node ${JSON.stringify(restore.spec.nodeName)} itself may restore its pods`);
}

function requireStore(env: Environment, call: Call, restore: NodeRestore): void {
  const present = env.cache.get(groupResource(NAMESPACES), '', 'kube-system')?.object.metadata.annotations?.[STORE_ID_ANNOTATION] ?? env.store.storeId;
  if (restore.spec.storeID !== present) throw conflict(call.info.resource, restore.spec.nodeName, `the store's id is ${present}, not ${restore.spec.storeID}`);
}

const nameOf = (pod: PodObject): string => `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;

function accept(env: Environment, pod: PodObject, node: string, rejected: Rejection[]): boolean {
  const reason = rejectionOf(env, pod, node);
  if (reason !== undefined) rejected.push({ pod: pod?.metadata ? nameOf(pod) : '', reason });
  return reason === undefined;
}

function rejectionOf(env: Environment, pod: PodObject, node: string): string | undefined {
  const { name, namespace, uid } = pod?.metadata ?? {};
  if (!name || !namespace || !uid || !pod.spec) return 'a pod needs a name, a namespace, a UID and a spec';
  if (pod.spec.nodeName !== node) return 'the pod is bound to another node';
  const present = env.cache.get('pods', namespace, name)?.object;
  if (present !== undefined) return present.metadata.uid === uid ? 'the pod is known already' : 'another pod has this name';
  const home = env.cache.get('namespaces', '', namespace)?.object;
  if (home?.metadata.deletionTimestamp !== undefined) return 'the namespace is going away';
  const problem = validateCreate(PODS, applyDefaults(PODS, pod))[0];
  return problem && `${problem.field ?? ''}: ${problem.message ?? ''}`;
}

/** An owner that has been made again under another UID is dropped: its controller adopts the pod by its labels. */
function restoredMetadata(env: Environment, pod: PodObject): KubeObject['metadata'] {
  const { resourceVersion: _, ownerReferences, annotations, ...rest } = pod.metadata;
  const metadata = { ...rest, annotations: { ...annotations, [RESTORED_AT_ANNOTATION]: formatTime(env.clock.now()) } };
  const owners = (ownerReferences ?? []).filter((owner) => !isReplaced(env, pod.metadata.namespace ?? '', owner));
  return owners.length > 0 ? { ...metadata, ownerReferences: owners } : metadata;
}

function isReplaced(env: Environment, namespace: string, owner: OwnerReference): boolean {
  const resource = env.scheme.byKind(owner.apiVersion, owner.kind);
  const present = resource && env.cache.get(groupResource(resource), resource.namespaced ? namespace : '', owner.name)?.object;
  return present !== undefined && present.metadata.uid !== owner.uid;
}

async function namespaceWrites(env: Environment, call: Call, pods: readonly PodObject[]): Promise<readonly Write[]> {
  const missing = [...new Set(pods.map((p) => p.metadata.namespace ?? ''))].filter((name) => env.cache.get('namespaces', '', name) === undefined);
  return Promise.all(missing.map(async (name): Promise<Write> => {
    const { object } = await prepareCreate(env, NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, writeContext(call));
    return storedWrite(NAMESPACES, 'put', object, 'absent');
  }));
}

const podWrite = (pod: PodObject): Write => storedWrite(PODS, 'put', pod, 'absent');

/** Owners that are not there yet will get the UIDs that the pods name. */
function reservations(env: Environment, pods: readonly PodObject[]): readonly Write[] {
  const byKey = new Map<string, Write>();
  for (const pod of pods) {
    for (const owner of pod.metadata.ownerReferences ?? []) {
      if (NEVER_RESERVED.has(`${owner.apiVersion}/${owner.kind}`)) continue;
      const resource = env.scheme.byKind(owner.apiVersion, owner.kind);
      const namespace = resource?.namespaced === false ? '' : (pod.metadata.namespace ?? '');
      if (resource && env.cache.get(groupResource(resource), namespace, owner.name) !== undefined) continue;
      const group = owner.apiVersion.includes('/') ? (owner.apiVersion.split('/')[0] ?? '') : '';
      const write = env.reservations.reserve({ group, kind: owner.kind, namespace, name: owner.name, uid: owner.uid });
      byKey.set(`${write.key.namespace}/${write.key.name}`, write);
    }
  }
  return [...byKey.values()];
}

function receipt(node: string, storeID: string): Write {
  const value = { apiVersion: 'internal.headway.dev/v1', kind: 'NodeRestoreReceipt', metadata: { name: node }, data: { storeID } };
  return { type: 'put', key: { resource: RESTORES, namespace: '', name: node }, value: JSON.stringify(value), expect: 'absent' };
}
