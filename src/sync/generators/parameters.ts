import { describeValue, isJsonObject, type JsonObject } from '#api/json.ts';
import { GeneratorError } from './errors.ts';

/** What `{{name}}` stands for in a template. */
export type Parameters = Readonly<Record<string, string>>;

/** The leaves of a value: `a.b`, `a[0].c`. */
export function flatten(value: JsonObject): Parameters {
  const parameters: Record<string, string> = {};
  const visit = (item: unknown, name: string): void => {
    if (Array.isArray(item)) item.forEach((member, i) => visit(member, `${name}[${i}]`));
    else if (isJsonObject(item)) for (const [key, member] of Object.entries(item)) visit(member, name === '' ? key : `${name}.${key}`);
    else parameters[name] = item === null || item === undefined ? '' : describeValue(item);
  };
  visit(value, '');
  return parameters;
}

/** @throws GeneratorError ParameterConflict: which of the two should count? */
export function joinParameters(one: Parameters, other: Parameters): Parameters {
  const both = Object.keys(one).filter((name) => Object.hasOwn(other, name) && one[name] !== other[name]);
  if (both.length > 0) throw new GeneratorError('ParameterConflict', `both generators of a matrix give ${both.map((name) => JSON.stringify(name)).join(', ')}`);
  return { ...one, ...other };
}

/** `path`, `path.basename`, `path[0]`, … of a folder. */
export function pathParameters(path: string): Parameters {
  const parts = path.split('/');
  return { path, 'path.basename': parts.at(-1) ?? '', ...Object.fromEntries(parts.map((part, i) => [`path[${i}]`, part])) };
}
