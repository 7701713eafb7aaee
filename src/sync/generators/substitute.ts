import { isJsonObject } from '#api/json.ts';
import type { Parameters } from './parameters.ts';

export interface UnknownParameter {
  readonly name: string;
  /** Path of the field that names it, as in `spec.path`. */
  readonly field: string;
}

export interface Substituted<T> {
  readonly value: T;
  readonly unknown: readonly UnknownParameter[];
}

/** Braces around anything that is no name, as Helm's `{{ .Values.x }}`, are left as they are. */
const REFERENCE = /\{\{\s*([A-Za-z_][\w./[\]-]*)\s*\}\}/g;

/** Puts parameters in the place of `{{name}}` in all strings of a value, keys too. */
export function substitute<T>(value: T, parameters: Parameters): Substituted<T> {
  const unknown: UnknownParameter[] = [];
  const text = (template: string, field: string): string => template.replaceAll(REFERENCE, (reference, name: string) => {
    if (Object.hasOwn(parameters, name)) return parameters[name] ?? '';
    unknown.push({ name, field });
    return reference;
  });
  const visit = (item: unknown, field: string): unknown => {
    if (typeof item === 'string') return text(item, field);
    if (Array.isArray(item)) return item.map((member, i) => visit(member, `${field}[${i}]`));
    if (!isJsonObject(item)) return item;
    return Object.fromEntries(Object.entries(item).map(([key, member]) => [text(key, field), visit(member, field === '' ? key : `${field}.${key}`)]));
  };
  return { value: visit(value, '') as T, unknown };
}

export const unknownMessage = ({ name, field }: UnknownParameter, parameters: Parameters): string =>
  `${field}: there is no parameter ${JSON.stringify(name)}; there are ${Object.keys(parameters).toSorted().join(', ') || 'none'}`;
