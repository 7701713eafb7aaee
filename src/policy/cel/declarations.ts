import type { Type } from './types.ts';
import type { Value } from './values.ts';

/** One signature of a function, with what it does. */
export interface Overload {
  /** With the receiver first for members. */
  readonly params: readonly Type[];
  readonly result: Type;
  readonly isMember: boolean;
  readonly call: (...args: readonly never[]) => Value;
}

/** Functions by name; operators have cel-go's names (`_+_`), functions of a namespace their qualified one (`base64.encode`). */
export type Functions = Readonly<Record<string, readonly Overload[]>>;

type Implementation = (...args: readonly never[]) => Value;

export const fn = (params: readonly Type[], result: Type, call: Implementation): Overload => ({ params, result, isMember: false, call });
export const member = (params: readonly Type[], result: Type, call: Implementation): Overload => ({ params, result, isMember: true, call });

/** One table of several; overloads of one name are joined. */
export function joinFunctions(tables: readonly Functions[]): Functions {
  const joined = new Map<string, readonly Overload[]>();
  for (const table of tables) for (const [name, overloads] of Object.entries(table)) joined.set(name, [...(joined.get(name) ?? []), ...overloads]);
  return Object.fromEntries(joined);
}

/** What an expression may use. */
export interface CelEnvironment {
  readonly functions: Functions;
  /** Type of a variable; undefined for a name that is none. */
  variable(name: string): Type | undefined;
  /** `cel.bind` is a macro. Default false: then nobody knows a `cel`. */
  readonly hasBindings?: boolean;
  /** Of struct literals; absent when there are none. */
  struct?(name: string): StructDeclaration | undefined;
}

/** A type that may be written as `Name{field: value}`. */
export interface StructDeclaration {
  readonly type: Type;
  make(fields: ReadonlyMap<string, Value>): Value;
}
