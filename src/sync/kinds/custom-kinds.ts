import { servedResourceTypes } from '#api/custom-resource-type.ts';
import type { CustomResourceDefinition } from '#api/generated/apiextensions/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Scheme } from '#api/scheme.ts';
import type { Informer } from '#client/informer.ts';

export interface KindObserver {
  /** A kind is served that was not. */
  readonly onServed: (resource: ResourceType) => void;
  /** The definition is gone, and all objects with it. */
  readonly onGone: (resource: ResourceType) => void;
}

type Definition = CustomResourceDefinition & KubeObject;

/** Keeps the scheme of sync as the definitions in the cluster are: every version that is served, for as long as it is. */
export class CustomKinds {
  readonly #scheme: Scheme;
  readonly #observer: KindObserver;
  readonly #served = new Map<string, readonly ResourceType[]>();

  constructor(scheme: Scheme, observer: KindObserver) {
    this.#scheme = scheme;
    this.#observer = observer;
  }

  follow(definitions: Informer<Definition>): void {
    definitions.subscribe({ onAdd: (d) => this.#update(d), onUpdate: (d) => this.#update(d), onDelete: (d) => this.#forget(d) });
  }

  #update(definition: Definition): void {
    const { name } = definition.metadata;
    const before = this.#served.get(name) ?? [];
    const now = servedResourceTypes(definition);
    if (JSON.stringify(before) === JSON.stringify(now)) return;
    for (const resource of before) this.#scheme.unregister(resource);
    for (const resource of now) this.#scheme.register(resource);
    this.#served.set(name, now);
    const [preferred] = now;
    if (preferred) this.#observer.onServed(preferred);
  }

  #forget({ metadata }: Definition): void {
    const served = this.#served.get(metadata.name) ?? [];
    for (const resource of served) this.#scheme.unregister(resource);
    this.#served.delete(metadata.name);
    const [preferred] = served;
    if (preferred) this.#observer.onGone(preferred);
  }
}
