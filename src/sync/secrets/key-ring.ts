import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { Secret } from '#api/generated/core/v1.ts';
import { AgeKeys } from './age-keys.ts';
import { DecryptionError } from './decryption-error.ts';
import { PgpKeys, type PgpOptions } from './pgp-keys.ts';
import type { SopsMetadata, WrappedKey } from './sops/metadata.ts';

const DATA_KEY_BYTES = 32;

/** The keys of one version of a Secret. */
export class KeyRing {
  /** Differs for each version of each Secret; tells nothing of the keys. */
  readonly id: string;
  /** Private RSA keys of sealed-secrets controllers. */
  readonly sealing: readonly KeyObject[];
  readonly #name: string;
  readonly #age: AgeKeys;
  readonly #pgp: PgpKeys;
  /** By what was wrapped: gpg need not start for each healing. */
  readonly #opened = new Map<string, Promise<Buffer | undefined>>();

  /** `.agekey`, `.asc` and `.key` are read, other entries left alone. @throws DecryptionError InvalidKey */
  constructor({ metadata, data = {} }: Secret, options: PgpOptions) {
    this.id = `${metadata.uid}/${metadata.resourceVersion}`;
    this.#name = `${metadata.namespace}/${metadata.name}`;
    const endingIn = (suffix: string) => Object.entries(data).filter(([name]) => name.endsWith(suffix)).map(([name, value]) => ({ name: `key ${name} of Secret ${this.#name}`, text: Buffer.from(value, 'base64').toString('utf8') }));
    this.#age = new AgeKeys(endingIn('.agekey'));
    this.#pgp = new PgpKeys(endingIn('.asc').map(({ text }) => text), options);
    this.sealing = endingIn('.key').map(({ name, text }) => readRsaKey(name, text));
  }

  /** The key that the values of a SOPS file are encrypted with. @throws DecryptionError KeyNotFound, InvalidKey */
  async dataKey({ keys }: SopsMetadata): Promise<Buffer> {
    for (const wrapped of keys) {
      const key = await this.#open(wrapped);
      if (key?.length === DATA_KEY_BYTES) return key;
    }
    throw new DecryptionError('KeyNotFound', `no key of Secret ${this.#name} opens the file, which is for ${keys.map(({ type, name }) => `${type} ${name}`).join(', ')}`);
  }

  #open({ type, wrapped }: WrappedKey): Promise<Buffer | undefined> {
    const known = this.#opened.get(wrapped);
    if (known) return known;
    if (this.#opened.size >= MAX_OPENED) this.#opened.clear();
    const opened = (type === 'age' ? this.#age : this.#pgp).unwrap(wrapped);
    this.#opened.set(wrapped, opened);
    // What failed otherwise than by the key may go well the next time.
    opened.catch(() => this.#opened.delete(wrapped));
    return opened;
  }
}
/** Files whose data keys are remembered. */
const MAX_OPENED = 1000;

function readRsaKey(name: string, text: string): KeyObject {
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // Told below, without the library's words.
  }
  throw new DecryptionError('InvalidKey', `${name} is no RSA private key in PEM`);
}
