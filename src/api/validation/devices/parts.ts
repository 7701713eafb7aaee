import { checkDriverName } from '../names.ts';
import type { Problems } from '../problems.ts';
import type { DeviceConfiguration, DeviceSelector, DeviceTaint, DeviceToleration } from '#api/generated/resource/v1.ts';
import { isJsonObject } from '#api/json.ts';
import { dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from '#api/names.ts';
import { firstIndexes } from '#base/first-indexes.ts';

const MAX_SELECTORS = 32;
const MAX_EXPRESSION_BYTES = 10 * 1024;
const MAX_PARAMETERS_BYTES = 10 * 1024;
const MAX_POOL_NAME = 253;
const MAX_IDENTIFIER = 32;
const MAX_BINDING_CONDITIONS = 4;
const EFFECTS = ['NoExecute', 'NoSchedule', 'None'];
const C_IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const C_IDENTIFIER_MESSAGE = "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";

type ItemCheck<T> = (item: T, field: string) => void;

/** Checks how many items there are, and, unless there are too many, each of them. */
export function checkList<T>(problems: Problems, field: string, list: readonly T[] | undefined, { max, check }: { readonly max?: number; readonly check: ItemCheck<T> }): void {
  if (isTooLong(list, max)) problems.tooMany(field, list?.length ?? 0, max ?? 0);
  else for (const [i, item] of (list ?? []).entries()) check(item, `${field}[${i}]`);
}

const isTooLong = (list: readonly unknown[] | undefined, max: number | undefined): boolean => max !== undefined && (list ?? []).length > max;

/** As {@link checkList}, for items of which no two have the same key. */
export function checkSet<T>(problems: Problems, field: string, list: readonly T[] | undefined, { max, check, key }: { readonly max?: number; readonly check: ItemCheck<T>; readonly key: (item: T) => string }): void {
  checkList(problems, field, list, { check, ...(max === undefined ? {} : { max }) });
  if (!isTooLong(list, max)) checkUnique(problems, field, (list ?? []).map(key));
}

function checkUnique(problems: Problems, field: string, keys: readonly string[]): void {
  const first = firstIndexes(keys);
  for (const [i, key] of keys.entries()) if (first.get(key) !== i) problems.duplicate(`${field}[${i}]`, key);
}

/** The path of a value; a key that is too long for one loses its middle. */
export function keyPath(field: string, key: string, max: number): string {
  const kept = max - '...'.length;
  return `${field}[${key.length <= max ? key : `${key.slice(0, Math.floor((kept + 1) / 2))}...${key.slice(-Math.floor(kept / 2))}`}]`;
}

export const checkLabel = (problems: Problems, field: string, name: string | undefined): void => problems.check(field, name, dns1123Label);

/** DNS subdomains, with slashes between them. */
export function checkPoolName(problems: Problems, field: string, name: string | undefined): void {
  if (!name) return problems.required(field);
  if (name.length > MAX_POOL_NAME) problems.tooLong(field, MAX_POOL_NAME);
  for (const part of name.split('/')) problems.check(field, part, dns1123Subdomain);
}

/** `name` or `domain/name`: of an attribute or a capacity. With `needsDomain` only the second will do. Kubernetes lets pass what has more parts. */
export function checkAttributeName(problems: Problems, field: string, name: string, needsDomain = false): void {
  const [first = '', second, ...more] = name.split('/');
  if (second === undefined) checkIdentifier(problems, field, first);
  else if (more.length === 0) {
    if (first === '') problems.invalid(field, '', 'the domain must not be empty');
    else checkDriverName(problems, field, first);
    if (second === '') problems.invalid(field, '', 'the name must not be empty');
    else checkIdentifier(problems, field, second);
  }
  if (needsDomain && second === undefined) problems.invalid(field, name, 'a fully qualified name must be a domain and a name separated by a slash');
}

function checkIdentifier(problems: Problems, field: string, id: string): void {
  if (id.length > MAX_IDENTIFIER) problems.tooLong(field, MAX_IDENTIFIER);
  if (!C_IDENTIFIER.test(id)) problems.invalid(field, id, C_IDENTIFIER_MESSAGE);
}

/** Whether the expressions compile is checked where CEL is known. */
export const checkSelectors = (problems: Problems, field: string, selectors: readonly DeviceSelector[] | undefined): void =>
  checkList(problems, field, selectors, {
    max: MAX_SELECTORS,
    check({ cel }, at) {
      if (cel === undefined) problems.required(`${at}.cel`);
      else if (Buffer.byteLength(cel.expression ?? '') > MAX_EXPRESSION_BYTES) problems.tooLong(`${at}.cel.expression`, MAX_EXPRESSION_BYTES);
    },
  });

export function checkConfiguration(problems: Problems, field: string, { opaque }: DeviceConfiguration, isStored: boolean): void {
  if (opaque === undefined) return problems.required(`${field}.opaque`);
  checkDriverName(problems, `${field}.opaque.driver`, opaque.driver);
  checkObject(problems, `${field}.opaque.parameters`, opaque.parameters, isStored ? Infinity : MAX_PARAMETERS_BYTES);
}

/** A document of a driver's own: any object that is short enough. */
export function checkObject(problems: Problems, field: string, value: unknown, maxBytes: number): void {
  if (value === undefined || value === null) problems.required(field);
  else if (Buffer.byteLength(JSON.stringify(value)) > maxBytes) problems.tooLong(field, maxBytes);
  else if (!isJsonObject(value)) problems.invalid(field, '<value omitted>', 'must be a valid JSON object');
}

export const checkTolerations = (problems: Problems, field: string, tolerations: readonly DeviceToleration[] | undefined): void =>
  checkList(problems, field, tolerations, { check: (toleration, at) => checkToleration(problems, at, toleration) });

function checkToleration(problems: Problems, field: string, { key, operator, value = '', effect }: DeviceToleration): void {
  if (key) problems.check(`${field}.key`, key, qualifiedName);
  if (operator === 'Exists' && value !== '') problems.invalid(`${field}.value`, value, 'must be empty for operator `Exists`');
  else if (operator === 'Equal') problems.check(`${field}.value`, value, labelValue);
  problems.oneOf(`${field}.operator`, operator, ['Equal', 'Exists']);
  problems.optionalOneOf(`${field}.effect`, effect, EFFECTS);
}

export function checkTaint(problems: Problems, field: string, { key, value, effect }: DeviceTaint): void {
  problems.check(`${field}.key`, key, qualifiedName);
  if (value) problems.check(`${field}.value`, value, labelValue);
  problems.oneOf(`${field}.effect`, effect, EFFECTS);
}

/** Both lists hold names of conditions, none of them twice or in both, and one needs the other. */
export function checkBindingConditions(problems: Problems, field: string, { bindingConditions, bindingFailureConditions }: BindingConditions): void {
  const [before, failed] = [bindingConditions ?? [], bindingFailureConditions ?? []];
  const rules = { max: MAX_BINDING_CONDITIONS, check: (name: string, at: string) => problems.check(at, name, qualifiedName) };
  checkList(problems, `${field}.bindingConditions`, before, rules);
  checkList(problems, `${field}.bindingFailureConditions`, failed, rules);
  checkUnique(problems, `${field}.bindingConditions`, before);
  const first = firstIndexes(failed);
  for (const [i, name] of failed.entries()) {
    const at = `${field}.bindingFailureConditions[${i}]`;
    if (first.get(name) !== i) problems.duplicate(at, name);
    if (before.includes(name)) problems.invalid(at, name, 'bindingFailureConditions must not overlap with bindingConditions');
  }
  if (before.length === 0 && failed.length > 0) problems.invalid(`${field}.bindingConditions`, bindingConditions, 'bindingConditions are required to use bindingFailureConditions');
  if (failed.length === 0 && before.length > 0) problems.invalid(`${field}.bindingFailureConditions`, bindingFailureConditions, 'bindingFailureConditions are required to use bindingConditions');
}
interface BindingConditions {
  readonly bindingConditions?: readonly string[] | undefined;
  readonly bindingFailureConditions?: readonly string[] | undefined;
}
