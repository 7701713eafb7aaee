import { CUSTOM_RESOURCE_DEFINITIONS } from '#api/resources.ts';
import { groupResource } from '#api/resource-type.ts';
import type { CacheEvent } from '#watchcache/watch-cache.ts';
import type { Environment } from '../environment.ts';
import { followResource } from '../storage/follow-resource.ts';
import { type Definition, isConditionTrue } from './conditions.ts';
import { CustomResources } from './custom-resources.ts';
import { DefinitionController } from './definition-controller.ts';

const DEFINITIONS = groupResource(CUSTOM_RESOURCE_DEFINITIONS);

/** Custom resources for the life of the server: what the cache shows of definitions is served in the same moment. */
export class Definitions {
  readonly #env: Environment;
  readonly #resources: CustomResources;
  readonly #controller: DefinitionController;
  #stop: () => void = () => {};

  constructor(env: Environment) {
    this.#env = env;
    this.#resources = new CustomResources(env);
    this.#controller = new DefinitionController(env, (name) => this.#resources.storageType(name));
  }

  /** The cache must be ready; what it holds is served when this returns. */
  start(): void {
    const { cache, clock } = this.#env;
    this.#stop = followResource({ cache, clock, resource: DEFINITIONS, onEvents: (events) => this.#tell(events), onGap: () => this.#seeAll() });
  }

  async stop(): Promise<void> {
    this.#stop();
    await this.#controller.stop();
  }

  #tell(events: readonly CacheEvent[]): void {
    for (const { type, current } of events) {
      const definition = current.object as Definition;
      this.#see(definition.metadata.name, type === 'put' ? definition : undefined);
      this.#controller.enqueue(definition.metadata.name);
      // A name that is given back may be what another definition waits for.
      for (const other of this.#all()) if (other.spec.group === definition.spec.group && !isConditionTrue(other, 'NamesAccepted')) this.#controller.enqueue(other.metadata.name);
    }
  }

  #seeAll(): void {
    const all = this.#all();
    this.#resources.forget(new Set(all.map((d) => d.metadata.name)));
    for (const definition of all) {
      this.#see(definition.metadata.name, definition);
      this.#controller.enqueue(definition.metadata.name);
    }
  }

  /** One definition that cannot be served must not keep the server from following the others. */
  #see(name: string, definition: Definition | undefined): void {
    try {
      this.#resources.see(name, definition);
    } catch (error) {
      this.#env.log.error('a custom resource definition cannot be served', { name, error });
    }
  }

  #all(): readonly Definition[] {
    return this.#env.cache.list(DEFINITIONS).items.map((i) => i.object as Definition);
  }
}
