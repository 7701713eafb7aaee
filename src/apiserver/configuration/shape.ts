import { goKind } from '#api/go-text.ts';
import { fieldPath, isJsonObject, type JsonObject } from '#api/json.ts';

/** What a member of a file of configuration holds, by its type in Go, which its faults are worded with. */
export type Shape =
  | { readonly form: 'text' | 'flag'; readonly goType: string }
  | { readonly form: 'list'; readonly item: Shape }
  | { readonly form: 'struct'; readonly name: string; readonly members: Readonly<Record<string, Shape>> };

export const TEXT: Shape = { form: 'text', goType: 'string' };
export const FLAG: Shape = { form: 'flag', goType: 'bool' };
export const named = (goType: string): Shape => ({ form: 'text', goType });
export const listOf = (item: Shape): Shape => ({ form: 'list', item });
export const struct = (name: string, members: Readonly<Record<string, Shape>>): Shape => ({ form: 'struct', name, members });

export interface Fitted {
  /** Without the nulls, and without what the shape does not know. An item of a list that is null is an empty one. */
  readonly value: JsonObject;
  /** By their paths. */
  readonly unknown: readonly string[];
}

/** @throws Error in the words of Go's decoder for a value of another type */
export function fit(value: JsonObject, shape: Shape, version: string): Fitted {
  const fitter = new Fitter(version);
  return { value: fitter.read(value, shape) as JsonObject, unknown: fitter.unknown };
}

const JSON_TYPES = { text: 'string', flag: 'boolean' } as const;

class Fitter {
  readonly unknown: string[] = [];
  readonly #version: string;
  readonly #path: (string | number)[] = [];
  #struct = '';

  constructor(version: string) {
    this.#version = version;
  }

  read(value: unknown, shape: Shape): unknown {
    switch (shape.form) {
      case 'text': case 'flag': return typeof value === JSON_TYPES[shape.form] ? value : this.#refuse(value, shape);
      case 'list': return Array.isArray(value) ? value.map((item: unknown, i) => this.#at(i, () => this.read(item ?? zero(shape.item), shape.item))) : this.#refuse(value, shape);
      case 'struct': return isJsonObject(value) ? this.#members(value, shape.name, shape.members) : this.#refuse(value, shape);
    }
  }

  #members(value: JsonObject, name: string, members: Readonly<Record<string, Shape>>): JsonObject {
    const outer = this.#struct;
    this.#struct = name;
    const read = Object.entries(value).flatMap(([key, member]) => {
      const shape = Object.hasOwn(members, key) ? members[key] : undefined;
      if (shape === undefined) this.unknown.push(fieldPath([...this.#path, key]));
      return shape === undefined || member === null ? [] : [[key, this.#at(key, () => this.read(member, shape))] as const];
    });
    this.#struct = outer;
    return Object.fromEntries(read) as JsonObject;
  }

  #at<T>(step: string | number, work: () => T): T {
    this.#path.push(step);
    const done = work();
    this.#path.pop();
    return done;
  }

  #refuse(value: unknown, shape: Shape): never {
    const where = `${this.#struct}.${this.#path.filter((step) => typeof step === 'string').join('.')}`;
    throw new Error(`json: cannot unmarshal ${goKind(value)} into Go struct field ${where} of type ${this.#goType(shape)}`);
  }

  #goType(shape: Shape): string {
    if (shape.form === 'list') return `[]${this.#goType(shape.item)}`;
    return shape.form === 'struct' ? `${this.#version}.${shape.name}` : shape.goType.replace('version.', `${this.#version}.`);
  }
}

function zero(shape: Shape): unknown {
  return shape.form === 'struct' ? {} : shape.form === 'list' ? [] : shape.form === 'flag' ? false : '';
}
