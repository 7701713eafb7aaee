import type { Pod } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { joinKey } from '#api/object.ts';
import { controllerOf } from '#api/owner-references.ts';
import { DEPLOYMENTS, REPLICA_SETS, REPLICATION_CONTROLLERS, STATEFUL_SETS } from '#api/resources.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import type { OwnerReference } from '#api/generated/meta/v1.ts';
import type { Client } from '#client/client.ts';
import type { Lister } from '#client/informer.ts';
import type { ControllerDependencies } from '#controller/reconciler.ts';
import type { ExpectedPods } from './plan.ts';
import { readScale, type ScaleAnswer } from './scales.ts';

type Replicated = KubeObject & { readonly spec?: { readonly replicas?: number | undefined } | undefined };
interface Followed {
  readonly resource: ResourceType;
  readonly lister: Lister<Replicated>;
}

/** How many pods the controllers of pods want together: a pod counts through its controller, of whatever kind, and one of a Deployment through that. */
export class ExpectedPodCounts {
  readonly #followed: readonly Followed[];
  readonly #client: Client;

  constructor({ informers, client }: Pick<ControllerDependencies, 'informers' | 'client'>) {
    this.#client = client;
    this.#followed = [
      { resource: REPLICATION_CONTROLLERS, lister: informers.informer(REPLICATION_CONTROLLERS).lister }, { resource: REPLICA_SETS, lister: informers.informer(REPLICA_SETS).lister },
      { resource: DEPLOYMENTS, lister: informers.informer(DEPLOYMENTS).lister }, { resource: STATEFUL_SETS, lister: informers.informer(STATEFUL_SETS).lister },
    ];
  }

  async of(pods: readonly Pod[], signal: AbortSignal): Promise<ExpectedPods> {
    const counts = new Map<string, ScaleAnswer>();
    const unmanaged: string[] = [];
    for (const pod of pods) {
      const reference = controllerOf(pod);
      if (reference === undefined) {
        unmanaged.push(pod.metadata.name);
        continue;
      }
      const namespace = pod.metadata.namespace ?? '';
      const isFollowed = this.#followedOf(reference) !== undefined;
      const top = isFollowed ? this.#topOf(namespace, reference) : undefined;
      const uid = top?.metadata.uid ?? reference.uid;
      if (!counts.has(uid)) counts.set(uid, isFollowed ? top && { replicas: top.spec?.replicas ?? 1 } : await readScale({ client: this.#client, namespace, reference, signal }));
      const answer = counts.get(uid);
      if (answer === undefined || 'problem' in answer) return answer ?? { problem: `found no controllers for pod "${pod.metadata.name}"` };
    }
    return { count: [...counts.values()].reduce((sum, answer) => sum + (answer && 'replicas' in answer ? answer.replicas : 0), 0), unmanaged };
  }

  #followedOf({ kind, apiVersion }: OwnerReference): Followed | undefined {
    return this.#followed.find(({ resource }) => resource.kind === kind && apiVersionOf(resource) === apiVersion);
  }

  #topOf(namespace: string, reference: OwnerReference): Replicated | undefined {
    const owner = this.#followedOf(reference)?.lister.get(joinKey(namespace, reference.name));
    if (owner === undefined || owner.metadata.uid !== reference.uid) return undefined;
    const next = controllerOf(owner);
    return next?.kind === 'Deployment' ? this.#topOf(namespace, next) : owner;
  }
}
