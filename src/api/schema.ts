import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FieldFacts, PackageFacts, ScalarType, TypeReference, UnionFacts } from '#api/facts.ts';
import { INSTALLATION } from '#base/installation.ts';

/** A struct of the fact tables with the fields of its inlined structs among its own, as they stand in JSON. */
export interface StructType {
  /** `core/v1.Container`. */
  readonly reference: TypeReference;
  /** The name in Go: `Container`. */
  readonly name: string;
  /** JSON name to facts; `apiVersion` and `kind` of kinds are not among them. */
  readonly fields: ReadonlyMap<string, FieldFacts>;
  /** Has `apiVersion` and `kind`. */
  readonly kind: boolean;
  /** Server-side apply replaces it as a whole. */
  readonly atomic: boolean;
  readonly union: UnionFacts | undefined;
}

/** A type reference taken apart. */
export type TypeShape =
  | { readonly form: 'scalar'; readonly scalar: ScalarType }
  | { readonly form: 'struct'; readonly struct: StructType }
  | { readonly form: 'list' | 'map'; readonly element: TypeReference };

/** The facts of every type. Packages are read from disk when a type of theirs is first asked for. */
export interface Schema {
  /** Undefined for scalars, lists, maps and unknown names. */
  type(reference: TypeReference): StructType | undefined;
  /** Throws for a struct that no package has: a fault of the tables, not of a request. */
  shape(reference: TypeReference): TypeShape;
  /** Reads them all; for discovery and OpenAPI. */
  packages(): readonly PackageFacts[];
}

/** The package of our own kinds; its tables are not generated. */
export const OWN_PACKAGE = 'headway/v1';

/** Cheap: reads nothing yet. Share one schema in a process, its types and what is compiled from them are cached in it. */
export const loadSchema = (): Schema => new FileSchema(join(INSTALLATION, 'src/api'));

class FileSchema implements Schema {
  readonly #directory: string;
  readonly #packages = new Map<string, PackageFacts>();
  readonly #structs = new Map<TypeReference, StructType | undefined>();
  readonly #shapes = new Map<TypeReference, TypeShape>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  type(reference: TypeReference): StructType | undefined {
    if (!this.#structs.has(reference)) this.#structs.set(reference, this.#load(reference));
    return this.#structs.get(reference);
  }

  shape(reference: TypeReference): TypeShape {
    let shape = this.#shapes.get(reference);
    if (shape === undefined) {
      shape = this.#takeApart(reference);
      this.#shapes.set(reference, shape);
    }
    return shape;
  }

  packages(): readonly PackageFacts[] {
    const generated = readdirSync(join(this.#directory, 'generated'), { recursive: true, encoding: 'utf8' });
    const ids = generated.filter((file) => /^[^.]+\.json$/.test(file)).map((file) => file.replaceAll('\\', '/').slice(0, -'.json'.length)).sort();
    return [...ids, OWN_PACKAGE].map((id) => this.#package(id)).filter((facts) => facts !== undefined);
  }

  #takeApart(reference: TypeReference): TypeShape {
    if (reference.startsWith('map[]')) return { form: 'map', element: reference.slice('map[]'.length) };
    if (reference.startsWith('[]')) return { form: 'list', element: reference.slice('[]'.length) };
    if (!reference.includes('.')) return { form: 'scalar', scalar: reference as ScalarType };
    const struct = this.type(reference);
    if (struct === undefined) throw new TypeError(`the fact tables have no type ${reference}`);
    return { form: 'struct', struct };
  }

  #load(reference: TypeReference): StructType | undefined {
    const dot = reference.indexOf('.');
    if (dot < 0 || reference.startsWith('[') || reference.startsWith('map[')) return undefined;
    const name = reference.slice(dot + 1);
    const facts = this.#package(reference.slice(0, dot))?.types[name];
    if (facts === undefined) return undefined;
    const fields = new Map<string, FieldFacts>(Object.entries(facts.fields));
    for (const inline of facts.inline ?? []) {
      for (const [field, of] of this.type(inline.type)?.fields ?? []) if (!fields.has(field)) fields.set(field, of);
    }
    return { reference, name, fields, kind: facts.kind === true, atomic: facts.atomic === true, union: facts.union };
  }

  #package(id: string): PackageFacts | undefined {
    const known = this.#packages.get(id);
    if (known !== undefined) return known;
    const facts = this.#read<PackageFacts>(id === OWN_PACKAGE ? `${id}/facts.json` : `generated/${id}.json`);
    if (facts !== undefined) this.#packages.set(id, facts);
    return facts;
  }

  /** Undefined when there is no such file. */
  #read<T>(file: string): T | undefined {
    try {
      return JSON.parse(readFileSync(join(this.#directory, file), 'utf8')) as T;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
