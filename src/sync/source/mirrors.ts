import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { joinKey } from '#api/object.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import { type ChartPlace, createChartPlace } from './chart/chart-place.ts';
import { readCredentials, type Credentials } from './credentials.ts';
import type { KeyDirectory } from './key-directory.ts';
import { Mirror } from './mirror.ts';
import type { SecretName, SecretWatches } from './secret-watches.ts';
import { Shared } from './shared.ts';
import { hostOf, parseChartUrl, type RemoteUrl } from './source-url.ts';
import { directoryOf, UnusedMirrors } from './unused-mirrors.ts';

export interface MirrorsOptions {
  readonly cacheDir: string;
  readonly gitBinary: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly secrets: Pick<SecretWatches, 'read'>;
  readonly keys: KeyDirectory;
}

/**
 * One mirror, and one poll, for all Repository objects with the same URL and the same Secret. Objects with another Secret get another
 * mirror, also of the same URL: what one may read is never shown to somebody who may not.
 */
export class Mirrors {
  readonly #options: MirrorsOptions;
  readonly #unused: UnusedMirrors;
  readonly #shared = new Shared<Mirror>((id) => this.#unused.add(id));
  readonly #charts = new Shared<ChartPlace>((id) => this.#unused.add(id));

  constructor(options: MirrorsOptions) {
    this.#options = options;
    this.#unused = new UnusedMirrors(options);
  }

  /** Has what earlier processes left, and nobody wants, removed after a while. */
  async start(): Promise<void> {
    await this.#unused.takeIn((id) => this.#shared.has(id) || this.#charts.has(id));
  }

  /** Nothing is removed any more. */
  stop(): void {
    this.#unused.stop();
  }

  /** The mirror, until `release` is called. */
  acquire(url: RemoteUrl, secret: SecretName | undefined, submodules = false): { readonly mirror: Mirror; release(): void } {
    const id = mirrorId(url.url, secret, submodules);
    this.#unused.delete(id);
    const { value, release } = this.#shared.acquire(id, () => new Mirror({ ...this.#options, url, credentials: this.#credentials(url, secret), gitDir: this.#directory(id), submodules }));
    return { mirror: value, release };
  }

  /** Where a chart is published and kept, until `release` is called. @throws SourceError InvalidURL */
  acquireChart({ url, chart, secret }: { readonly url: string; readonly chart: string; readonly secret?: SecretName | undefined }): { readonly place: ChartPlace; release(): void } {
    const at = parseChartUrl(url);
    const id = mirrorId(`${url}\0${chart}`, secret);
    this.#unused.delete(id);
    const { value, release } = this.#charts.acquire(id, () => createChartPlace({ url, chart, credentials: this.#credentials(at, secret), gitDir: this.#directory(id), gitBinary: this.#options.gitBinary }));
    return { place: value, release };
  }

  #directory(id: string): string {
    return join(this.#options.cacheDir, directoryOf(id));
  }

  #credentials({ url, protocols }: RemoteUrl, secret: SecretName | undefined): () => Promise<Credentials> {
    return async () => (secret ? readCredentials(await this.#options.secrets.read(secret), { secret: joinKey(secret.namespace, secret.name), protocols, at: hostOf(url) }) : { type: 'none' });
  }
}

/** Of two Repository objects with the same one, a push to one is a push to the other. */
export const mirrorId = (url: string, secret: SecretName | undefined, submodules = false): string =>
  createHash('sha256').update([url, ...(secret ? [joinKey(secret.namespace, secret.name)] : []), ...(submodules ? ['', 'submodules'] : [])].join('\0')).digest('hex').slice(0, 16);
