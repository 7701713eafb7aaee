import { customResourceType } from '#api/custom-resource-type.ts';
import type { CustomResourceDefinition } from '#api/generated/apiextensions/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource, type GroupResource, type ResourceType } from '#api/resource-type.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '#api/resources.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import type { Informer, InformerHandler } from '#client/informer.ts';
import type { ControllerDependencies } from '#controller/reconciler.ts';
import type { OwnerGraph } from './owner-graph.ts';

interface Followed {
  readonly resource: ResourceType;
  readonly informer: Informer<KubeObject>;
  stop(): void;
}

/**
 * The objects of all custom resources, as if they were one: an informer of its own follows each definition that is in force, and ends with
 * it, so that nothing asks for what is not served. All ends with the last handler.
 */
export class CustomResources implements Informer<KubeObject> {
  readonly resource = CUSTOM_RESOURCE_DEFINITIONS;
  readonly #deps: ControllerDependencies;
  readonly #graph: OwnerGraph;
  readonly #definitions: Informer<CustomResourceDefinition & KubeObject>;
  readonly #handlers = new Set<InformerHandler<KubeObject>>();
  readonly #followed = new Map<GroupResource, Followed>();
  #stop: (() => void) | undefined;

  constructor(deps: ControllerDependencies, graph: OwnerGraph) {
    this.#deps = deps;
    this.#graph = graph;
    this.#definitions = deps.informers.informer(CUSTOM_RESOURCE_DEFINITIONS);
  }

  get lister(): Informer<KubeObject>['lister'] {
    return this.#definitions.lister;
  }

  synced(): Promise<void> {
    return this.#definitions.synced();
  }

  subscribe(handler: InformerHandler<KubeObject>): () => void {
    this.#handlers.add(handler);
    this.#stop ??= this.#definitions.subscribe({
      onAdd: (definition) => this.#update(definition),
      onUpdate: (definition) => this.#update(definition),
      onDelete: ({ metadata }) => this.#drop(metadata.name, true),
    });
    return () => {
      this.#handlers.delete(handler);
      if (this.#handlers.size === 0) this.#end();
    };
  }

  /** The resource of a custom object, whichever of its versions is named. */
  find(apiVersion: string, kind: string): ResourceType | undefined {
    const group = apiVersion.slice(0, Math.max(apiVersion.indexOf('/'), 0));
    for (const { resource } of this.#followed.values()) if (resource.kind === kind && resource.group === group) return resource;
    return undefined;
  }

  #update(definition: CustomResourceDefinition & KubeObject): void {
    const { name } = definition.metadata;
    const resource = customResourceType(definition);
    const known = this.#followed.get(name)?.resource;
    if (known && resource && known.version === resource.version && known.kind === resource.kind && known.namespaced === resource.namespaced) return;
    this.#drop(name, false);
    if (resource) this.#follow(resource);
  }

  #follow(resource: ResourceType): void {
    const { client, log, clock } = this.#deps;
    const stop = new AbortController();
    const informers = createInformerFactory({ client, log, clock });
    const informer = informers.informer(resource);
    this.#followed.set(groupResource(resource), { resource, informer, stop: () => stop.abort() });
    this.#graph.add(informer);
    informer.subscribe({
      onAdd: (object) => this.#tell((h) => h.onAdd?.(object)),
      onUpdate: (object, old) => this.#tell((h) => h.onUpdate?.(object, old)),
      onDelete: (last) => this.#tell((h) => h.onDelete?.(last)),
    });
    informers.start(stop.signal);
  }

  /** With a definition its objects have gone, also those whose end was not seen; without it, they are only not served for now. */
  #drop(name: GroupResource, isGone: boolean): void {
    const followed = this.#followed.get(name);
    if (!followed) return;
    followed.stop();
    const objects = followed.informer.lister.list();
    this.#graph.remove(name, isGone);
    if (isGone) for (const object of objects) this.#tell((h) => h.onDelete?.(object));
    this.#followed.delete(name);
  }

  #tell(call: (handler: InformerHandler<KubeObject>) => void): void {
    for (const handler of this.#handlers) call(handler);
  }

  #end(): void {
    this.#stop?.();
    this.#stop = undefined;
    for (const name of this.#followed.keys()) this.#drop(name, false);
  }
}
