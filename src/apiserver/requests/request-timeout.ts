import { badRequest } from '#api/status-error.ts';

const UNIT_MS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const PART = /(\d+\.?\d*|\.\d+)([^\d.]*)/y;

/** Milliseconds of the parameter `timeout`; undefined when it bounds nothing (none, 0, or less). @throws StatusError BadRequest in the words of Kubernetes */
export function requestTimeoutOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const ms = durationOf(text);
  return ms > 0 ? ms : undefined;
}

/** As Go's time.ParseDuration. */
function durationOf(text: string): number {
  const unsigned = text.replace(/^[-+]/, '');
  if (unsigned === '0') return 0;
  let ms = 0;
  let position = 0;
  do {
    PART.lastIndex = position;
    const [part = '', amount = '', unit = ''] = PART.exec(unsigned) ?? [];
    if (part === '') throw refusal(`time: invalid duration ${JSON.stringify(text)}`);
    if (unit === '') throw refusal(`time: missing unit in duration ${JSON.stringify(text)}`);
    if (!Object.hasOwn(UNIT_MS, unit)) throw refusal(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    ms += Number(amount) * (UNIT_MS[unit] ?? 0);
    position += part.length;
  } while (position < unsigned.length);
  return text.startsWith('-') ? -ms : ms;
}

const refusal = (reason: string): Error => badRequest(`invalid timeout specified in the request URL - ${reason}`);
