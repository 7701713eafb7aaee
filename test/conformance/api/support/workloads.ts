import type { Pod, ReplicationController } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { PODS, REPLICATION_CONTROLLERS } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { waitFor } from '#test/support/wait.ts';
import type { Sent } from './api.ts';
import type { Scene } from './behaviour.ts';

export type Labels = Readonly<Record<string, string>>;
type Waiting = { readonly what: string; readonly timeoutMs?: number };
/** Nodes are simulated, but everything on the way to them is not: a busy machine takes a while. */
const PATIENCE_MS = 40_000;

export const containers = (extra: object = {}) => [{ name: 'main', image: 'example.org/none:1', ...extra }];
export const template = (labels: Labels, spec: object = {}) => ({ metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: containers(), ...spec } });
export const newPod = (name: string, labels: Labels = {}, spec: object = {}): Sent => ({ metadata: { name, labels }, spec: template(labels, spec).spec });

/** `wanted` replicas of a workload that selects `name: <name>`. */
export function newReplicationController(name: string, replicas: number, spec: object = {}): Sent {
  return { metadata: { name, labels: { name } }, spec: { replicas, selector: { name }, template: template({ name }), ...spec } };
}
export function newReplicaSet(name: string, replicas: number, spec: object = {}): Sent {
  return { metadata: { name, labels: { name } }, spec: { replicas, selector: { matchLabels: { name } }, template: template({ name }), ...spec } };
}

/** Waits with the patience that whole workloads need. */
export const eventually = <T>(probe: () => Promise<T | undefined | false>, { what, timeoutMs = PATIENCE_MS }: Waiting): Promise<T> => waitFor(probe, { what, timeoutMs });

/** Waits until an object in the test's namespace is as it should be. */
export const becomes = <T extends KubeObject>({ api, namespace }: Scene, resource: ResourceType<T>, name: string, isSo: (object: T) => boolean, what: string): Promise<T> =>
  eventually(async () => {
    const object = await api.get(resource, name, resource.namespaced ? { namespace } : {});
    return isSo(object) && object;
  }, { what: `${resource.kind} ${name} ${what}` });

/** Waits until an object in the test's namespace is gone. */
export const isGone = ({ api, namespace }: Scene, resource: ResourceType, name: string): Promise<true> =>
  eventually(async () => (await api.get(resource, name, resource.namespaced ? { namespace } : {}).then(() => '', (error: { readonly reason?: string }) => error.reason)) === 'NotFound' || undefined, { what: `${resource.kind} ${name} to be gone` });

export async function podsOf({ api, namespace }: Scene, selector: string): Promise<readonly (Pod & KubeObject)[]> {
  return (await api.list(PODS, { namespace, query: { labelSelector: selector } })).items as readonly (Pod & KubeObject)[];
}

/** Waits until exactly so many selected pods run. */
export const runs = (scene: Scene, selector: string, count: number): Promise<readonly (Pod & KubeObject)[]> =>
  eventually(async () => {
    const pods = await podsOf(scene, selector);
    return pods.length === count && pods.every((p) => p.status?.phase === 'Running' && p.metadata.deletionTimestamp === undefined) && pods;
  }, { what: `${count} pods of ${selector} to run` });

/** Creates a ReplicationController and waits for its pods. */
export async function runReplicationController(scene: Scene, name: string, replicas: number, spec: object = {}): Promise<ReplicationController & KubeObject> {
  const made = await scene.api.create(REPLICATION_CONTROLLERS, newReplicationController(name, replicas, spec), { namespace: scene.namespace });
  await runs(scene, `name=${name}`, replicas);
  return made as ReplicationController & KubeObject;
}
