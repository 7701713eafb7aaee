import { armor, Decrypter } from 'age-encryption';
import { DecryptionError } from './decryption-error.ts';

/** Age identities that can be tried on wrapped keys. */
export class AgeKeys {
  readonly #decrypter = new Decrypter();
  readonly count: number;

  /** `text` is a file of identities, one a line, with comments. `name` is for messages. @throws DecryptionError InvalidKey */
  constructor(files: readonly { readonly name: string; readonly text: string }[]) {
    const identities = files.flatMap(({ name, text }) => text.split('\n').map((line) => ({ name, line: line.trim() })).filter(({ line }) => line !== '' && !line.startsWith('#')));
    for (const { name, line } of identities) this.#add(name, line);
    this.count = identities.length;
  }

  /** Undefined when no identity fits. */
  async unwrap(wrapped: string): Promise<Buffer | undefined> {
    if (this.count === 0) return undefined;
    try {
      return Buffer.from(await this.#decrypter.decrypt(armor.decode(wrapped.trim()), 'uint8array'));
    } catch {
      // Made for somebody else, or damaged: another key may open the file.
      return undefined;
    }
  }

  #add(name: string, identity: string): void {
    try {
      this.#decrypter.addIdentity(identity);
    } catch {
      // The library's message may quote the identity.
      throw new DecryptionError('InvalidKey', `${name} has a line that is no age identity`);
    }
  }
}
