import { compilePattern, type Pattern } from '#policy/cel/regex.ts';
import type { ActiveRequest } from '../requests/active-request.ts';
import type { Exchange } from './exchange.ts';

/** What browsers and load balancers are told besides the answers. */
export interface FrontOptions {
  /** Expressions of RE2 for the origins from which pages may ask. Default: none. */
  readonly corsAllowedOrigins?: readonly string[];
  /** Of the header Strict-Transport-Security. Default: it is not sent. */
  readonly strictTransportSecurity?: readonly string[];
  /** Of requests over HTTP/2, the share after which the client is sent to another connection. Default 0. */
  readonly goAwayChance?: number;
  /** From 0 up to 1. */
  readonly random?: () => number;
}

const CORS_HEADERS = {
  'access-control-allow-methods': 'POST, GET, OPTIONS, PUT, DELETE, PATCH',
  'access-control-allow-headers': 'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, If-Modified-Since',
  'access-control-expose-headers': 'Date',
  'access-control-allow-credentials': 'true',
} as const;

/** Meets each request before anybody asks who has sent it. */
export class Front {
  readonly #origins: readonly Pattern[];
  readonly #fixed: Readonly<Record<string, string>> | undefined;
  readonly #goAwayChance: number;
  readonly #random: () => number;

  /** @throws EvaluationError for an origin that is no expression */
  constructor({ corsAllowedOrigins = [], strictTransportSecurity = [], goAwayChance = 0, random = Math.random }: FrontOptions) {
    this.#origins = corsAllowedOrigins.map(compilePattern);
    this.#fixed = strictTransportSecurity.length === 0 ? undefined : { 'strict-transport-security': strictTransportSecurity.join('; ') };
    this.#goAwayChance = goAwayChance;
    this.#random = random;
  }

  /** Whether it has answered: a browser asks before what it may ask, without credentials. */
  meet(exchange: Exchange, request: ActiveRequest): boolean {
    if (this.#goAwayChance > 0 && this.#random() < this.#goAwayChance) exchange.goAway?.();
    request.frontHeaders = this.#fixed;
    const { origin } = exchange.headers;
    if (this.#origins.length === 0 || !origin || !this.#origins.some((pattern) => pattern.test(origin))) return false;
    request.frontHeaders = { ...this.#fixed, 'access-control-allow-origin': origin, ...CORS_HEADERS };
    if (exchange.method !== 'OPTIONS') return false;
    exchange.start(204, { 'cache-control': 'no-cache, private' });
    exchange.output.end();
    return true;
  }
}
