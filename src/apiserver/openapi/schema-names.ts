import type { Schema, StructType } from '#api/schema.ts';
import type { TypeReference } from '#api/facts.ts';
import type { GroupVersion } from './registered-versions.ts';
import type { GroupVersionKind } from './schemas.ts';

/** What has no group of its own: Kubernetes counts it to `v1`, or to every group version. */
const UNVERSIONED: ReadonlySet<string> = new Set(['Status', 'APIVersions', 'APIGroup', 'APIGroupList', 'APIResourceList']);
const EVERYWHERE: ReadonlySet<string> = new Set(['DeleteOptions', 'WatchEvent']);
const META = 'meta/v1.';

/** The names of types in OpenAPI, where `core/v1.Pod` is `io.k8s.api.core.v1.Pod`, and the kinds that they are. */
export class SchemaNames {
  readonly #prefixes: ReadonlyMap<string, string>;
  readonly #groups: ReadonlyMap<string, GroupVersion>;
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

  /** Of a type that is a kind; none of any other. Options and watch events are kinds of each of the versions. */
  kindsOf({ reference, name: kind, kind: isKind }: StructType, versions: readonly GroupVersion[]): readonly GroupVersionKind[] {
    const own = this.#groups.get(packageOf(reference));
    if (own !== undefined) return isKind ? [{ ...own, kind }] : [];
    if (!reference.startsWith(META)) return [];
    if (UNVERSIONED.has(kind)) return [{ group: '', version: 'v1', kind }];
    return EVERYWHERE.has(kind) ? versions.map((version) => ({ ...version, kind })) : [];
  }
}

const packageOf = (reference: TypeReference): string => reference.slice(0, reference.indexOf('.'));

/** `k8s.io.api.core.v1` is `io.k8s.api.core.v1`. */
function reverseHost(protoPackage: string): string {
  const [first = '', second = '', ...rest] = protoPackage.replaceAll('_', '-').split('.');
  return [second, first, ...rest].join('.');
}
