import { unserved } from '#api/status-error.ts';
import { documentOutcome, type Outcome } from '../outcome.ts';
import type { PathOptions, Paths, TextAnswer } from '../paths.ts';
import { dumpAt } from '../flowcontrol/dump.ts';
import type { FlowControl } from '../flowcontrol/flow-control.ts';
import type { OpenApi } from '../openapi/openapi.ts';
import type { Discovery } from './discovery.ts';
import type { Health } from './health.ts';
import type { IssuerDiscovery } from './issuer-discovery.ts';
import { VERSION } from './version.ts';
import { ZPages, type ZPagesOptions } from './z-pages.ts';

export interface ServerPathsOptions {
  readonly discovery: Pick<Discovery, 'coreVersions' | 'groups' | 'group' | 'resources' | 'aggregated' | 'paths'>;
  readonly openapi: Pick<OpenApi, 'serve'>;
  readonly health: Health;
  readonly issuer: IssuerDiscovery;
  /** Prometheus text. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly flow: Pick<FlowControl, 'levels' | 'schemas'>;
  readonly clock: ZPagesOptions['clock'];
  readonly flags: ZPagesOptions['flags'];
}

/** Prometheus text. */
const EXPOSITION = 'text/plain; version=0.0.4; charset=utf-8';
const OTHER_PATHS: readonly string[] = ['/flagz', '/healthz', '/livez', '/metrics', '/metrics/slis', '/openapi/v2', '/openapi/v3', '/openapi/v3/', '/openid/v1/jwks', '/readyz', '/statusz', '/version'];

export class ServerPaths implements Paths {
  readonly #options: ServerPathsOptions;
  readonly #zPages: ZPages;

  constructor(options: ServerPathsOptions) {
    this.#options = options;
    this.#zPages = new ZPages({ clock: options.clock, flags: options.flags, paths: () => OTHER_PATHS });
  }

  serve(path: string, options: PathOptions = {}): Outcome {
    const { discovery } = this.#options;
    const [first = '', second, third, ...rest] = path.slice(1).replace(/\/+$/, '').split('/');
    if (rest.length > 0 || path.startsWith('//')) throw unserved();
    switch (first) {
      case '': case 'index.html': return documentOutcome({ paths: ['/.well-known/openid-configuration', ...discovery.paths(), ...OTHER_PATHS] });
      case 'version':
        if (second !== undefined) throw unserved();
        return documentOutcome(VERSION);
      case 'api':
        if (second === undefined) return options.aggregated ? discovery.aggregated(true) : documentOutcome(discovery.coreVersions());
        if (third !== undefined) throw unserved();
        return documentOutcome(discovery.resources('', second));
      case 'apis':
        // Of these and of a group a slash at the end is overlooked.
        if (!second) return options.aggregated ? discovery.aggregated(false) : documentOutcome(discovery.groups());
        return documentOutcome(third ? discovery.resources(second, third) : discovery.group(second));
      case 'healthz': case 'livez': case 'readyz': {
        const health = this.#options.health.check(path, options.query ?? {});
        return documentOutcome(health.body, health.status);
      }
      default: {
        const answer = this.#options.issuer.serve(path);
        if (answer === undefined) throw unserved();
        return documentOutcome(JSON.parse(String(answer.body)));
      }
    }
  }

  async serveText(path: string, accept: string | undefined, query: Readonly<Record<string, string>>): Promise<TextAnswer | undefined> {
    const { health, openapi, metrics, issuer, flow } = this.#options;
    if (/^\/(?:healthz|livez|readyz)(?:\/|$)/.test(path)) return health.check(path, query);
    if (path === '/metrics') {
      const { contentType, text } = await metrics();
      return { status: 200, contentType, body: text };
    }
    if (path === '/metrics/slis') return { status: 200, contentType: EXPOSITION, body: health.metrics() };
    const dump = dumpAt(path, flow, query);
    if (dump !== undefined) return { status: 200, contentType: 'text/plain; charset=utf-8', body: dump };
    const zPage = this.#zPages.serve(path, accept);
    if (zPage !== undefined) return zPage;
    if (path.startsWith('/.well-known/') || path.startsWith('/openid/')) return issuer.serve(path);
    return path.startsWith('/openapi/') ? openapi.serve(path, accept, query) : undefined;
  }
}
