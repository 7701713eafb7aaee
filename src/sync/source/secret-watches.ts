import type { Secret } from '#api/generated/core/v1.ts';
import { joinKey, type KubeObject, type NamespacedName } from '#api/object.ts';
import { SECRETS } from '#api/resources.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import type { Informer } from '#client/informer.ts';
import { SourceError } from '../errors.ts';
import type { SecretData } from './credentials.ts';

export interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

interface Watched {
  readonly informer: Informer<Secret & KubeObject>;
  readonly abort: AbortController;
  readonly listeners: Set<() => void>;
}

/** Secrets that others refer to: each watched by its name for as long as somebody wants it, no other one ever read. */
export class SecretWatches {
  readonly #options: { readonly client: Client; readonly clock: Clock; readonly log: Logger };
  readonly #watched = new Map<NamespacedName, Watched>();

  constructor(options: { readonly client: Client; readonly clock: Clock; readonly log: Logger }) {
    this.#options = options;
  }

  /** Calls back at each change, not for the state that is there, until the returned function is called. */
  watch({ namespace, name }: SecretName, onChange: () => void): () => void {
    const key = joinKey(namespace, name);
    const watched = this.#watched.get(key) ?? this.#start({ namespace, name });
    this.#watched.set(key, watched);
    // Each caller counts, also one that comes with the same function twice.
    const listener = (): void => onChange();
    watched.listeners.add(listener);
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size > 0) return;
      watched.abort.abort();
      if (this.#watched.get(key) === watched) this.#watched.delete(key);
    };
  }

  /** As it is now; the first call waits for it. It must be watched. @throws SourceError SecretNotFound */
  async read({ namespace, name }: SecretName): Promise<SecretData> {
    const key = joinKey(namespace, name);
    const watched = this.#watched.get(key);
    await watched?.informer.synced();
    const secret = watched?.informer.lister.get(key);
    if (!secret) throw new SourceError('SecretNotFound', `Secret ${key} does not exist`);
    return Object.fromEntries(Object.entries(secret.data ?? {}).map(([name, value]) => [name, Buffer.from(value, 'base64').toString()]));
  }

  #start({ namespace, name }: SecretName): Watched {
    const informers = createInformerFactory(this.#options);
    const informer = informers.informer(SECRETS, { namespace, fieldSelector: `metadata.name=${name}` });
    const abort = new AbortController();
    const listeners = new Set<() => void>();
    informers.start(abort.signal);
    void informer.synced().then(() => {
      let isFirst = true;
      const tell = (): void => {
        if (!isFirst) for (const listener of listeners) listener();
      };
      informer.subscribe({ onAdd: tell, onUpdate: tell, onDelete: tell });
      isFirst = false;
    });
    return { informer, abort, listeners };
  }
}
