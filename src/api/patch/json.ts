import { isJsonObject, jsonEqual } from '#api/json.ts';
import { badRequest, StatusError } from '#api/status-error.ts';

interface Operation {
  readonly op: string;
  readonly path: readonly string[];
  readonly from: readonly string[] | undefined;
  readonly value: unknown;
  /** The path as it was given, for messages. */
  readonly text: string;
}

/** Kubernetes refuses longer patches. */
const MAX_OPERATIONS = 10_000;
const APPEND = '-';

/**
 * JSON Patch (RFC 6902). Parts that no operation touches are shared with `original`.
 * @throws StatusError BadRequest for what is no patch, Invalid for one that does not fit the object (a missing path, a failed test).
 */
export function jsonPatch(original: object, operations: unknown): object {
  if (!Array.isArray(operations)) throw badRequest('error decoding patch: json: a JSON Patch is an array of operations');
  if (operations.length > MAX_OPERATIONS) {
    throw new StatusError('RequestEntityTooLarge', `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${operations.length}`);
  }
  let document: unknown = original;
  for (const operation of operations.map(parseOperation)) document = apply(document, operation);
  if (!isJsonObject(document) && !Array.isArray(document)) throw unprocessable('the patch leaves no object');
  return document;
}

function parseOperation(raw: unknown): Operation {
  if (!isJsonObject(raw) || typeof raw['op'] !== 'string') throw badRequest('error decoding patch: an operation needs a member "op"');
  const { op, path, from, value } = raw;
  if (typeof path !== 'string') throw badRequest(`error decoding patch: operation ${op} needs a member "path"`);
  const needsFrom = op === 'move' || op === 'copy';
  if (needsFrom && typeof from !== 'string') throw badRequest(`error decoding patch: operation ${op} needs a member "from"`);
  if ((op === 'add' || op === 'replace' || op === 'test') && !Object.hasOwn(raw, 'value')) throw badRequest(`error decoding patch: operation ${op} needs a member "value"`);
  return { op, path: parsePointer(path), from: needsFrom ? parsePointer(from as string) : undefined, value, text: path };
}

function parsePointer(pointer: string): readonly string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) throw badRequest(`error decoding patch: invalid JSON pointer ${JSON.stringify(pointer)}`);
  const steps = pointer.slice(1).split('/').map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (steps.includes('__proto__')) throw badRequest('a field may not be named "__proto__"');
  return steps;
}

function apply(document: unknown, operation: Operation): unknown {
  const { op, path, from, value, text } = operation;
  switch (op) {
    case 'add': return edit(document, path, operation, (parent, key) => insert(parent, key, value, operation), value);
    case 'replace': return edit(document, path, operation, (parent, key) => replace(parent, key, value, operation), value);
    case 'remove': return edit(document, path, operation, (parent, key) => remove(parent, key, operation), undefined);
    case 'test':
      if (!jsonEqual(find(document, path, operation, true), value)) throw unprocessable(`testing path ${text}: test failed`);
      return document;
    case 'copy': {
      const copied = find(document, from ?? [], operation, false);
      return edit(document, path, operation, (parent, key) => insert(parent, key, copied, operation), copied);
    }
    case 'move': {
      const source = from ?? [];
      if (source.length < path.length && source.every((step, i) => step === path[i])) throw unprocessable(`move operation cannot put a value into itself: ${text}`);
      const moved = find(document, source, operation, false);
      if (source.length === path.length && source.every((step, i) => step === path[i])) return document;
      const without = edit(document, source, operation, (parent, key) => remove(parent, key, operation), undefined);
      return edit(without, path, operation, (parent, key) => insert(parent, key, moved, operation), moved);
    }
    default: throw badRequest(`error decoding patch: unexpected kind: ${op}`);
  }
}

/** A copy of the document in which `change` has been done to a copy of the last step's parent. */
function edit(document: unknown, path: readonly string[], operation: Operation, change: (parent: unknown[] | Record<string, unknown>, key: string) => void, root: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return root;
  const copy = Array.isArray(document) ? document.slice() as unknown[] : isJsonObject(document) ? { ...document } : undefined;
  if (copy === undefined) throw missing(operation);
  if (rest.length === 0) change(copy, step);
  else if (Array.isArray(copy)) copy[existingIndex(copy, step, operation)] = edit(copy[existingIndex(copy, step, operation)], rest, operation, change, root);
  else if (Object.hasOwn(copy, step)) copy[step] = edit(copy[step], rest, operation, change, root);
  else throw missing(operation);
  return copy;
}

function find(document: unknown, path: readonly string[], operation: Operation, nullIfMissing: boolean): unknown {
  let value = document;
  for (const [depth, step] of path.entries()) {
    if (Array.isArray(value)) value = value[existingIndex(value, step, operation)];
    else if (isJsonObject(value) && Object.hasOwn(value, step)) value = value[step];
    // A test for null holds also where the last member is absent, as in Kubernetes.
    else if (nullIfMissing && isJsonObject(value) && depth === path.length - 1) return null;
    else throw missing(operation);
  }
  return value;
}

function insert(parent: unknown[] | Record<string, unknown>, key: string, value: unknown, operation: Operation): void {
  if (!Array.isArray(parent)) parent[key] = value;
  else parent.splice(key === APPEND ? parent.length : index(key, parent.length, operation), 0, value);
}

function replace(parent: unknown[] | Record<string, unknown>, key: string, value: unknown, operation: Operation): void {
  if (Array.isArray(parent)) parent[existingIndex(parent, key, operation)] = value;
  else if (Object.hasOwn(parent, key)) parent[key] = value;
  else throw missing(operation);
}

function remove(parent: unknown[] | Record<string, unknown>, key: string, operation: Operation): void {
  if (Array.isArray(parent)) parent.splice(existingIndex(parent, key, operation), 1);
  else if (Object.hasOwn(parent, key)) delete parent[key];
  else throw missing(operation);
}

const existingIndex = (list: readonly unknown[], text: string, operation: Operation): number => index(text, list.length - 1, operation);

function index(text: string, max: number, operation: Operation): number {
  // Kubernetes' library counts negative indexes from the end.
  const value = /^(?:0|-?[1-9]\d*)$/.test(text) ? Number(text) : NaN;
  const absolute = value < 0 ? value + max + 1 : value;
  if (!(absolute >= 0 && absolute <= max)) throw unprocessable(`${operation.op} operation does not apply: doc is missing key: ${operation.text}: invalid array index`);
  return absolute;
}

const missing = (o: Operation): StatusError => unprocessable(`${o.op} operation does not apply: doc is missing path: "${o.text}": missing value`);

const unprocessable = (message: string): StatusError => new StatusError('Invalid', `the server rejected our request due to an error in our request: ${message}`);
