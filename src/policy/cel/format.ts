import { EvaluationError } from './errors.ts';
import { doubleText } from './functions/conversions.ts';
import { formatDuration, formatTimestamp } from './time.ts';
import { type CelList, Duration, isMap, Timestamp, typeName, TypeValue, Uint, type Value } from './values.ts';

const DEFAULT_PRECISION = 6;
type Clause = (value: Value, precision: number) => string;

/** `"%s: %d".format([a, b])`. @throws EvaluationError */
export function formatText(text: string, args: CelList): string {
  let used = 0;
  const result = text.replaceAll(/%(?:(%)|(?:\.(\d+))?([a-zA-Z])|)/g, (_all, percent?: string, precision?: string, verb?: string) => {
    if (percent !== undefined) return '%';
    if (verb === undefined) throw new EvaluationError('could not parse formatting clause: unexpected end of string');
    const clause = CLAUSES[verb];
    if (!clause) throw new EvaluationError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
    if (used >= args.length) throw new EvaluationError(`index ${used} out of range`);
    return clause(args[used++] as Value, precision === undefined ? DEFAULT_PRECISION : Number(precision));
  });
  if (used < args.length) throw new EvaluationError(`too many arguments supplied to string.format (expected ${used}, got ${args.length})`);
  return result;
}

const refuse = (verb: string, allowed: string, value: Value): never => {
  throw new EvaluationError(`error during formatting: ${verb} clause can only be used on ${allowed}, was given ${typeName(value)}`);
};

function integer(verb: string, value: Value, base: number): string {
  if (typeof value === 'bigint') return value.toString(base);
  if (value instanceof Uint) return value.value.toString(base);
  return refuse(verb, 'integers', value);
}

function hexadecimal(value: Value): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return integer('hex', value, 16);
}

function double(verb: string, value: Value, text: (n: number) => string): string {
  const n = typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : value instanceof Uint ? Number(value.value) : undefined;
  if (n === undefined) return refuse(verb, 'doubles', value);
  return Number.isFinite(n) ? text(n) : Number.isNaN(n) ? 'NaN' : n > 0 ? 'Infinity' : '-Infinity';
}

const CLAUSES: Readonly<Record<string, Clause>> = {
  s: (value) => display(value),
  d: (value) => (typeof value === 'number' && !Number.isFinite(value) ? double('decimal', value, String) : integer('decimal', value, 10)),
  f: (value, precision) => double('fixed-point', value, (n) => n.toFixed(Math.min(precision, 100))),
  e: (value, precision) => double('scientific', value, (n) => n.toExponential(Math.min(precision, 100)).replace(/e([+-])(\d)$/, 'e$10$2')),
  b: (value) => (typeof value === 'boolean' ? (value ? '1' : '0') : integer('binary', value, 2)),
  o: (value) => integer('octal', value, 8),
  x: hexadecimal,
  X: (value) => hexadecimal(value).toUpperCase(),
};

function display(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? doubleText(value) : double('string', value, String);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof TypeValue) return value.name;
  if (Array.isArray(value)) return `[${(value as Value[]).map(display).join(', ')}]`;
  if (isMap(value)) return `{${[...value].map(([k, v]) => `${display(k)}: ${display(v)}`).toSorted().join(', ')}}`;
  return refuse('string', 'strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps', value);
}
