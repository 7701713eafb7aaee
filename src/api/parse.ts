import { isUtf8 } from 'node:buffer';
import type { Duplicate } from '#api/duplicates.ts';
import { parseExactJson } from '#api/exact-json.ts';
import { findDuplicates } from '#api/json-duplicates.ts';
import { findFractions, MAY_HAVE_FRACTIONS } from '#api/json-fractions.ts';
import { badRequest, StatusError } from '#api/status-error.ts';
import { parseYaml } from '#api/yaml.ts';

export interface ParsedBody {
  readonly value: unknown;
  readonly duplicates: readonly Duplicate[];
  /** Numbers that JSON has with a fraction or an exponent, by their path, as they were written; absent where there are none. */
  readonly fractions?: ReadonlyMap<string, string> | undefined;
}

/** Kubernetes' limit: bodies above are refused, and so are objects that several requests made larger. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;
export const tooLarge = (): StatusError => new StatusError('RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY_BYTES}`);
/** The depth at which Go's decoder gives up is 10000; nothing real is deeper than 100, and recursion here must not overflow the stack. */
const MAX_DEPTH = 500;
/** Aliases let a small document stand for a huge one. */
const MAX_NODES = 1_000_000;

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/;
export const YAML_TYPE = /^(?:application\/(?:[\w.-]+\+)?(?:x-)?yaml|text\/(?:x-)?yaml)$/;

/** What to say of a text that is no JSON or YAML; undefined for the parser's words, which name the place. */
export type FaultOf = (text: string) => string | undefined;

/**
 * Decodes a request's body by its content type; no type means JSON.
 * @throws StatusError BadRequest (text that is no UTF-8, JSON or YAML, too deep, with a member `__proto__`), RequestEntityTooLarge, UnsupportedMediaType.
 */
export function parseBody(bytes: Buffer, contentType: string, faultOf?: FaultOf): ParsedBody {
  if (bytes.length > MAX_BODY_BYTES) throw tooLarge();
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isJson = type === '' || JSON_TYPE.test(type);
  if (!isJson && !YAML_TYPE.test(type)) throw new StatusError('UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf`);
  if (!isUtf8(bytes)) throw badRequest('the body of the request is not valid UTF-8');
  const text = bytes.toString('utf8');
  if (isJson) return parseJson(text, faultOf);
  return jsonInYaml(text) ?? yamlOf(text, faultOf);
}

/** JSON is YAML, is what clients apply for the most part, and is read many times faster as what it is. Undefined when the text is something else. */
function jsonInYaml(text: string): ParsedBody | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return bodyOf(text, parseExactJson(text));
  } catch (error) {
    if (error instanceof StatusError) throw error;
    return undefined;
  }
}

function yamlOf(text: string, faultOf?: FaultOf): ParsedBody {
  const parsed = readYaml(text, faultOf);
  checkedSize(parsed.value);
  return parsed;
}

function readYaml(text: string, faultOf?: FaultOf): ParsedBody {
  try {
    return parseYaml(text);
  } catch (error) {
    const fault = faultOf?.(text);
    throw fault === undefined ? error : badRequest(fault);
  }
}

function parseJson(text: string, faultOf?: FaultOf): ParsedBody {
  let value: unknown;
  try {
    value = parseExactJson(text);
  } catch (error) {
    throw badRequest(faultOf?.(text) ?? `couldn't get version/kind; json parse error: ${(error as Error).message}`);
  }
  const body = bodyOf(text, value);
  return MAY_HAVE_FRACTIONS.test(text) ? { ...body, fractions: findFractions(text) } : body;
}

function bodyOf(text: string, value: unknown): ParsedBody {
  // A member that stands twice is lost by JSON.parse: then the text has more colons outside of strings than the value has members.
  return { value, duplicates: countColons(text) === checkedSize(value) ? [] : findDuplicates(text) };
}

function countColons(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x3a) count += 1;
    else if (code === 0x22) i = endOfString(text, i);
  }
  return count;
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
}

/** The number of members of all objects; throws for what no later code should have to fear. */
function checkedSize(root: unknown): number {
  let members = 0;
  let nodes = 0;
  const visit = (value: unknown, depth: number): void => {
    if (++nodes > MAX_NODES) throw badRequest(`the body of the request has more than ${MAX_NODES} values`);
    if (typeof value === 'number' && !Number.isFinite(value)) throw badRequest(`json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`);
    if (typeof value !== 'object' || value === null) return;
    if (depth > MAX_DEPTH) throw badRequest(`the body of the request is nested deeper than ${MAX_DEPTH} levels`);
    if (Array.isArray(value)) {
      for (const item of value) visit(item, depth + 1);
      return;
    }
    for (const key in value) {
      if (key === '__proto__') throw badRequest('a field may not be named "__proto__"');
      members += 1;
      visit((value as Record<string, unknown>)[key], depth + 1);
    }
  };
  visit(root, 0);
  return members;
}
