import jsonpatch from 'jsonpatch';
import { goQuote } from '#api/go-text.ts';
import { isJsonObject, type JsonObject, jsonEqual } from '#api/json.ts';
import { UnfitPatch } from '#api/patch/unfit-patch.ts';
import { badRequest, StatusError } from '#api/status-error.ts';
import { asError } from '#base/errors.ts';

interface Operation {
  readonly op: string;
  readonly path: readonly string[];
  readonly from: readonly string[];
  readonly value: unknown;
  /** The paths as they were given, for messages. */
  readonly text: string;
  readonly source: string;
}

/** Kubernetes refuses longer patches. */
const MAX_OPERATIONS = 10_000;
const APPEND = '-';

/**
 * JSON Patch (RFC 6902). Parts that no operation touches are shared with `original`.
 * @throws StatusError BadRequest for what is no list of operations, Invalid for an operation that is wrong or does not fit the object (a missing path, a failed test).
 */
export function jsonPatch(original: object, operations: unknown): object {
  if (!Array.isArray(operations)) throw badRequest('a JSON Patch is an array of operations');
  if (operations.length > MAX_OPERATIONS) {
    throw new StatusError('RequestEntityTooLarge', `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${operations.length}`);
  }
  let document: unknown = original;
  for (const raw of operations.map(requireOperation)) document = apply(document, parseOperation(raw));
  if (!isJsonObject(document) && !Array.isArray(document)) throw unprocessable('the patch leaves no object');
  return document;
}

/** A test operation that does not hold. */
export class FailedTest extends UnfitPatch {}

const KINDS = new Set(['add', 'remove', 'replace', 'move', 'test', 'copy']);
/** Kinds whose library says less of a path that is not there. */
const TERSE = new Set(['add', 'remove', 'copy']);
const MISSING = 'missing value';
const MEMBERS = new Set(['op', 'path', 'from', 'value']);

/** Paths of members that no operation has, and which are ignored: `[0].foo`. */
export function unknownMembers(operations: unknown): readonly string[] {
  if (!Array.isArray(operations)) return [];
  return operations.flatMap((raw: unknown, i) => (isJsonObject(raw) ? Object.keys(raw).filter((name) => !MEMBERS.has(name)).map((name) => `[${i}].${name}`) : []));
}

function requireOperation(raw: unknown): JsonObject {
  if (!isJsonObject(raw)) throw badRequest('an operation is an object');
  return raw;
}

function parseOperation({ op = null, path, from, value }: JsonObject): Operation {
  const kind = typeof op === 'string' ? op : 'unknown';
  if (!KINDS.has(kind)) throw unprocessable(`Unexpected kind: ${kind}`);
  if ((kind === 'move' || kind === 'copy') && typeof from !== 'string') throw unprocessable(`${kind} operation failed to decode from: operation, missing from field: ${MISSING}`);
  if (typeof path !== 'string') throw unprocessable(`${kind} operation failed to decode path: ${TERSE.has(kind) ? '' : 'operation missing path field: '}${MISSING}`);
  const source = typeof from === 'string' ? from : '';
  return { op: kind, path: parsePointer(path), from: kind === 'move' || kind === 'copy' ? parsePointer(source) : [], value, text: path, source };
}

/** What stands before the first slash means nothing, and a tilde that escapes nothing is one, as in Kubernetes' library. Without a slash no step is named. */
function parsePointer(pointer: string): readonly string[] {
  const steps = pointer.split('/').slice(1).map((step) => step.replace(/~[01]/g, (escaped) => (escaped === '~1' ? '/' : '~')));
  if (steps.includes('__proto__')) throw badRequest('a field may not be named "__proto__"');
  return steps;
}

function apply(document: unknown, { op, path, from, value = null, text, source }: Operation): unknown {
  switch (op) {
    case 'add': return add(document, placeOf(document, path, `add operation does not apply: doc is missing path: "${text}"`), value, `error in add for path: '${text}'`);
    case 'remove': return remove(document, placeOf(document, path, `remove operation does not apply: doc is missing path: "${text}"`), `error in remove for path: '${text}'`);
    case 'replace': return replace(document, path, value, text);
    case 'test':
      if (!jsonEqual(tested(document, path, text), value)) throw new FailedTest(`testing value ${text} failed: test failed`);
      return document;
    case 'copy': {
      // What is absent is copied as null.
      const copied = read(placeOf(document, from, `copy operation does not apply: doc is missing from path: ${source}`), `error in copy for from: '${source}'`) ?? null;
      return add(document, placeOf(document, path, `copy operation does not apply: doc is missing destination path: ${text}`), copied, 'error while adding value during copy');
    }
    default: {
      const place = placeOf(document, from, `move operation does not apply: doc is missing from path: ${source}`);
      const moved = read(place, `error in move for path: '${place.key}'`);
      const without = remove(document, place, `error in move for path: '${place.key}'`);
      return add(without, placeOf(without, path, `move operation does not apply: doc is missing destination path: ${text}`), moved, `error in move for path: '${text}'`);
    }
  }
}

