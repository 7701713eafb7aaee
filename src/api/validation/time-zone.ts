import type { Problems } from './problems.ts';

/** A part of a name of the database: `America`, `Argentina`, `GMT+12`. */
const ZONE_PART = /^(?!\.\.?$)[A-Za-z._0-9+][A-Za-z._\-0-9+]{0,13}$/;

export function checkTimeZone(problems: Problems, field: string, name: string): void {
  if (name === '') return problems.invalid(field, name, 'timeZone must be nil or non-empty string');
  const isLocal = name.toLowerCase() === 'local';
  if (isLocal) problems.invalid(field, name, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones');
  // Go knows the machine's own zone, by this name alone.
  if (name !== 'Local' && !isTimeZone(name)) problems.invalid(field, name, `unknown time zone ${name}`);
}

/** Names as they stand in the database of time zones: neither offsets nor other capitals, of which JavaScript takes both. */
export function isTimeZone(name: string): boolean {
  if (!name.split('/').every((part) => ZONE_PART.test(part))) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return /^[A-Z]/.test(name) && (timeZone === name || timeZone.toLowerCase() !== name.toLowerCase());
  } catch {
    return false;
  }
}
