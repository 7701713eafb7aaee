import type { ResourceType } from '#api/resource-type.ts';
import type { Scheme } from '#api/scheme.ts';
import { isEqual } from '../storage/equality.ts';
import type { ConversionParts } from '../conversion/webhook-converter.ts';
import { type Definition, isConditionTrue, isTerminating } from './conditions.ts';
import { type CustomTypes, customTypesOf, withTerminating } from './custom-types.ts';
import type { SchemaEngine } from './schema-engine.ts';

interface Registered {
  /** What the types were made of. */
  readonly source: object;
  readonly types: CustomTypes;
}

/** Keeps the scheme's custom resources those of the definitions that are in force. */
export class CustomResources {
  readonly #scheme: Scheme;
  readonly #engine: SchemaEngine;
  readonly #parts: ConversionParts;
  readonly #registered = new Map<string, Registered>();

  constructor(options: { readonly scheme: Scheme; readonly schemas: SchemaEngine } & ConversionParts) {
    this.#scheme = options.scheme;
    this.#engine = options.schemas;
    this.#parts = options;
  }

  /** Serves a definition as it is now; undefined when it is gone. Changes that do not concern serving leave types and watches alone. */
  see(name: string, definition: Definition | undefined): void {
    const known = this.#registered.get(name);
    const isServed = definition !== undefined && (isConditionTrue(definition, 'Established') || isConditionTrue(definition, 'NamesAccepted'));
    const source = isServed ? sourceOf(definition) : undefined;
    if (known && isEqual(known.source, source)) return this.#mark(name, known, definition);
    const next = definition && source && { source, types: customTypesOf(definition, this.#engine, this.#parts) };
    this.#replace(known?.types.served ?? [], next?.types.served ?? []);
    if (next) this.#registered.set(name, next);
    else this.#registered.delete(name);
    known?.types.retire();
  }

  /** Serves no others than these. */
  forget(present: ReadonlySet<string>): void {
    for (const name of this.#registered.keys()) if (!present.has(name)) this.see(name, undefined);
  }

  /** Of the version for storage; undefined for definitions that are not in force. */
  storageType(name: string): ResourceType | undefined {
    return this.#registered.get(name)?.types.storage;
  }

  /** A definition that begins to go makes no new objects; those that there are, and the watches of them, stay until it has gone. */
  #mark(name: string, known: Registered, definition: Definition | undefined): void {
    const isGoing = definition !== undefined && isTerminating(definition);
    if (known.types.storage.custom?.isTerminating === isGoing) return;
    const types = withTerminating(known.types, isGoing);
    this.#replace(known.types.served, types.served);
    this.#registered.set(name, { ...known, types });
  }

  #replace(before: readonly ResourceType[], after: readonly ResourceType[]): void {
    for (const type of before) this.#scheme.unregister(type);
    for (const type of after) if (!this.#isBuiltIn(type)) this.#scheme.register(type);
  }

  /** As in Kubernetes all paths of a group that the server has itself are its own: definitions in it are granted, and serve nothing. */
  #isBuiltIn({ group }: ResourceType): boolean {
    return this.#scheme.all().some((type) => type.custom === undefined && type.group === group);
  }
}

/** What of a definition decides how it is served. */
const sourceOf = ({ metadata, spec, status }: Definition): object => ({ uid: metadata.uid, spec, names: status?.acceptedNames });