/** The object or list that a path leads to but for its last step. */
interface Place {
  readonly container: readonly unknown[] | JsonObject;
  readonly pointer: string;
  readonly key: string;
}

function placeOf(document: unknown, path: readonly string[], why: string): Place {
  let container = document;
  let pointer = '';
  for (const step of path.slice(0, -1)) {
    const key = Array.isArray(container) ? indexOf(step, container.length) : step;
    if (typeof key === 'object' || !isContainer(container) || !Object.hasOwn(container, key)) throw unprocessable(`${why}: ${MISSING}`);
    pointer += stepTo(key);
    container = (container as JsonObject)[key];
  }
  const key = path.at(-1);
  if (key === undefined || !isContainer(container)) throw unprocessable(`${why}: ${MISSING}`);
  return { container, pointer, key };
}

const isContainer = (value: unknown): value is readonly unknown[] | JsonObject => Array.isArray(value) || isJsonObject(value);
const stepTo = (key: string | number): string => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** The index that a step names, from the end when it is negative; what is wrong with it when it names none. */
function indexOf(step: string, length: number): number | { readonly fault: string } {
  if (!/^[+-]?\d+$/.test(step)) return { fault: `strconv.Atoi: parsing ${goQuote(step)}: invalid syntax` };
  const value = Number(step);
  const absolute = value < 0 ? value + length : value;
  return absolute >= 0 && absolute < length ? absolute : { fault: `Unable to access invalid index: ${value}: invalid index referenced` };
}

function itemIn(place: Place, length: number, why: string): number {
  const at = indexOf(place.key, length);
  if (typeof at === 'number') return at;
  throw unprocessable(`${why}: ${at.fault}`);
}

/** Undefined for an absent member. */
function read(place: Place, why: string): unknown {
  const { container, key } = place;
  if (Array.isArray(container)) return container[itemIn(place, container.length, why)] as unknown;
  return Object.hasOwn(container, key) ? (container as JsonObject)[key] : undefined;
}

/** A test for null holds also where the last member is absent. */
function tested(document: unknown, path: readonly string[], text: string): unknown {
  if (text === '') return document;
  return read(placeOf(document, path, `test operation does not apply: is missing path: ${text}`), `error in test for path: '${text}'`) ?? null;
}

function add(document: unknown, place: Place, value: unknown, why: string): unknown {
  const { container, pointer, key } = place;
  if (!Array.isArray(container) || key === APPEND) return change(document, { op: 'add', path: pointer + stepTo(key), value });
  const note = /^[+-]?\d+$/.test(key) ? '' : `: value was not a proper array index: '${key}'`;
  return change(document, { op: 'add', path: pointer + stepTo(itemIn(place, container.length + 1, why + note)), value });
}

function remove(document: unknown, place: Place, why: string): unknown {
  const { container, pointer, key } = place;
  if (!Array.isArray(container) && !Object.hasOwn(container, key)) throw unprocessable(`${why}: Unable to remove nonexistent key: ${key}: ${MISSING}`);
  return change(document, { op: 'remove', path: pointer + stepTo(Array.isArray(container) ? itemIn(place, container.length, why) : key) });
}

/** An item must be there; a member may be absent: what is zero is often not written. */
function replace(document: unknown, path: readonly string[], value: unknown, text: string): unknown {
  if (text === '') {
    if (!isContainer(value)) throw unprocessable('replace operation value must be object or array: %!w(<nil>)');
    return value;
  }
  const { container, pointer, key } = placeOf(document, path, `replace operation does not apply: doc is missing path: ${text}`);
  if (!Array.isArray(container)) return change(document, { op: 'add', path: pointer + stepTo(key), value });
  const at = indexOf(key, container.length);
  if (typeof at === 'object') throw unprocessable(`replace operation does not apply: doc is missing key: ${text}: ${MISSING}`);
  return change(document, { op: 'replace', path: pointer + stepTo(at), value });
}

/** Copies what lies on the path, shares the rest. The path has been checked: the package writes to scalars in silence. */
function change(document: unknown, operation: Readonly<Record<string, unknown>>): unknown {
  try {
    return jsonpatch.apply_patch(document, [operation]);
  } catch (cause) {
    throw unprocessable(`${String(operation['op'])} operation does not apply: ${String(operation['path'])}: ${asError(cause).message}`);
  }
}

const unprocessable = (why: string): UnfitPatch => new UnfitPatch(why);
