import type { Schema } from '#api/schema.ts';
import type { TypeReference } from '#api/facts.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** OpenAPI's names of types: `core/v1.Pod` is `io.k8s.api.core.v1.Pod`. */
export class SchemaNames {
  readonly #prefixes: ReadonlyMap<string, string>;

  constructor(schema: Schema) {
    this.#prefixes = new Map(schema.packages().map((p) => [p.id, reverseHost(p.protoPackage)]));
  }

  of(reference: TypeReference): string {
    const dot = reference.indexOf('.');
    return `${this.#prefixes.get(reference.slice(0, dot)) ?? META}.${reference.slice(dot + 1)}`;
  }
}

/** `k8s.io.api.core.v1` is `io.k8s.api.core.v1`. */
function reverseHost(protoPackage: string): string {
  const [first = '', second = '', ...rest] = protoPackage.replaceAll('_', '-').split('.');
  return [second, first, ...rest].join('.');
}
