import { validateJobSpec } from './job.ts';
import type { Problems } from './problems.ts';
import { checkSchedule } from './schedule.ts';
import type { CronJob } from '#api/generated/batch/v1.ts';

export function validateCronJob(problems: Problems, job: CronJob, old: CronJob | undefined): void {
  const { schedule = '', concurrencyPolicy, startingDeadlineSeconds, timeZone, jobTemplate } = job.spec;
  if (schedule === '') problems.required('spec.schedule');
  else {
    // What an older version let in may stay.
    if (/TZ/.test(schedule) && old?.spec?.schedule !== schedule) problems.invalid('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead');
    checkSchedule(problems, 'spec.schedule', schedule);
  }
  if (timeZone !== undefined && timeZone !== old?.spec?.timeZone) checkTimeZone(problems, 'spec.timeZone', timeZone);
  problems.atLeast('spec.startingDeadlineSeconds', startingDeadlineSeconds, 0);
  problems.oneOf('spec.concurrencyPolicy', concurrencyPolicy, ['Allow', 'Forbid', 'Replace']);
  const spec = jobTemplate?.spec;
  validateJobSpec(problems, 'spec.jobTemplate.spec', spec);
  // Each job that is made gets a selector of its own.
  if (spec?.selector !== undefined) problems.invalid('spec.jobTemplate.spec.selector', spec.selector, '`selector` will be auto-generated');
  if (spec?.manualSelector === true) problems.notSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false']);
  problems.atLeast('spec.successfulJobsHistoryLimit', job.spec.successfulJobsHistoryLimit, 0);
  problems.atLeast('spec.failedJobsHistoryLimit', job.spec.failedJobsHistoryLimit, 0);
}

export function checkTimeZone(problems: Problems, field: string, name: string): void {
  if (name === '') problems.invalid(field, name, 'timeZone must be nil or non-empty string');
  else if (name.toLowerCase() === 'local') problems.invalid(field, name, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones');
  else if (!isTimeZone(name)) problems.invalid(field, name, `unknown time zone ${name}`);
}

/** Names as they stand in the database of time zones: neither offsets nor other capitals, of which JavaScript takes both. */
function isTimeZone(name: string): boolean {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return /^[A-Z]/.test(name) && (timeZone === name || timeZone.toLowerCase() !== name.toLowerCase());
  } catch {
    return false;
  }
}
