import { APPLICATION_LABEL } from '#api/headway/v1/types.ts';
import { keyOf, type KubeObject } from '#api/object.ts';
import { groupResource, type GroupResource, type ResourceType } from '#api/resource-type.ts';
import type { Informer, InformerFactory } from '#client/informer.ts';
import { driftBetween, type Drift } from '../heal/drift.ts';
import { HOOK_RUN_ANNOTATION } from '../hooks/hook-plan.ts';
import { identityOf, type Identity } from '../inventory/identity.ts';

export interface LiveObserver {
  /** An object of the application `label` changed in some way. */
  readonly onChange: (label: string, identity: Identity) => void;
  /** It lost fields to others, or is gone (`drift` undefined). */
  readonly onDrift: (label: string, identity: Identity, drift: Drift | undefined) => void;
}

/** Informers that end before the others do. */
export interface OwnInformers {
  readonly informers: InformerFactory;
  stop(): void;
}

export interface LiveObjectsOptions {
  readonly informers: InformerFactory;
  /** Started already; for one custom kind, which may cease to be served. */
  readonly ownInformers: () => OwnInformers;
  readonly observer: LiveObserver;
}

/** Hooks by their application. */
const HOOKS = 'hooks';

const labelOf = ({ metadata }: KubeObject): string | undefined => metadata.labels?.[APPLICATION_LABEL];

const hookLabels = ({ metadata: { annotations, labels } }: KubeObject): readonly string[] =>
  annotations?.[HOOK_RUN_ANNOTATION] === undefined ? [] : [labels?.[APPLICATION_LABEL] ?? ''];

interface Watched {
  readonly informer: Informer<KubeObject>;
  stop(): void;
}

/** The labelled objects in the cluster: one watch for each kind that some application uses, from its first use on. */
export class LiveObjects {
  readonly #options: LiveObjectsOptions;
  readonly #watched = new Map<GroupResource, Watched>();
  /** Custom kinds that are used, served or not. */
  readonly #wanted = new Set<GroupResource>();

  constructor(options: LiveObjectsOptions) {
    this.#options = options;
  }

  watch(resource: ResourceType): void {
    const id = groupResource(resource);
    if (this.#watched.has(id)) return;
    const isCustom = resource.facts === undefined;
    if (isCustom) this.#wanted.add(id);
    const own = isCustom ? this.#options.ownInformers() : undefined;
    const informers = own?.informers ?? this.#options.informers;
    const informer = informers.informer(resource, { labelSelector: APPLICATION_LABEL });
    informers.addIndex(informer, HOOKS, hookLabels);
    this.#watched.set(id, { informer, stop: () => own?.stop() });
    this.#subscribe(resource, informer);
  }

  /** A custom kind is served (again, or in other versions). */
  served(resource: ResourceType): void {
    const id = groupResource(resource);
    if (this.#watched.get(id)?.informer.resource.version === resource.version || !this.#wanted.has(id)) return;
    this.gone(resource);
    this.watch(resource);
  }

  /** A custom kind is served no more. */
  gone(resource: ResourceType): void {
    const id = groupResource(resource);
    this.#watched.get(id)?.stop();
    this.#watched.delete(id);
  }

  stop(): void {
    for (const { stop } of this.#watched.values()) stop();
  }

  get(resource: ResourceType, object: KubeObject): KubeObject | undefined {
    return this.byKey(resource, keyOf(object));
  }

  byKey(resource: ResourceType, key: string): KubeObject | undefined {
    return this.#watched.get(groupResource(resource))?.informer.lister.get(key);
  }

  /** What the hooks of an application made. */
  hooksOf(label: string): readonly KubeObject[] {
    return [...this.#watched.values()].flatMap(({ informer }) => informer.lister.byIndex(HOOKS, label));
  }

  #subscribe(resource: ResourceType, informer: Informer<KubeObject>): void {
    const { observer } = this.#options;
    const told = (object: KubeObject, tell: (label: string, identity: Identity) => void): void => {
      const label = labelOf(object);
      if (label !== undefined) tell(label, identityOf(resource, object));
    };
    informer.subscribe({
      onAdd: (object) => told(object, observer.onChange),
      onUpdate: (object, old) => {
        told(object, observer.onChange);
        // Who had it before may have waited until it was somebody else's.
        if (labelOf(old) !== labelOf(object)) told(old, observer.onChange);
        const drift = driftBetween(old, object);
        // The old label counts: relabelling is a drift that the owner must hear of.
        if (drift) told(old, (label, identity) => observer.onDrift(label, identity, drift));
      },
      onDelete: (last) => told(last, (label, identity) => {
        observer.onChange(label, identity);
        observer.onDrift(label, identity, undefined);
      }),
    });
  }
}
