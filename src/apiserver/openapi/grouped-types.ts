import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import type { Scheme } from '#api/scheme.ts';

/** The served types by `apiVersion`; a group of types stays the same array for as long as its types are the same. */
export class GroupedTypes {
  readonly #scheme: Scheme;
  #revision = -1;
  #groups: ReadonlyMap<string, readonly ResourceType[]> = new Map();

  constructor(scheme: Scheme) {
    this.#scheme = scheme;
  }

  get(): ReadonlyMap<string, readonly ResourceType[]> {
    if (this.#revision === this.#scheme.revision) return this.#groups;
    this.#revision = this.#scheme.revision;
    const found = Map.groupBy(this.#scheme.all(), apiVersionOf);
    this.#groups = new Map([...found].map(([version, types]) => [version, sameOr(this.#groups.get(version), types)]));
    return this.#groups;
  }
}

const sameOr = (known: readonly ResourceType[] | undefined, types: readonly ResourceType[]): readonly ResourceType[] =>
  (known !== undefined && known.length === types.length && known.every((type, i) => type === types[i]) ? known : types);
