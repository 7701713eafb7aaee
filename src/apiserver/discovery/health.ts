import type { TextAnswer } from '../paths.ts';

export type HealthCheck = () => boolean;

/** `/healthz`, `/livez` and `/readyz`: `ok`, or which of the named checks fail. */
export class Health {
  readonly #checks: Readonly<Record<string, HealthCheck>>;
  readonly #readiness: Readonly<Record<string, HealthCheck>>;

  /** `readiness` checks count for `/readyz` only. */
  constructor(checks: Readonly<Record<string, HealthCheck>>, readiness: Readonly<Record<string, HealthCheck>>) {
    this.#checks = checks;
    this.#readiness = readiness;
  }

  check(path: string, query: Readonly<Record<string, string>>): TextAnswer {
    const [endpoint = '', name] = path.split('/').filter((s) => s !== '');
    const all = endpoint === 'readyz' ? { ...this.#checks, ...this.#readiness } : this.#checks;
    const excluded = query['exclude'] ?? '';
    const chosen = Object.entries(all).filter(([key]) => (name === undefined || key === name) && key !== excluded);
    if (name !== undefined && chosen.length === 0) return { status: 404, contentType: 'text/plain; charset=utf-8', body: '404 page not found\n' };
    const results = chosen.map(([key, check]) => ({ key, isPassing: check() }));
    const isHealthy = results.every((r) => r.isPassing);
    const lines = results.map((r) => (r.isPassing ? `[+]${r.key} ok` : `[-]${r.key} failed: reason withheld`));
    const detail = [...lines, `${endpoint} check ${isHealthy ? 'passed' : 'failed'}`, ''].join('\n');
    return { status: isHealthy ? 200 : 500, contentType: 'text/plain; charset=utf-8', body: isHealthy && query['verbose'] === undefined ? 'ok' : detail };
  }
}
