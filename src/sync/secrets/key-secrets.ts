import type { Secret } from '#api/generated/core/v1.ts';
import type { Application } from '#api/headway/v1/types.ts';
import { joinKey, keyOf, type NamespacedName } from '#api/object.ts';
import { SECRETS } from '#api/resources.ts';
import type { Informer, InformerFactory } from '#client/informer.ts';
import type { KeySource } from './clear-reader.ts';
import { DecryptionError } from './decryption-error.ts';
import { KeyRing } from './key-ring.ts';
import type { PgpOptions } from './pgp-keys.ts';

export interface KeySecretsOptions extends PgpOptions {
  readonly informers: InformerFactory;
  /** A Secret with keys was made, changed or deleted: what could not be read may be readable now. */
  readonly onChange: (key: NamespacedName) => void;
}

/** The Secrets that spec.decryption of Applications name: each watched by itself from its first use on, so that no other is held in memory. */
export class KeySecrets {
  readonly #options: KeySecretsOptions;
  readonly #watched = new Map<NamespacedName, Informer<Secret>>();
  readonly #rings = new Map<NamespacedName, KeyRing>();

  constructor(options: KeySecretsOptions) {
    this.#options = options;
  }

  /** Undefined when the Application has no keys. Asks for nothing before the source is called. */
  source(application: Application): KeySource | undefined {
    const key = keySecretOf(application);
    return key === undefined ? undefined : () => this.#ring(key);
  }

  async #ring(key: NamespacedName): Promise<KeyRing> {
    const informer = this.#watched.get(key) ?? this.#watch(key);
    await informer.synced();
    const known = this.#rings.get(key);
    if (known) return known;
    const secret = informer.lister.get(key);
    if (!secret) throw new DecryptionError('KeyNotFound', `Secret ${key} of spec.decryption does not exist`);
    const ring = new KeyRing(secret, this.#options);
    this.#rings.set(key, ring);
    return ring;
  }

  #watch(key: NamespacedName): Informer<Secret> {
    const [namespace = '', name = ''] = key.split('/');
    const informer = this.#options.informers.informer(SECRETS, { namespace, fieldSelector: `metadata.name=${name}` });
    this.#watched.set(key, informer);
    let isKnown = false;
    const changed = (secret: Secret): void => {
      this.#rings.delete(keyOf(secret));
      if (isKnown) this.#options.onChange(keyOf(secret));
    };
    informer.subscribe({ onAdd: changed, onUpdate: changed, onDelete: changed });
    // Whoever asked first waits for the first list, and need not be told of it.
    void informer.synced().then(() => { isKnown = true; });
    return informer;
  }
}

/** The Secret with an Application's keys: always of its own namespace. */
export const keySecretOf = ({ metadata, spec }: Application): NamespacedName | undefined => (spec.decryption ? joinKey(metadata.namespace, spec.decryption.secretRef.name) : undefined);
