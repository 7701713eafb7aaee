import { foundText } from '#api/decoders.ts';
import { parseExactJson } from '#api/exact-json.ts';
import { goJson } from '#api/go-text.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import { jsonFault } from '#api/json-fault.ts';
import { jsonPatch, UnfitPatch } from '#api/patch/json.ts';

/** What is wrong with a patch that cannot be read, in the words of the library that Kubernetes reads webhooks' patches with. */
export class UndecodablePatch {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

type Operation = JsonObject;

/** The operations of a JSON Patch, checked before any is carried out; none for `null`. @throws UndecodablePatch */
export function decodePatch(text: string): readonly Operation[] {
  const fault = jsonFault(text);
  if (fault !== undefined) throw new UndecodablePatch(fault);
  const operations = parseExactJson(text) ?? [];
  if (!Array.isArray(operations)) throw new UndecodablePatch(`json: cannot unmarshal ${foundText(operations, 'jsonpatch.Patch')} into Go value of type jsonpatch.Patch`);
  for (const [i, operation] of operations.entries()) {
    if (!isJsonObject(operation)) throw new UndecodablePatch(`json: cannot unmarshal ${foundText(operation, 'jsonpatch.Operation')} into Patch.${i} of type jsonpatch.Operation`);
    const problem = problemOf(operation);
    if (problem !== undefined) throw new UndecodablePatch(`invalid operation ${goJson(sorted(operation))}: ${problem}`);
  }
  return operations as readonly Operation[];
}

/** As audit records show it: Go writes members in their order. */
export const sorted = (operation: Operation): Operation => Object.fromEntries(Object.entries(operation).toSorted(([a], [b]) => (a < b ? -1 : 1)));

const MISSING = 'missing value';

function problemOf(operation: Operation): string | undefined {
  switch (operation['op']) {
    case 'add': case 'replace':
      if (!Object.hasOwn(operation, 'value')) return `failed to decode 'value': operation, missing value field: ${MISSING}`;
      break;
    case 'move': case 'copy': {
      const problem = pathProblem(operation['from'], 'operation, missing from field');
      if (problem !== undefined) return `failed to decode 'from': ${problem}`;
      break;
    }
    case 'remove': case 'test': break;
    default: return 'unsupported operation';
  }
  const problem = pathProblem(operation['path'], 'operation missing path field');
  return problem === undefined ? undefined : `failed to decode 'path': ${problem}`;
}

function pathProblem(path: unknown, missing: string): string | undefined {
  if (path === undefined || path === null) return `${missing}: ${MISSING}`;
  return typeof path === 'string' ? undefined : `json: cannot unmarshal ${foundText(path, 'string')} into Go value of type string`;
}

/**
 * The object with the operations carried out. Clients' patches may replace a member that is absent, since what is zero is often not written;
 * those of webhooks may not. @throws UnfitPatch
 */
export function applyPatch(object: object, operations: readonly Operation[]): object {
  try {
    return operations.reduce((present, operation) => {
      requireReplaced(present, operation);
      return jsonPatch(present, [operation]);
    }, object);
  } catch (error) {
    throw error instanceof UnfitPatch ? new UnfitPatch(error.why.replace('Unable to', 'unable to')) : error;
  }
}

function requireReplaced(object: object, { op, path }: Operation): void {
  if (op !== 'replace' || typeof path !== 'string' || !path.startsWith('/')) return;
  const steps = path.slice(1).split('/').map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const container = steps.slice(0, -1).reduce<unknown>((value, step) => (typeof value === 'object' && value !== null && Object.hasOwn(value, step) ? (value as JsonObject)[step] : undefined), object);
  if (isJsonObject(container) && !Object.hasOwn(container, steps.at(-1) ?? '')) throw new UnfitPatch(`replace operation does not apply: doc is missing key: ${path}: ${MISSING}`);
}
