import { fn, type Functions, member } from '../declarations.ts';
import { EvaluationError } from '../errors.ts';
import { formatText } from '../format.ts';
import { BOOL, DYN, INT, list, STRING } from '../types.ts';
import type { CelList } from '../values.ts';

/** Positions count code points; only texts with surrogate pairs need to be taken apart for that. */
const points = (text: string): readonly string[] | string => (/[\ud800-\udbff]/.test(text) ? Array.from(text) : text);
const slice = (text: readonly string[] | string, from: number, to: number): string => (typeof text === 'string' ? text.slice(from, to) : text.slice(from, to).join(''));

function position(index: bigint, length: number): number {
  if (index < 0n || index > BigInt(length)) throw new EvaluationError(`index out of range: ${index}`);
  return Number(index);
}

function charAt(text: string, index: bigint): string {
  const all = points(text);
  const at = position(index, all.length);
  return slice(all, at, at + 1);
}

/** The empty text is found anywhere, also behind the end. */
function indexOf(text: string, part: string, from = 0n): bigint {
  const all = points(text);
  if (part === '' && from > BigInt(all.length)) return BigInt(all.length);
  const start = position(from, all.length);
  if (typeof all === 'string') return BigInt(all.indexOf(part, start));
  const units = slice(all, 0, start).length;
  const found = text.indexOf(part, units);
  return found < 0 ? -1n : BigInt(Array.from(text.slice(0, found)).length);
}

/** From a place behind which the part does not fit any more, nothing is found. */
function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const all = points(text);
  if (from !== undefined && part !== '' && from > BigInt(all.length - points(part).length)) return -1n;
  const start = from === undefined ? all.length : position(from, all.length);
  const found = text.lastIndexOf(part, slice(all, 0, start).length);
  if (found < 0 || typeof all === 'string') return BigInt(found);
  return BigInt(Array.from(text.slice(0, found)).length);
}

function substring(text: string, start: bigint, end?: bigint): string {
  const all = points(text);
  if (end !== undefined && start > end) throw new EvaluationError(`invalid substring range. start: ${start}, end: ${end}`);
  return slice(all, position(start, all.length), end === undefined ? all.length : position(end, all.length));
}

/** A negative limit is none. */
function replace(text: string, old: string, by: string, limit = -1n): string {
  const pattern = old === '' ? /(?:)/gu : old;
  if (limit < 0n) return text.replaceAll(pattern, () => by);
  let rest = limit;
  return text.replaceAll(pattern, (found) => (rest-- > 0n ? by : found));
}

/** What Unicode calls white space, to which JavaScript adds a byte order mark and not the next line. */
const trim = (text: string): string => text.replaceAll(/^\p{White_Space}+|\p{White_Space}+$/gu, '');

/** As Go's `SplitN`: the last part keeps what is left. */
function split(text: string, separator: string, limit = -1n): CelList {
  if (limit === 0n) return [];
  const parts = separator === '' ? Array.from(text) : text.split(separator);
  if (limit < 0n || BigInt(parts.length) <= limit) return parts;
  const kept = Number(limit) - 1;
  return [...parts.slice(0, kept), parts.slice(kept).join(separator)];
}

function join(parts: CelList, separator = ''): string {
  if (parts.some((part) => typeof part !== 'string')) throw new EvaluationError('no such overload: join(list, string)');
  return parts.join(separator);
}

const ESCAPES: Readonly<Record<string, string>> = { '\x07': String.raw`\a`, '\b': String.raw`\b`, '\f': String.raw`\f`, '\n': String.raw`\n`, '\r': String.raw`\r`, '\t': String.raw`\t`, '\v': String.raw`\v`, '\\': '\\\\', '"': String.raw`\"` };
const quote = (text: string): string => `"${text.replaceAll(/[\p{Cc}\\"]/gu, (c) => ESCAPES[c] ?? c)}"`;

/** The standard functions of strings and cel-go's strings extension, version 2. */
export const STRINGS: Functions = {
  startsWith: [member([STRING, STRING], BOOL, (text: string, part: string) => text.startsWith(part))],
  endsWith: [member([STRING, STRING], BOOL, (text: string, part: string) => text.endsWith(part))],
  contains: [member([STRING, STRING], BOOL, (text: string, part: string) => text.includes(part))],
  charAt: [member([STRING, INT], STRING, charAt)],
  indexOf: [member([STRING, STRING], INT, (text: string, part: string) => indexOf(text, part)), member([STRING, STRING, INT], INT, indexOf)],
  lastIndexOf: [member([STRING, STRING], INT, (text: string, part: string) => lastIndexOf(text, part)), member([STRING, STRING, INT], INT, lastIndexOf)],
  substring: [member([STRING, INT], STRING, (text: string, start: bigint) => substring(text, start)), member([STRING, INT, INT], STRING, substring)],
  lowerAscii: [member([STRING], STRING, (text: string) => text.replaceAll(/[A-Z]+/g, (c) => c.toLowerCase()))],
  upperAscii: [member([STRING], STRING, (text: string) => text.replaceAll(/[a-z]+/g, (c) => c.toUpperCase()))],
  trim: [member([STRING], STRING, trim)],
  replace: [member([STRING, STRING, STRING], STRING, (text: string, old: string, by: string) => replace(text, old, by)), member([STRING, STRING, STRING, INT], STRING, replace)],
  split: [member([STRING, STRING], list(STRING), (text: string, separator: string) => split(text, separator)), member([STRING, STRING, INT], list(STRING), split)],
  join: [member([list(STRING)], STRING, (parts: CelList) => join(parts)), member([list(STRING), STRING], STRING, join)],
  'strings.quote': [fn([STRING], STRING, quote)],
  format: [member([STRING, list(DYN)], STRING, formatText)],
};
