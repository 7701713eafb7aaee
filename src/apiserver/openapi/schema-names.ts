import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import type { Schema, StructType } from '#api/schema.ts';
import type { TypeReference } from '#api/facts.ts';
import { compareText } from '../discovery/group-order.ts';
import type { GroupVersionKind } from './schemas.ts';

/** What has no group of its own: Kubernetes counts it to `v1`, or to every group version. */
const UNVERSIONED: ReadonlySet<string> = new Set(['Status', 'APIVersions', 'APIGroup', 'APIGroupList', 'APIResourceList']);
const EVERYWHERE: ReadonlySet<string> = new Set(['DeleteOptions', 'WatchEvent']);
const META = 'meta/v1.';

/** The names of types in OpenAPI, where `core/v1.Pod` is `io.k8s.api.core.v1.Pod`, and the kinds that they are. */
export class SchemaNames {
  readonly #prefixes: ReadonlyMap<string, string>;
  readonly #groups: ReadonlyMap<string, Pick<GroupVersionKind, 'group' | 'version'>>;
  readonly #packages: ReadonlyMap<string, string>;

  constructor(schema: Schema) {
    const packages = schema.packages();
    this.#prefixes = new Map(packages.map((p) => [p.id, reverseHost(p.protoPackage)]));
    this.#groups = new Map(packages.flatMap(({ id, group, version }) => (group === undefined ? [] : [[id, { group, version }]])));
    this.#packages = new Map([...this.#groups].map(([id, { group, version }]) => [`${group}/${version}`, id]));
  }

  /** Schemas of custom resources are called by their name already. */
  of(reference: TypeReference): string {
    const prefix = this.#prefixes.get(packageOf(reference));
    return prefix === undefined ? reference : `${prefix}${reference.slice(reference.indexOf('.'))}`;
  }

  /** Throws for a kind of no package: a fault of the tables. */
  referenceOf({ group, version, kind }: GroupVersionKind): TypeReference {
    const id = this.#packages.get(`${group}/${version}`);
    if (id === undefined) throw new TypeError(`the fact tables have no package of ${group}/${version}`);
    return `${id}.${kind}`;
  }

  /** Of a type that is a kind; none of any other. */
  kindsOf({ reference, name: kind, kind: isKind }: StructType): readonly GroupVersionKind[] {
    const own = this.#groups.get(packageOf(reference));
    if (own !== undefined) return isKind ? [{ ...own, kind }] : [];
    if (!reference.startsWith(META)) return [];
    if (UNVERSIONED.has(kind)) return [{ group: '', version: 'v1', kind }];
    return EVERYWHERE.has(kind) ? SERVED.map((version) => ({ ...version, kind })) : [];
  }
}

const packageOf = (reference: TypeReference): string => reference.slice(0, reference.indexOf('.'));

/** In order. */
const SERVED = [...new Map(BUILT_IN_RESOURCES.map(({ group, version }) => [`${group}/${version}`, { group, version }])).values()]
  .toSorted((a, b) => compareText(`${a.group}/${a.version}`, `${b.group}/${b.version}`));

/** `k8s.io.api.core.v1` is `io.k8s.api.core.v1`. */
function reverseHost(protoPackage: string): string {
  const [first = '', second = '', ...rest] = protoPackage.replaceAll('_', '-').split('.');
  return [second, first, ...rest].join('.');
}
