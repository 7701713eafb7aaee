import type { Problems } from './problems.ts';

const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;

/** A length of time as Go writes it, if it is given. */
export function checkDuration(problems: Problems, field: string, duration: string | undefined): void {
  if (duration && !DURATION.test(duration)) problems.invalid(field, duration, 'must be a duration such as 15s, 1m30s or 1h');
}
