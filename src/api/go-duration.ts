import { goTimeQuote } from '#api/go-time.ts';

const UNIT_MS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
/** Go counts nanoseconds in 64 bits. */
const MAX_NS = 2 ** 63;
const PART = /(\d+\.?\d*|\.\d+)([^\d.]*)/y;

/** Milliseconds of a duration as Go's time.ParseDuration reads it (`1h30m`, `-1.5s`, `0`), or what is wrong with it in Go's words. */
export function goDuration(text: string): { readonly ms: number } | { readonly fault: string } {
  const unsigned = text.replace(/^[-+]/, '');
  if (unsigned === '0') return { ms: 0 };
  let ms = 0;
  let position = 0;
  do {
    PART.lastIndex = position;
    const [part = '', amount = '', unit = ''] = PART.exec(unsigned) ?? [];
    if (part === '' || Number.parseInt(amount, 10) > MAX_NS) return invalid(text);
    if (unit === '') return { fault: `time: missing unit in duration ${goTimeQuote(text)}` };
    if (!Object.hasOwn(UNIT_MS, unit)) return { fault: `time: unknown unit ${goTimeQuote(unit)} in duration ${goTimeQuote(text)}` };
    ms += Number(amount) * (UNIT_MS[unit] ?? 0);
    if (ms * 1e6 > MAX_NS) return invalid(text);
    position += part.length;
  } while (position < unsigned.length);
  return { ms: text.startsWith('-') ? -ms : ms };
}

const invalid = (text: string): { readonly fault: string } => ({ fault: `time: invalid duration ${goTimeQuote(text)}` });
