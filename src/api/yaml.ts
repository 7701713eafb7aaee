import { defineMappingTag, defineScalarTag, FAILSAFE_SCHEMA, load, mapTag, mergeTag, NOT_RESOLVED, type Schema } from 'js-yaml';
import { exactInteger } from '#api/exact-json.ts';
import type { Duplicate } from '#api/duplicates.ts';
import { badRequest } from '#api/status-error.ts';
import { findYamlDuplicates } from '#api/yaml-duplicates.ts';

/** Deeper or with more aliases than any manifest; a document that passes these is still counted after expansion by the caller. */
export const MAX_DEPTH = 500;
const MAX_ALIASES = 1000;

const TRUE = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']);
const FALSE = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']);
const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);
const INTEGER = /^([-+]?)(?:0[bB]([01]+)|0[xX]([\da-fA-F]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const SPECIAL_FLOAT = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const nullTag = defineScalarTag<null>('tag:yaml.org,2002:null', {
  implicit: true, identify: () => false, resolve: (text) => (NULLS.has(text) ? null : NOT_RESOLVED),
});
const boolTag = defineScalarTag<boolean>('tag:yaml.org,2002:bool', {
  implicit: true, identify: () => false, resolve: (text) => (TRUE.has(text) ? true : FALSE.has(text) ? false : NOT_RESOLVED),
});
const intTag = defineScalarTag<number | bigint>('tag:yaml.org,2002:int', {
  implicit: true, identify: () => false, resolve: (text) => integer(withoutGrouping(text)) ?? NOT_RESOLVED,
});
const floatTag = defineScalarTag<number>('tag:yaml.org,2002:float', {
  implicit: true, identify: () => false, resolve: (text) => float(withoutGrouping(text)) ?? NOT_RESOLVED,
});
/** JSON has no other form for bytes than their text. */
const binaryTag = defineScalarTag<string>('tag:yaml.org,2002:binary', {
  identify: () => false, resolve: (text) => (BASE64.test(text.replaceAll(/[\r\n]/g, '')) ? Buffer.from(text, 'base64').toString('utf8') : NOT_RESOLVED),
});

/** A number begins with a digit or a sign, or there is nothing to group. */
const withoutGrouping = (text: string): string => (/^[-+\d]/.test(text) ? text.replaceAll('_', '') : text);

function integer(text: string): number | bigint | undefined {
  const match = INTEGER.exec(text);
  if (match === null) return undefined;
  const [, sign, binary, hexadecimal, octal, decimal] = match;
  const digits = binary !== undefined ? `0b${binary}` : hexadecimal !== undefined ? `0x${hexadecimal}` : octal !== undefined ? `0o${octal}` : (decimal ?? '0');
  const amount = Number(digits);
  if (Number.isSafeInteger(amount)) return sign === '-' ? 0 - amount : amount;
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
  // Of what needs more bits only decimal digits are a number, which is then no integer.
  return decimal === undefined && (value > MAX_UINT64 || value < MIN_INT64) ? undefined : exactInteger(value);
}
const MAX_UINT64 = 2n ** 64n - 1n;
const MIN_INT64 = -(2n ** 63n);

function float(text: string): number | undefined {
  if (FLOAT.test(text)) return Number.isFinite(Number(text)) ? Number(text) : undefined;
  if (!SPECIAL_FLOAT.test(text)) return undefined;
  // JSON cannot say it: the caller's check for finite numbers words the error.
  return /nan/i.test(text) ? NaN : text.startsWith('-') ? -Infinity : Infinity;
}

/** What a text without quotes and tag stands for. */
export function plainScalar(text: string): unknown {
  for (const tag of [nullTag, boolTag, intTag, floatTag]) {
    const value = tag.resolve(text, false, tag.tagName);
    if (value !== NOT_RESOLVED) return value;
  }
  return text;
}

export interface ParsedYaml {
  readonly value: unknown;
  /** Keys that stand again in their mapping. */
  readonly duplicates: readonly Duplicate[];
}

/**
 * The first YAML document as kubectl reads it: YAML 1.1 scalars (`yes`, `0777`) without its times and base 60, keys as strings.
 * @throws StatusError BadRequest with the parser's message.
 */
export function parseYaml(text: string): ParsedYaml {
  const found = { isRepeated: false };
  let value: unknown;
  const first = firstDocument(text);
  try {
    value = load(first, { schema: kubectlSchema(found), json: true, maxDepth: MAX_DEPTH, maxAliases: MAX_ALIASES });
  } catch (error) {
    throw badRequest(`error converting YAML to JSON: yaml: ${(error as Error).message}`);
  }
  const lastLine = first.slice(first.lastIndexOf('\n') + 1).trimStart();
  if (lastLine !== '') dropAddedBreak(value, lastLine, 0);
  return { value, duplicates: found.isRepeated ? findYamlDuplicates(first, MAX_DEPTH) : [] };
}

/** The parser ends every text with a line break, which a block scalar at its very end would hold. */
function dropAddedBreak(value: unknown, lastLine: string, depth: number): void {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  const [name, last] = Object.entries(value).at(-1) ?? [];
  if (name === undefined) return;
  if (typeof last !== 'string') dropAddedBreak(last, lastLine, depth + 1);
  else if (last.endsWith(`${lastLine}\n`)) (value as Record<string, unknown>)[name] = last.slice(0, -1);
}

/** Comments and directives, and the line that begins a document. */
const BEFORE_DOCUMENT = /^(?:(?:[ \t]*(?:#.*)?|%.*)\r?\n)*(?:---(?![^ \t\r\n]))?/;
const DOCUMENT_END = /^(?:---|\.\.\.)(?![^ \t\r\n])/gm;

/** Go does not look at what follows it. */
function firstDocument(text: string): string {
  if (!text.includes('\n---') && !text.includes('\n...')) return text;
  DOCUMENT_END.lastIndex = BEFORE_DOCUMENT.exec(text)?.[0].length ?? 0;
  const end = DOCUMENT_END.exec(text);
  return end === null ? text : text.slice(0, end.index);
}

/** `found` is told of a mapping that names a key twice. */
function kubectlSchema(found: { isRepeated: boolean }): Schema {
  const merged = new WeakMap<object, Set<string>>();
  const recordingMap = defineMappingTag<Record<string, unknown>>('tag:yaml.org,2002:map', {
    ...mapTag,
    // With `json` the parser asks only about the keys that `<<` brings, and those may be named again.
    has: (carrier, key) => {
      if (mapTag.has(carrier, key)) return true;
      merged.set(carrier, (merged.get(carrier) ?? new Set()).add(String(key)));
      return false;
    },
    addPair: (carrier, key, value) => {
      if (mapTag.has(carrier, key) && !merged.get(carrier)?.has(String(key))) found.isRepeated = true;
      return mapTag.addPair(carrier, key, value);
    },
  });
  return FAILSAFE_SCHEMA.withTags(nullTag, boolTag, intTag, floatTag, binaryTag, mergeTag, recordingMap);
}
