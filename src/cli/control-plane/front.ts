import type { FrontOptions } from '#apiserver/http/front.ts';
import { asError } from '#base/errors.ts';
import { compilePattern } from '#policy/cel/regex.ts';
import type { FrontFlags } from '../front-options.ts';
import { UsageError } from '../usage-error.ts';

const MAX_CHANCE = 0.02;

/** What the flags say. @throws UsageError */
export function frontOf({ corsAllowedOrigins, strictTransportSecurityDirectives: directives, goawayChance }: FrontFlags): FrontOptions {
  for (const origin of corsAllowedOrigins ?? []) checkOrigin(origin);
  for (const directive of directives ?? []) checkDirective(directive);
  const chance = Number(goawayChance ?? 0);
  if (!(chance >= 0 && chance <= MAX_CHANCE)) throw new UsageError('--goaway-chance can not be less than 0 or greater than 0.02');
  return { ...(corsAllowedOrigins ? { corsAllowedOrigins } : {}), ...(directives ? { strictTransportSecurity: directives } : {}), goAwayChance: chance };
}

function checkOrigin(origin: string): void {
  if (origin === '') throw new UsageError('empty value in --cors-allowed-origins');
  try {
    compilePattern(origin);
  } catch (error) {
    throw new UsageError(`--cors-allowed-origins has an invalid regular expression: ${asError(error).message}`, { cause: error });
  }
  // Else it would match the origins of strangers who put it into their own.
  if (!/\^|\/\//.test(origin) || !/[$:]/.test(origin)) throw new UsageError('--cors-allowed-origins has an invalid regular expression: regular expression does not pin to start/end of host in the origin header');
}

function checkDirective(directive: string): void {
  if (directive.trim() === '') throw new UsageError('empty value in strict-transport-security-directives');
  if (directive === 'includeSubDomains' || directive === 'preload' || /^max-age=[^=]*$/.test(directive)) return;
  throw new UsageError('--strict-transport-security-directives invalid, allowed values: max-age=expireTime, includeSubDomains, preload. see https://tools.ietf.org/html/rfc6797#section-6.1 for more information');
}
