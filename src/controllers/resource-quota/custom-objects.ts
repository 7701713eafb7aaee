import type { CustomResourceDefinition } from '#api/generated/apiextensions/v1.ts';
import { customResourceType } from '#api/custom-resource-type.ts';
import type { KubeObject } from '#api/object.ts';
import type { GroupResource, ResourceType } from '#api/resource-type.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '#api/resources.ts';
import type { Informer, InformerFactory, InformerHandler } from '#client/informer.ts';

/** The objects of those custom resources that some quota counts, as if they were one resource. Followed from the first time that one is asked for. */
export class CustomObjects implements Informer<KubeObject> {
  readonly resource = CUSTOM_RESOURCE_DEFINITIONS;
  readonly #informers: InformerFactory;
  readonly #definitions: Informer<CustomResourceDefinition & KubeObject>;
  readonly #handlers = new Set<InformerHandler<KubeObject>>();
  readonly #followed = new Set<GroupResource>();

  constructor(informers: InformerFactory) {
    this.#informers = informers;
    this.#definitions = informers.informer(CUSTOM_RESOURCE_DEFINITIONS);
  }

  get lister(): Informer<KubeObject>['lister'] {
    return this.#definitions.lister;
  }

  subscribe(handler: InformerHandler<KubeObject>): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  synced(): Promise<void> {
    return this.#definitions.synced();
  }

  /** The resource, and its events from now on; undefined while no definition serves it. */
  follow(name: GroupResource): ResourceType | undefined {
    const definition = this.#definitions.lister.get(name);
    const resource = definition && customResourceType(definition);
    if (resource?.namespaced === false) return undefined;
    if (resource === undefined || this.#followed.has(name)) return resource;
    this.#followed.add(name);
    this.#informers.informer(resource).subscribe({
      onAdd: (object) => this.#tell((h) => h.onAdd?.(object)),
      onDelete: (last) => this.#tell((h) => h.onDelete?.(last)),
    });
    return resource;
  }

  #tell(call: (handler: InformerHandler<KubeObject>) => void): void {
    for (const handler of this.#handlers) call(handler);
  }
}
