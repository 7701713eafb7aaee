import type { Pod } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { joinKey } from '#api/object.ts';
import { controllerOf } from '#api/owner-references.ts';
import { DEPLOYMENTS, REPLICA_SETS, REPLICATION_CONTROLLERS, STATEFUL_SETS } from '#api/resources.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import type { Lister } from '#client/informer.ts';
import type { ControllerDependencies } from '#controller/reconciler.ts';
import type { ExpectedPods } from './plan.ts';

type Replicated = KubeObject & { readonly spec?: { readonly replicas?: number | undefined } | undefined };
interface Followed {
  readonly resource: ResourceType;
  readonly lister: Lister<Replicated>;
}

/** How many pods the controllers of pods want together: a pod counts through its controller, and that one's controller if it has one. */
export class ExpectedPodCounts {
  readonly #followed: readonly Followed[];

  constructor({ informers }: Pick<ControllerDependencies, 'informers'>) {
    this.#followed = [
      { resource: REPLICATION_CONTROLLERS, lister: informers.informer(REPLICATION_CONTROLLERS).lister }, { resource: REPLICA_SETS, lister: informers.informer(REPLICA_SETS).lister },
      { resource: DEPLOYMENTS, lister: informers.informer(DEPLOYMENTS).lister }, { resource: STATEFUL_SETS, lister: informers.informer(STATEFUL_SETS).lister },
    ];
  }

  of(pods: readonly Pod[]): ExpectedPods {
    const counts = new Map<string, number>();
    for (const pod of pods) {
      if (controllerOf(pod) === undefined) continue;
      const top = this.#topOf(pod);
      if (top === undefined) return { problem: `found no controllers for pod "${pod.metadata.name}"` };
      counts.set(top.metadata.uid ?? '', top.spec?.replicas ?? 1);
    }
    return { count: [...counts.values()].reduce((sum, count) => sum + count, 0) };
  }

  #topOf(dependent: KubeObject): Replicated | undefined {
    const reference = controllerOf(dependent);
    const followed = reference && this.#followed.find(({ resource }) => resource.kind === reference.kind && apiVersionOf(resource) === reference.apiVersion);
    const owner = followed?.lister.get(joinKey(dependent.metadata.namespace, reference?.name ?? ''));
    if (owner === undefined || owner.metadata.uid !== reference?.uid) return undefined;
    return controllerOf(owner) === undefined ? owner : this.#topOf(owner);
  }
}
