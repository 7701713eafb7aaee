import { isJsonObject } from '#api/json.ts';

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\u0007': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' };
const ESCAPED = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;
const HTML = /[<>&\u2028\u2029]/g;

/** A text between quotes as Go writes it (`%q`): what does not print stands there by its number. */
export const goQuote = (text: string): string => `"${text.replace(ESCAPED, (character) => ESCAPES[character] ?? numbered(character.codePointAt(0) ?? 0))}"`;

function numbered(code: number): string {
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x1_0000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** What Go's JSON decoder calls a value of this type. */
export function goKind(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
}

/** JSON as Go's encoder writes it, which keeps it from being taken for HTML; what is not there is null. */
export const goJson = (value: unknown): string => (JSON.stringify(value) ?? 'null').replace(HTML, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The shortest text that gives a double back, as Go prints it (`%v`): with an exponent of two digits below 1e-4 and from 1e6 on. */
export function goFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** A JSON value as Go prints it (`%v`): `map[a:1 b:[x y]]`, members in the order of their names, texts without quotes. */
export function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (isJsonObject(value)) return `map[${Object.keys(value).toSorted().map((name) => `${name}:${goText(value[name])}`).join(' ')}]`;
  return value === null ? '<nil>' : String(value);
}

/** The type of what Go reads of a JSON value, as it prints that (`%s` of a type). */
export function goType(value: unknown): string {
  if (value === null) return '%!s(<nil>)';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'bigint' ? 'int64' : typeof value;
}
