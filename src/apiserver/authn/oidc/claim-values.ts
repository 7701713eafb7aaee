import { goKind } from '#api/go-text.ts';
import type { JsonObject } from '#api/json.ts';

/** Claims as Go's JSON decoder reads them into a variable: null is the zero value, and its words tell what is of another type. @throws Error */
export const textOf = (claims: JsonObject, claim: string): string => read(claims, claim, 'string', '');
export const boolOf = (claims: JsonObject, claim: string): boolean => read(claims, claim, 'boolean', false);

/** A list of texts, or one text that counts as such a list. @throws Error */
export function listOf(claims: JsonObject, claim: string): readonly string[] {
  const value = claims[claim];
  if (value === null) return [];
  if (Array.isArray(value) && value.every((v) => typeof v === 'string' || v === null)) return value.map((v) => v ?? '');
  return [textOf(claims, claim)];
}

/** What an expression gives: a text or a list of texts, of which empty ones count as absent. @throws Error */
export function texts(value: unknown): readonly string[] {
  const list = typeof value === 'string' ? [value] : (value ?? []);
  if (!Array.isArray(list) || !list.every((v) => typeof v === 'string')) throw new Error('expression must return a string or a list of strings');
  return list.filter((v) => v !== '');
}

function read<T>(claims: JsonObject, claim: string, type: 'string' | 'boolean', zero: T): T {
  const value = claims[claim];
  if (value === undefined) throw new Error('claim not present');
  if (value === null) return zero;
  if (typeof value !== type) throw new Error(`json: cannot unmarshal ${goKind(value)} into Go value of type ${type === 'string' ? 'string' : 'bool'}`);
  return value as T;
}
