import type { Problems } from './problems.ts';
import { isTimeZone } from './time-zone.ts';
import { goDuration } from '#api/go-duration.ts';

const DESCRIPTORS: ReadonlySet<string> = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface FieldBounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}
/** Minute, hour, day of the month, month, day of the week. */
const FIELDS: readonly FieldBounds[] = [{ min: 0, max: 59 }, { min: 0, max: 23 }, { min: 1, max: 31 }, { min: 1, max: 12, names: MONTHS }, { min: 0, max: 6, names: DAYS }];

/** A schedule as cron has it, worded as the parser that Kubernetes uses words its faults. */
export function checkSchedule(problems: Problems, field: string, schedule: string): void {
  const fault = faultOf(schedule);
  if (fault !== undefined) problems.invalid(field, schedule, fault);
}

function faultOf(schedule: string): string | undefined {
  const zoned = /^(?:TZ|CRON_TZ)=([^ ]*)( ?.*)$/s.exec(schedule);
  // Kubernetes' parser looks for the space in vain and tells of its own failure.
  if (zoned?.[2] === '') return 'invalid schedule format: runtime error: slice bounds out of range [:-1]';
  if (zoned?.[1] && !isTimeZone(zoned[1])) return `provided bad location ${zoned[1]}: unknown time zone ${zoned[1]}`;
  const spec = zoned?.[2]?.trim() ?? schedule;
  if (spec.startsWith('@')) return descriptorFault(spec);
  const parts = spec.split(/\s+/).filter((part) => part !== '');
  if (parts.length !== FIELDS.length) return `expected exactly ${FIELDS.length} fields, found ${parts.length}: [${parts.join(' ')}]`;
  for (const [i, bounds] of FIELDS.entries()) {
    for (const term of (parts[i] ?? '').split(',').filter((text) => text !== '')) {
      const fault = termFault(term, bounds);
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
}

function descriptorFault(spec: string): string | undefined {
  if (DESCRIPTORS.has(spec)) return undefined;
  if (!spec.startsWith('@every ')) return `unrecognized descriptor: ${spec}`;
  const duration = goDuration(spec.slice('@every '.length));
  return 'fault' in duration ? `failed to parse duration ${spec}: ${duration.fault}` : undefined;
}

/** `number | number "-" number [ "/" number ]`, where a star or a question mark is all there are. */
function termFault(term: string, bounds: FieldBounds): string | undefined {
  const [range = '', step, ...moreSteps] = term.split('/');
  const [low = '', high, ...moreEnds] = range.split('-');
  let [start, end] = [bounds.min, bounds.max];
  if (low !== '*' && low !== '?') {
    const first = numberOf(low, bounds);
    if (typeof first === 'string') return first;
    if (moreEnds.length > 0) return `too many hyphens: ${term}`;
    const last = high === undefined ? first : numberOf(high, bounds);
    if (typeof last === 'string') return last;
    [start, end] = [first, last];
  }
  if (moreSteps.length > 0) return `too many slashes: ${term}`;
  const every = step === undefined ? 1 : integerOf(step);
  if (typeof every === 'string') return every;
  // A single number with a step goes on to the end.
  if (step !== undefined && high === undefined && low !== '*' && low !== '?') end = bounds.max;
  if (start < bounds.min) return `beginning of range (${start}) below minimum (${bounds.min}): ${term}`;
  if (end > bounds.max) return `end of range (${end}) above maximum (${bounds.max}): ${term}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${term}`;
  return every === 0 ? `step of range should be a positive number: ${term}` : undefined;
}

function numberOf(text: string, { names, min }: FieldBounds): number | string {
  const index = names?.indexOf(text.toLowerCase()) ?? -1;
  return index >= 0 ? index + min : integerOf(text);
}

function integerOf(text: string): number | string {
  if (!/^[-+]?\d+$/.test(text)) return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
  return Number(text) < 0 ? `negative number (${Number(text)}) not allowed: ${text}` : Number(text);
}
