import { validateJobSpec } from './job.ts';
import type { Problems } from './problems.ts';
import { checkSchedule } from './schedule.ts';
import { checkTimeZone } from './time-zone.ts';
import type { CronJob } from '#api/generated/batch/v1.ts';

/** Jobs that are made get a name with the time, 11 bytes more, and lend it to pods and their hostnames. */
const MAX_NAME_BYTES = 52;

/** What was made under a laxer rule may still be changed and deleted. */
export function validateCronJobCreate(problems: Problems, { metadata: { name } }: CronJob): void {
  if (name.length > MAX_NAME_BYTES) problems.invalid('metadata.name', name, `must be no more than ${MAX_NAME_BYTES} bytes`);
}

export function validateCronJob(problems: Problems, job: CronJob, old: CronJob | undefined): void {
  const { schedule = '', concurrencyPolicy, startingDeadlineSeconds, timeZone, jobTemplate } = job.spec;
  if (schedule === '') problems.required('spec.schedule');
  else {
    checkSchedule(problems, 'spec.schedule', schedule);
    checkZoneInSchedule(problems, job, old);
  }
  problems.atLeast('spec.startingDeadlineSeconds', startingDeadlineSeconds, 0);
  if (timeZone !== undefined && timeZone !== old?.spec?.timeZone) checkTimeZone(problems, 'spec.timeZone', timeZone);
  problems.oneOf('spec.concurrencyPolicy', concurrencyPolicy, ['Allow', 'Forbid', 'Replace']);
  const spec = jobTemplate?.spec;
  validateJobSpec(problems, 'spec.jobTemplate.spec', spec);
  // Each job that is made gets a selector of its own.
  if (spec?.selector !== undefined) problems.invalid('spec.jobTemplate.spec.selector', spec.selector, '`selector` will be auto-generated');
  if (spec?.manualSelector === true) problems.notSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false']);
  problems.atLeast('spec.successfulJobsHistoryLimit', job.spec.successfulJobsHistoryLimit, 0);
  problems.atLeast('spec.failedJobsHistoryLimit', job.spec.failedJobsHistoryLimit, 0);
}

/** An older version let zones into schedules: who has one may change it, but not say the zone in both places. */
function checkZoneInSchedule(problems: Problems, { spec: { schedule, timeZone } }: CronJob, old: CronJob | undefined): void {
  if (!schedule.includes('TZ')) return;
  if (!old?.spec?.schedule?.includes('TZ')) problems.invalid('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead');
  else if (timeZone !== undefined) problems.invalid('spec.schedule', schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule');
}
