import { Exposition } from '#base/exposition.ts';
import { goQuote } from '#api/go-text.ts';
import type { TextAnswer } from '../paths.ts';
import { repeatedValues } from '../repeated-values.ts';

/** Whether a part works. */
export type HealthCheck = () => boolean;

export interface HealthOptions {
  /** Whether the process can work at all: for `/livez` and the others. */
  readonly liveness: Readonly<Record<string, HealthCheck>>;
  /** What must hold besides before requests may come: for `/readyz` and `/healthz`. */
  readonly readiness: Readonly<Record<string, HealthCheck>>;
  /** Other names of checks, for who asks for one by its name in Kubernetes; they are not listed. */
  readonly aliases?: Readonly<Record<string, string>>;
}

const TEXT = 'text/plain; charset=utf-8';
const ENDPOINTS = ['healthz', 'livez', 'readyz'] as const;

/** `/healthz`, `/livez` and `/readyz`: `ok`, or which of the named checks fail. `?verbose` lists them, `?exclude=name` leaves some out, and may be repeated. */
export class Health {
  readonly #options: HealthOptions;
  readonly #results = new Map<string, { readonly labels: { readonly name: string; readonly status: string; readonly type: string }; value: number }>();

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  check(path: string, query: Readonly<Record<string, string>>): TextAnswer {
    const [endpoint = '', ...rest] = path.slice(1).split('/');
    const all = this.#checksOf(endpoint);
    const name = rest.length === 0 ? undefined : this.#nameOf(rest.join('/'));
    if (name !== undefined) return one(endpoint, name, Object.hasOwn(all, name) ? () => this.#run(endpoint, name, all[name]) : undefined);
    const left = new Set(repeatedValues(query['exclude']).map((e) => this.#nameOf(e)));
    const lines: string[] = [];
    let isHealthy = true;
    for (const [key, check] of Object.entries(all)) {
      const isPassing = left.has(key) || this.#run(endpoint, key, check);
      isHealthy &&= isPassing;
      lines.push(left.has(key) ? `[+]${key} excluded: ok` : isPassing ? `[+]${key} ok` : `[-]${key} failed: reason withheld`);
    }
    const unknown = [...left].filter((key) => !Object.hasOwn(all, key));
    if (unknown.length > 0) lines.push(`warn: some health checks cannot be excluded: no matches for ${unknown.toSorted().map(goQuote).join(',')}`);
    const detail = [...lines, `${endpoint} check ${isHealthy ? 'passed' : 'failed'}`, ''].join('\n');
    return { status: isHealthy ? 200 : 500, contentType: TEXT, headers: NO_SNIFF, body: isHealthy && query['verbose'] === undefined ? 'ok' : detail };
  }

  /** `/metrics/slis`: what each check says now, and how often each has passed and failed. */
  metrics(): string {
    const now = ENDPOINTS.flatMap((type) => Object.entries(this.#checksOf(type)).map(([name, check]) => ({ labels: { name, type }, value: Number(this.#run(type, name, check)) })));
    const out = new Exposition();
    out.gauge('kubernetes_healthcheck', 'Whether a health check passes.', now);
    out.counter('kubernetes_healthchecks_total', 'Results of health checks.', [...this.#results.values()]);
    return out.text();
  }

  #checksOf(endpoint: string): Readonly<Record<string, HealthCheck>> {
    return endpoint === 'livez' ? this.#options.liveness : { ...this.#options.liveness, ...this.#options.readiness };
  }

  #run(type: string, name: string, check: HealthCheck | undefined): boolean {
    const isPassing = check?.() === true;
    const status = isPassing ? 'success' : 'error';
    const key = `${type} ${name} ${status}`;
    const result = this.#results.get(key) ?? { labels: { name, status, type }, value: 0 };
    result.value += 1;
    this.#results.set(key, result);
    return isPassing;
  }

  #nameOf(given: string): string {
    const { aliases = {} } = this.#options;
    return Object.hasOwn(aliases, given) ? (aliases[given] as string) : given;
  }
}

const NO_SNIFF = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache, private' } as const;

/** Has nothing to list, whatever `?verbose` says. */
function one(endpoint: string, name: string, check: HealthCheck | undefined): TextAnswer {
  if (check === undefined) return { status: 404, contentType: TEXT, headers: NO_SNIFF, body: '404 page not found\n' };
  if (!check()) return { status: 500, contentType: TEXT, headers: NO_SNIFF, body: `internal server error: ${endpoint}/${name} failed: reason withheld\n` };
  return { status: 200, contentType: TEXT, body: 'ok' };
}
