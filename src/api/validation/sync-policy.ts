import { checkDuration } from './duration.ts';
import type { Problems } from './problems.ts';
import { checkSchedule } from './schedule.ts';
import { checkTimeZone } from './time-zone.ts';
import type { SyncPolicy, SyncWindow } from '#api/headway/v1/types.ts';

const NO_LIMIT = -1;

export function validateSyncPolicy(problems: Problems, field: string, { selfHeal, pruneLimit, retry, windows = [], timeout, history }: SyncPolicy): void {
  problems.optionalOneOf(`${field}.selfHeal`, selfHeal, ['Heal', 'Report', 'Off']);
  problems.atLeast(`${field}.pruneLimit.count`, pruneLimit?.count, 0);
  problems.between(`${field}.pruneLimit.percent`, pruneLimit?.percent, 1, 100);
  problems.atLeast(`${field}.retry.limit`, retry?.limit, NO_LIMIT);
  checkDuration(problems, `${field}.retry.interval`, retry?.interval);
  checkDuration(problems, `${field}.retry.maxInterval`, retry?.maxInterval);
  checkDuration(problems, `${field}.timeout`, timeout);
  problems.atLeast(`${field}.history.count`, history?.count, 1);
  checkDuration(problems, `${field}.history.maxAge`, history?.maxAge);
  for (const [i, window] of windows.entries()) checkWindow(problems, `${field}.windows[${i}]`, window);
}

function checkWindow(problems: Problems, field: string, { kind, schedule, duration, timeZone }: SyncWindow): void {
  problems.oneOf(`${field}.kind`, kind, ['Allow', 'Deny']);
  if (!schedule) problems.required(`${field}.schedule`);
  // `@every` has no time of day, and a zone of its own would speak against `timeZone`.
  else if (/[@?=]/.test(schedule)) problems.invalid(`${field}.schedule`, schedule, 'must be the five fields of cron');
  else checkSchedule(problems, `${field}.schedule`, schedule);
  if (!duration) problems.required(`${field}.duration`);
  else checkDuration(problems, `${field}.duration`, duration);
  if (timeZone) checkTimeZone(problems, `${field}.timeZone`, timeZone);
}
