import jsonpatch from 'jsonpatch';
import { isJsonObject, jsonEqual } from '#api/json.ts';
import { badRequest, StatusError } from '#api/status-error.ts';
import { asError } from '#base/errors.ts';

interface Operation {
  readonly op: string;
  readonly path: readonly string[];
  readonly from: readonly string[] | undefined;
  readonly value: unknown;
  /** The path as it was given, for messages. */
  readonly text: string;
}

/** Invalid: an operation is wrong, or does not fit the object. */
export class UnfitPatch extends StatusError {
  /** Without the words that clients are told first. */
  readonly why: string;

  constructor(why: string) {
    super('Invalid', `the server rejected our request due to an error in our request: ${why}`);
    this.why = why;
  }
}

/** Kubernetes refuses longer patches. */
const MAX_OPERATIONS = 10_000;
const APPEND = '-';

/**
 * JSON Patch (RFC 6902). Parts that no operation touches are shared with `original`.
 * @throws StatusError BadRequest for what is no list of operations, Invalid for an operation that is wrong or does not fit the object (a missing path, a failed test).
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

const MEMBERS = new Set(['op', 'path', 'from', 'value']);

/** Paths of members that no operation has, and which are ignored: `[0].foo`. */
export function unknownMembers(operations: unknown): readonly string[] {
  if (!Array.isArray(operations)) return [];
  return operations.flatMap((raw: unknown, i) => (isJsonObject(raw) ? Object.keys(raw).filter((name) => !MEMBERS.has(name)).map((name) => `[${i}].${name}`) : []));
}

function parseOperation(raw: unknown): Operation {
  if (!isJsonObject(raw)) throw badRequest('error decoding patch: json: an operation is an object');
  const { op, path, from, value } = raw;
  if (typeof op !== 'string') throw unprocessable('an operation needs a member "op"');
  if (typeof path !== 'string') throw unprocessable(`${op} operation needs a member "path"`);
  const needsFrom = op === 'move' || op === 'copy';
  if (needsFrom && typeof from !== 'string') throw unprocessable(`${op} operation needs a member "from"`);
  if ((op === 'add' || op === 'replace' || op === 'test') && !Object.hasOwn(raw, 'value')) throw unprocessable(`${op} operation needs a member "value"`);
  return { op, path: parsePointer(path), from: needsFrom ? parsePointer(from as string) : undefined, value, text: path };
}

function parsePointer(pointer: string): readonly string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) throw unprocessable(`invalid JSON pointer ${JSON.stringify(pointer)}`);
  const steps = pointer.slice(1).split('/').map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (steps.includes('__proto__')) throw badRequest('a field may not be named "__proto__"');
  return steps;
}

function apply(document: unknown, operation: Operation): unknown {
  const { op, path, from, value, text } = operation;
  switch (op) {
    case 'add': return change(document, operation, { op, path: locate(document, path, operation, 'new'), value });
    case 'replace': return replace(document, operation);
    case 'remove': return change(document, operation, { op, path: locate(document, path, operation, 'present') });
    // The package's own test takes any two objects for equal.
    case 'test':
      if (!jsonEqual(find(document, path, operation, true), value)) throw unprocessable(`testing path ${text}: test failed`);
      return document;
    case 'copy': return apply(document, { ...operation, op: 'add', value: find(document, from ?? [], operation, false) });
    case 'move': {
      const source = from ?? [];
      const isInside = source.length <= path.length && source.every((step, i) => step === path[i]);
      if (isInside && source.length < path.length) throw unprocessable(`move operation cannot put a value into itself: ${text}`);
      const moved = find(document, source, operation, false);
      return isInside ? document : apply(apply(document, { ...operation, op: 'remove', path: source }), { ...operation, op: 'add', value: moved });
    }
    default: throw unprocessable(`Unexpected kind: ${op}`);
  }
}

/** An item must be there; a member may be absent, as in Kubernetes: what is zero is often not written. */
function replace(document: unknown, operation: Operation): unknown {
  const { path, value } = operation;
  const pointer = locate(document, path, operation, 'any');
  const isItem = Array.isArray(find(document, path.slice(0, -1), operation, false));
  return change(document, operation, { op: isItem ? 'replace' : 'add', path: pointer, value });
}

/** Copies what lies on the path, shares the rest. The path has been checked: the package writes to scalars in silence. */
function change(document: unknown, { text }: Operation, operation: Record<string, unknown>): unknown {
  try {
    return jsonpatch.apply_patch(document, [operation]);
  } catch (cause) {
    throw unprocessable(`${String(operation['op'])} operation does not apply: ${text}: ${asError(cause).message}`);
  }
}

/** The pointer to what `path` names in `document`, with indexes from the end counted from the start. The last step may be one more item and an absent member (`new`), or only the latter (`any`). */
function locate(document: unknown, path: readonly string[], operation: Operation, last: 'new' | 'any' | 'present'): string {
  let value = document;
  let pointer = '';
  for (const [depth, step] of path.entries()) {
    const isLast = depth === path.length - 1;
    const isNew = last === 'new' && isLast;
    const key = Array.isArray(value) ? index(step, value.length - (isNew ? 0 : 1), operation, isNew) : step;
    if (!Array.isArray(value) && !(isJsonObject(value) && ((isLast && last !== 'present') || Object.hasOwn(value, step)))) throw missing(operation);
    pointer += `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return pointer;
}

function find(document: unknown, path: readonly string[], operation: Operation, nullIfMissing: boolean): unknown {
  let value = document;
  for (const [depth, step] of path.entries()) {
    if (Array.isArray(value)) value = value[Number(index(step, value.length - 1, operation, false))];
    else if (isJsonObject(value) && Object.hasOwn(value, step)) value = value[step];
    // A test for null holds also where the last member is absent, as in Kubernetes.
    else if (nullIfMissing && isJsonObject(value) && depth === path.length - 1) return null;
    else throw missing(operation);
  }
  return value;
}

function index(text: string, max: number, operation: Operation, mayAppend: boolean): string {
  if (mayAppend && text === APPEND) return text;
  // Kubernetes' library counts negative indexes from the end.
  const value = /^(?:0|-?[1-9]\d*)$/.test(text) ? Number(text) : NaN;
  const absolute = value < 0 ? value + max + 1 : value;
  if (!(absolute >= 0 && absolute <= max)) throw unprocessable(`${operation.op} operation does not apply: doc is missing key: ${operation.text}: invalid array index`);
  return String(absolute);
}

const missing = (o: Operation): UnfitPatch => unprocessable(`${o.op} operation does not apply: doc is missing path: "${o.text}": missing value`);

const unprocessable = (why: string): UnfitPatch => new UnfitPatch(why);
