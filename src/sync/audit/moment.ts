const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const RELATIVE = /^((?:\d+\s*[smhdw]\s*)+)ago$/;
const ABSOLUTE = /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d)?)?$/;

/** Milliseconds since the epoch of an RFC 3339 time (a date is its first moment in UTC) or of `2h ago`, `1d 12h ago`; undefined for what is no time. */
export function parseMoment(text: string, now: number): number | undefined {
  const relative = RELATIVE.exec(text.trim())?.[1];
  if (relative !== undefined) return now - [...relative.matchAll(/(\d+)\s*([smhdw])/g)].reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNIT_MS[unit] ?? 0), 0);
  const moment = ABSOLUTE.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(moment) ? undefined : moment;
}
