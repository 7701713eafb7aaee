import type { Command } from 'commander';

/** What the API server tells browsers and load balancers; as commander gives it. */
export interface FrontFlags {
  readonly corsAllowedOrigins?: readonly string[];
  readonly strictTransportSecurityDirectives?: readonly string[];
  readonly goawayChance?: string;
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, ...value.split(',')];

export const addFrontOptions = (command: Command): Command => command
  .option('--cors-allowed-origins <list>', 'origins from which pages in browsers may ask, separated by commas: regular expressions that pin the start (^ or //) and the end ($ or :) of the host', collect)
  .option('--strict-transport-security-directives <list>', 'of the header Strict-Transport-Security, separated by commas: max-age=<seconds>, includeSubDomains, preload', collect)
  .option('--goaway-chance <fraction>', 'of the requests over HTTP/2 after which a client is sent to another connection, 0 to 0.02, for servers behind a load balancer (default: 0)');

/** Those of them that were given; undefined when none was. */
export function frontFlags({ corsAllowedOrigins, strictTransportSecurityDirectives, goawayChance }: FrontFlags): FrontFlags | undefined {
  if (corsAllowedOrigins === undefined && strictTransportSecurityDirectives === undefined && goawayChance === undefined) return undefined;
  return { ...(corsAllowedOrigins ? { corsAllowedOrigins } : {}), ...(strictTransportSecurityDirectives ? { strictTransportSecurityDirectives } : {}), ...(goawayChance === undefined ? {} : { goawayChance }) };
}
