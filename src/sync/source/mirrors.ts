import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { joinKey } from '#api/object.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import { readCredentials, type Credentials } from './credentials.ts';
import type { KeyDirectory } from './key-directory.ts';
import { Mirror } from './mirror.ts';
import type { SecretName, SecretWatches } from './secret-watches.ts';
import { hostOf, type SourceUrl } from './source-url.ts';
import { directoryOf, UnusedMirrors } from './unused-mirrors.ts';

export interface MirrorsOptions {
  readonly cacheDir: string;
  readonly gitBinary: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly secrets: Pick<SecretWatches, 'read'>;
  readonly keys: KeyDirectory;
}

interface Shared {
  readonly mirror: Mirror;
  users: number;
}

/**
 * One mirror, and one poll, for all Repository objects with the same URL and the same Secret. Objects with another Secret get another
 * mirror, also of the same URL: what one may read is never shown to somebody who may not.
 */
export class Mirrors {
  readonly #options: MirrorsOptions;
  readonly #shared = new Map<string, Shared>();
  readonly #unused: UnusedMirrors;

  constructor(options: MirrorsOptions) {
    this.#options = options;
    this.#unused = new UnusedMirrors(options);
  }

  /** Has what earlier processes left, and nobody wants, removed after a while. */
  async start(): Promise<void> {
    await this.#unused.takeIn((id) => this.#shared.has(id));
  }

  /** Nothing is removed any more. */
  stop(): void {
    this.#unused.stop();
  }

  /** The mirror, until `release` is called. */
  acquire(url: Extract<SourceUrl, { kind: 'remote' }>, secret: SecretName | undefined): { readonly mirror: Mirror; release(): void } {
    const id = mirrorId(url.url, secret);
    const shared = this.#shared.get(id) ?? { mirror: this.#create(id, url, secret), users: 0 };
    this.#shared.set(id, shared);
    this.#unused.delete(id);
    shared.users += 1;
    return {
      mirror: shared.mirror,
      release: () => {
        shared.users -= 1;
        if (shared.users > 0) return;
        this.#shared.delete(id);
        shared.mirror.close();
        this.#unused.add(id);
      },
    };
  }

  #create(id: string, url: Extract<SourceUrl, { kind: 'remote' }>, secret: SecretName | undefined): Mirror {
    const { cacheDir, secrets, ...options } = this.#options;
    const credentials = async (): Promise<Credentials> =>
      secret ? readCredentials(await secrets.read(secret), { secret: joinKey(secret.namespace, secret.name), protocols: url.protocols, at: hostOf(url.url) }) : { type: 'none' };
    return new Mirror({ ...options, url, credentials, gitDir: join(cacheDir, directoryOf(id)) });
  }
}

/** Of two Repository objects with the same one, a push to one is a push to the other. */
export const mirrorId = (url: string, secret: SecretName | undefined): string =>
  createHash('sha256').update(secret ? `${url}\0${joinKey(secret.namespace, secret.name)}` : url).digest('hex').slice(0, 16);
