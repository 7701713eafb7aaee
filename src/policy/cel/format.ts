import { goFloat, goQuote } from '#api/go-text.ts';
import { fixedText } from './fixed-text.ts';
import { EvaluationError } from './errors.ts';
import { clauseError, type FormatClause, type FormatVerb, parseFormat } from './format-clauses.ts';
import { formatDuration, formatTimestamp } from './time.ts';
import { type CelList, Duration, isMap, type MapKey, Timestamp, typeName, TypeValue, Uint, type Value } from './values.ts';

/** `"%s: %d".format([a, b])`. @throws EvaluationError */
export function formatText(text: string, args: CelList): string {
  let used = 0;
  let result = '';
  for (const part of parseFormat(text)) {
    if (typeof part === 'string') {
      result += part;
      continue;
    }
    const arg = args[used++];
    if (arg === undefined) throw new EvaluationError(`index ${used - 1} out of range`);
    if ('problem' in part) throw new EvaluationError(part.problem);
    result += clauseText(part, arg);
  }
  return result;
}

function clauseText({ verb, precision }: FormatClause, value: Value): string {
  switch (verb) {
    case 's': return display(value);
    case 'd': return integer(verb, value, 10);
    case 'f': return fixed(double(verb, value), precision);
    case 'e': return scientific(double(verb, value), precision);
    case 'b': return typeof value === 'boolean' ? (value ? '1' : '0') : integer(verb, value, 2);
    case 'x': return hexadecimal(value, verb);
    case 'X': return hexadecimal(value, verb).toUpperCase();
    case 'o': return integer(verb, value, 8);
  }
}

function refuse(verb: FormatVerb, value: Value): never {
  throw new EvaluationError(clauseError(verb, typeName(value)));
}

function integer(verb: FormatVerb, value: Value, base: number): string {
  if (typeof value === 'bigint') return value.toString(base);
  return value instanceof Uint ? value.value.toString(base) : refuse(verb, value);
}

function hexadecimal(value: Value, verb: 'x' | 'X'): string {
  if (typeof value === 'string' || value instanceof Uint8Array) return Buffer.from(value as string).toString('hex');
  return integer(verb, value, 16);
}

const SPECIAL: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, '-Infinity': Number.NEGATIVE_INFINITY };
function double(verb: FormatVerb, value: Value): number {
  if (typeof value === 'string' && Object.hasOwn(SPECIAL, value)) return SPECIAL[value] as number;
  return typeof value === 'number' ? value : refuse(verb, value);
}

/** What is no number has a sign of its own in the English that Kubernetes writes these in. */
const nonFinite = (value: number): string => (Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞');

/** English groups thousands. */
function fixed(value: number, precision: number): string {
  if (!Number.isFinite(value)) return nonFinite(value);
  const [whole = '', fraction] = fixedText(value, precision).split('.');
  return whole.replaceAll(/\B(?=(\d{3})+$)/g, ',') + (fraction === undefined ? '' : `.${fraction}`);
}

/** English multiplies by a power of ten; the number of the clause is a width here, not a precision. */
function scientific(value: number, width: number): string {
  if (!Number.isFinite(value)) return nonFinite(value).padStart(width);
  const [digits = '', exponent = ''] = value.toExponential(6).split('e');
  const power = Math.abs(Number(exponent)).toString().padStart(2, '0');
  const raised = power.replaceAll(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] ?? '');
  return `${digits}×10${Number(exponent) < 0 ? '⁻' : ''}${raised}`.padStart(width);
}

function display(value: Value): string {
  if (Array.isArray(value)) return `[${(value as Value[]).map(literal).join(', ')}]`;
  if (isMap(value)) return mapText([...value]);
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return goFloat(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof TypeValue) return value.name;
  return refuse('s', value);
}

function mapText(entries: readonly (readonly [MapKey, Value])[]): string {
  const pairs = entries.map(([key, value]) => [literal(key), literal(value)] as const);
  return `{${pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)).map((pair) => pair.join(':')).join(', ')}}`;
}

/** Within lists and maps, a value is written as an expression would. */
function literal(value: Value): string {
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'number') return Number.isFinite(value) ? fixedText(value, 6) : goQuote(goFloat(value));
  if (value instanceof Uint8Array) return `b${goQuote(display(value))}`;
  if (value instanceof Timestamp) return `timestamp(${goQuote(display(value))})`;
  if (value instanceof Duration) return `duration(${goQuote(display(value))})`;
  return display(value);
}
