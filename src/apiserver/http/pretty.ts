import { parseExactJson } from '#api/exact-json.ts';
import { goBool } from '#api/go-bool.ts';

/** Programs with a person behind them. */
const BY_HAND = ['curl', 'Wget', 'Mozilla/5.0'];
/** To indent a longer answer would hold up other requests. */
const MAX_BYTES = 1 << 20;

/** Whether JSON is wanted for reading: by `?pretty=`, or else by the client that asks. */
export function isPretty(url: string, userAgent: string | undefined): boolean {
  const asked = url.includes('pretty=') ? new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('pretty') : null;
  return asked ? goBool(asked) === true : userAgent !== undefined && BY_HAND.some((name) => userAgent.startsWith(name));
}

/** The same JSON in lines. */
export function indented(parts: readonly Buffer[]): readonly Buffer[] {
  if (parts.reduce((sum, part) => sum + part.length, 0) > MAX_BYTES) return parts;
  return [Buffer.from(JSON.stringify(parseExactJson(Buffer.concat(parts).toString()), null, 2))];
}
