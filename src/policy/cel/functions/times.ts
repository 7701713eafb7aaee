import { type Functions, member } from '../declarations.ts';
import { type TimeParts, timeParts } from '../time.ts';
import { DURATION, INT, STRING, TIMESTAMP } from '../types.ts';
import type { Duration, Timestamp } from '../values.ts';

const part = (read: (parts: TimeParts) => number) => [
  member([TIMESTAMP], INT, (time: Timestamp) => BigInt(read(timeParts(time)))),
  member([TIMESTAMP, STRING], INT, (time: Timestamp, zone: string) => BigInt(read(timeParts(time, zone)))),
];
const inUnits = (nanos: bigint) => member([DURATION], INT, (duration: Duration) => duration.nanos / nanos);

/** Accessors of timestamps, in UTC or in a zone, and of durations. */
export const TIMES: Functions = {
  getFullYear: part((p) => p.year),
  getMonth: part((p) => p.month),
  getDate: part((p) => p.day),
  getDayOfMonth: part((p) => p.day - 1),
  getDayOfWeek: part((p) => p.weekday),
  getDayOfYear: part((p) => p.dayOfYear),
  getHours: [...part((p) => p.hours), inUnits(3_600_000_000_000n)],
  getMinutes: [...part((p) => p.minutes), inUnits(60_000_000_000n)],
  getSeconds: [...part((p) => p.seconds), inUnits(1_000_000_000n)],
  // Of a duration it is the whole length, as in cel-go.
  getMilliseconds: [...part((p) => p.milliseconds), inUnits(1_000_000n)],
};
