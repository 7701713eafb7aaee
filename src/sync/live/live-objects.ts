import { APPLICATION_LABEL } from '#api/headway/v1/types.ts';
import { keyOf, type KubeObject } from '#api/object.ts';
import { groupResource, type GroupResource, type ResourceType } from '#api/resource-type.ts';
import type { Informer, InformerFactory } from '#client/informer.ts';
import { driftBetween, type Drift } from '../heal/drift.ts';
import { identityOf, type Identity } from '../inventory/identity.ts';

export interface LiveObserver {
  /** An object of the application `label` changed in some way. */
  readonly onChange: (label: string, identity: Identity) => void;
  /** It lost fields to others, or is gone (`drift` undefined). */
  readonly onDrift: (label: string, identity: Identity, drift: Drift | undefined) => void;
}

/** The labelled objects in the cluster: one watch for each kind that some application uses, from its first use on. */
export class LiveObjects {
  readonly #informers: InformerFactory;
  readonly #observer: LiveObserver;
  readonly #watched = new Map<GroupResource, Informer<KubeObject>>();

  constructor(informers: InformerFactory, observer: LiveObserver) {
    this.#informers = informers;
    this.#observer = observer;
  }

  watch(resource: ResourceType): void {
    const id = groupResource(resource);
    if (this.#watched.has(id)) return;
    const informer = this.#informers.informer(resource, { labelSelector: APPLICATION_LABEL });
    this.#watched.set(id, informer);
    const told = (object: KubeObject, tell: (label: string, identity: Identity) => void): void => {
      const label = object.metadata.labels?.[APPLICATION_LABEL];
      if (label !== undefined) tell(label, identityOf(resource, object));
    };
    informer.subscribe({
      onAdd: (object) => told(object, this.#observer.onChange),
      onUpdate: (object, old) => {
        told(object, this.#observer.onChange);
        const drift = driftBetween(old, object);
        // The old label counts: relabelling is a drift that the owner must hear of.
        if (drift) told(old, (label, identity) => this.#observer.onDrift(label, identity, drift));
      },
      onDelete: (last) => told(last, (label, identity) => {
        this.#observer.onChange(label, identity);
        this.#observer.onDrift(label, identity, undefined);
      }),
    });
  }

  get(resource: ResourceType, object: KubeObject): KubeObject | undefined {
    return this.#watched.get(groupResource(resource))?.lister.get(keyOf(object));
  }

  byKey(resource: ResourceType, key: string): KubeObject | undefined {
    return this.#watched.get(groupResource(resource))?.lister.get(key);
  }
}
