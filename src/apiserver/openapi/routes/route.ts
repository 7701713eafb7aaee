import type { TypeReference } from '#api/facts.ts';
import type { GroupVersionKind } from '../schemas.ts';

export type Method = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch';

/** A value that stands in the path or in the query. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly type: 'string' | 'boolean' | 'integer';
  readonly description: string;
}

/** What is sent or answered: a type of the fact tables, the OpenAPI name of a custom resource's schema, or `string` for what is no object. */
export type Model = TypeReference;

/** One method of one path, whatever the version of OpenAPI. */
export interface Route {
  /** With `{name}` for each parameter of the path. */
  readonly path: string;
  readonly method: Method;
  /** Of all operations of a server no two have the same. */
  readonly id: string;
  readonly tag: string;
  readonly description: string;
  /** Media types; empty when nothing is said of them. */
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly body?: { readonly model: Model; readonly isRequired: boolean };
  /** By status. */
  readonly answers: Readonly<Record<number, Model>>;
  /** Present for operations on objects. */
  readonly target?: { readonly action: string; readonly kind: GroupVersionKind };
}
