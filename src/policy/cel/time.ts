import { EvaluationError } from './errors.ts';
import { Duration, Timestamp } from './values.ts';

/** As Go reads it: no leap seconds, no midnight at the end of a day, and of a fraction as much as nanoseconds hold. */
const RFC3339 = /^(\d{4}-\d{2}-\d{2})T((?:[01]\d|2[0-3]):\d{2}:\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/;
const DURATION_PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;
const UNITS: Readonly<Record<string, bigint>> = { ns: 1n, us: 1000n, 'µs': 1000n, 'μs': 1000n, ms: 1_000_000n, s: 1_000_000_000n, m: 60_000_000_000n, h: 3_600_000_000_000n };
const SECOND = 1_000_000_000n;

/** RFC 3339. @throws EvaluationError */
export function parseTimestamp(text: string): Timestamp {
  const match = RFC3339.exec(text);
  const [, date = '', time = '', fraction = '', zone = ''] = match ?? [];
  const ms = match ? Date.parse(`${date}T${time}${zone}`) : Number.NaN;
  if (Number.isNaN(ms) || !isDay(date)) throw new EvaluationError(`type conversion error from 'string' to 'google.protobuf.Timestamp'`);
  return new Timestamp(BigInt(ms) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0')));
}

/** JavaScript takes the 30th of February for a day of March. */
const isDay = (date: string): boolean => new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);

export const timestampOfSeconds = (seconds: bigint): Timestamp => new Timestamp(seconds * SECOND);

/** Go's notation: `1h30m`, `-1.5s`. @throws EvaluationError */
export function parseDuration(text: string): Duration {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  let nanos = 0n;
  let position = sign.length;
  if (text.slice(position) === '0') return new Duration(0n);
  if (position === text.length) throw invalidDuration();
  while (position < text.length) {
    DURATION_PART.lastIndex = position;
    const [part, amount = '', unit = ''] = DURATION_PART.exec(text) ?? [];
    if (part === undefined) throw invalidDuration();
    const [whole = '', fraction = ''] = amount.split('.');
    const scale = UNITS[unit] ?? 1n;
    nanos += BigInt(whole || '0') * scale + (BigInt(fraction || '0') * scale) / 10n ** BigInt(fraction.length);
    position += part.length;
  }
  return new Duration(sign === '-' ? -nanos : nanos);
}

const invalidDuration = (): EvaluationError => new EvaluationError("type conversion error from 'string' to 'google.protobuf.Duration'");

export function formatTimestamp({ nanos }: Timestamp): string {
  const fraction = ((nanos % SECOND) + SECOND) % SECOND;
  const seconds = new Date(Number((nanos - fraction) / 1_000_000n)).toISOString().replace(/\.\d+Z$/, '');
  return `${seconds}${fraction === 0n ? '' : `.${fractionText(fraction)}`}Z`;
}

/** Seconds, as protobuf writes a duration: `5400s`. */
export function formatDuration({ nanos }: Duration): string {
  const absolute = nanos < 0n ? -nanos : nanos;
  const fraction = absolute % SECOND;
  return `${nanos < 0n ? '-' : ''}${absolute / SECOND}${fraction === 0n ? '' : `.${fractionText(fraction)}`}s`;
}

const fractionText = (nanos: bigint): string => String(nanos).padStart(9, '0').replace(/0+$/, '');

export interface TimeParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly milliseconds: number;
  readonly weekday: number;
  readonly dayOfYear: number;
}

/** The fields of a time in UTC, or in a zone: a name of the tz database or an offset, `+01:00`. @throws EvaluationError for an unknown zone */
export function timeParts(time: Timestamp, zone = 'UTC'): TimeParts {
  const ms = Number((time.nanos - (((time.nanos % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n);
  const local = new Date(ms + offsetMs(ms, zone));
  const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()];
  return {
    year, month, day, hours: local.getUTCHours(), minutes: local.getUTCMinutes(), seconds: local.getUTCSeconds(), milliseconds: local.getUTCMilliseconds(),
    weekday: local.getUTCDay(), dayOfYear: Math.round((Date.UTC(year, month, day) - Date.UTC(year, 0, 1)) / 86_400_000),
  };
}

function fixedOffsetMs(zone: string, [, hours = '', minutes = '']: readonly string[]): number {
  if (Math.abs(Number(hours)) > 23) throw new EvaluationError(`timezone offset hours out of range [-23, 23]: ${zone}`);
  if (Number(minutes) > 59) throw new EvaluationError(`timezone offset minutes out of range [0, 59]: ${zone}`);
  return (hours.startsWith('-') ? -1 : 1) * (Math.abs(Number(hours)) * 60 + Number(minutes)) * 60_000;
}

function offsetMs(ms: number, zone: string): number {
  if (zone === 'UTC' || zone === '' || zone === 'Local') return 0;
  const fixed = /^([+-]?\d+):(\d+)$/.exec(zone);
  if (fixed) return fixedOffsetMs(zone, fixed);
  // The database knows its names in one spelling only.
  if (!/^[A-Z]/.test(zone)) throw new EvaluationError(`unknown time zone ${zone}`);
  try {
    const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }).formatToParts(ms);
    const part = (type: string): number => Number(parts.find((p) => p.type === type)?.value ?? 0);
    const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
    return wall - Math.floor(ms / 1000) * 1000;
  } catch {
    throw new EvaluationError(`unknown time zone ${zone}`);
  }
}
