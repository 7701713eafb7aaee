import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';

/** The resources that are served at present; custom resources come and go while it is in use. */
export class Scheme {
  readonly #byKind = new Map<string, ResourceType>();
  readonly #byPlural = new Map<string, ResourceType>();
  #revision = 0;

  constructor(resources: readonly ResourceType[]) {
    for (const resource of resources) this.register(resource);
  }

  /** Grows with every change. */
  get revision(): number {
    return this.#revision;
  }

  byKind(apiVersion: string, kind: string): ResourceType | undefined {
    return this.#byKind.get(`${apiVersion}/${kind}`);
  }

  byPlural(group: string, version: string, plural: string): ResourceType | undefined {
    return this.#byPlural.get(`${group}/${version}/${plural}`);
  }

  of(object: Pick<KubeObject, 'apiVersion' | 'kind'>): ResourceType | undefined {
    return this.byKind(object.apiVersion, object.kind);
  }

  /** In the order of registration. */
  all(): readonly ResourceType[] {
    return [...this.#byPlural.values()];
  }

  /** Takes the place of a resource with the same group, version and plural. */
  register(resource: ResourceType): void {
    const replaced = this.byPlural(resource.group, resource.version, resource.plural);
    if (replaced !== undefined) this.#byKind.delete(kindKey(replaced));
    this.#byKind.set(kindKey(resource), resource);
    this.#byPlural.set(pluralKey(resource), resource);
    this.#revision += 1;
  }

  /** Leaves another resource alone that has taken its place. */
  unregister(resource: ResourceType): void {
    if (this.#byPlural.get(pluralKey(resource)) !== resource) return;
    this.#byKind.delete(kindKey(resource));
    this.#byPlural.delete(pluralKey(resource));
    this.#revision += 1;
  }
}

const kindKey = (r: ResourceType): string => `${apiVersionOf(r)}/${r.kind}`;
const pluralKey = (r: ResourceType): string => `${r.group}/${r.version}/${r.plural}`;
