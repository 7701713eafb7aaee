import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { asError } from '#base/errors.ts';
import { replaceFileSync } from '#base/replace-file.ts';
import { PkiBrokenError } from './pki-error.ts';

export interface TokenKey {
  /** `kid`: a hash of the public half. */
  readonly id: string;
  readonly algorithm: 'ES256' | 'ES384' | 'ES512' | 'RS256';
  readonly publicKey: KeyObject;
}
export interface SigningKey extends TokenKey {
  readonly privateKey: KeyObject;
}

interface Loaded {
  readonly changedAtMs: number;
  readonly signing: SigningKey;
  readonly byId: ReadonlyMap<string, TokenKey>;
}

const FIRST = 'service-account.key';
const FILE = /^service-account(?:-(\d+))?\.(key|pub)$/;
const CURVES: Readonly<Record<string, TokenKey['algorithm']>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };

/**
 * The keys of service account tokens, in files of the `pki` folder: `service-account.key` and, after a rotation, `service-account-<n>.key`
 * (PEM). The highest number signs; tokens of all are accepted. A `.pub` file verifies only. Files that come and go count at once, without a
 * restart; a folder that has become unreadable leaves the keys as they were.
 */
export class TokenKeys {
  readonly #directory: string;
  #loaded: Loaded;

  /** Makes the first key when there is none. @throws PkiBrokenError */
  constructor(directory: string) {
    this.#directory = directory;
    if (!filesOf(directory).some(({ isPrivate }) => isPrivate)) {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      replaceFileSync(join(directory, FIRST), privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    }
    this.#loaded = load(directory);
  }

  signing(): SigningKey {
    return this.#current().signing;
  }

  /** The key of that id; all of them for tokens that name none. */
  find(id: string | undefined): readonly TokenKey[] {
    const { byId } = this.#current();
    if (id === undefined) return [...byId.values()];
    const key = byId.get(id);
    return key ? [key] : [];
  }

  all(): readonly TokenKey[] {
    return [...this.#current().byId.values()];
  }

  /** One look at the folder, which is asked for only where a signature is made or checked, and that takes far longer. */
  #current(): Loaded {
    try {
      if (statSync(this.#directory).mtimeMs !== this.#loaded.changedAtMs) this.#loaded = load(this.#directory);
    } catch {
      // Half-written or gone: what was known stays valid until the folder can be read again.
    }
    return this.#loaded;
  }
}

interface KeyFile {
  readonly name: string;
  readonly number: number;
  readonly isPrivate: boolean;
}

function filesOf(directory: string): readonly KeyFile[] {
  return readdirSync(directory).flatMap((name): KeyFile[] => {
    const match = FILE.exec(name);
    return match ? [{ name, number: Number(match[1] ?? 0), isPrivate: match[2] === 'key' }] : [];
  }).toSorted((a, b) => a.number - b.number);
}

function load(directory: string): Loaded {
  const changedAtMs = statSync(directory).mtimeMs;
  const keys = filesOf(directory).map(({ name, isPrivate }) => readKey(join(directory, name), isPrivate));
  const signing = keys.findLast((key): key is SigningKey => 'privateKey' in key);
  if (!signing) throw new PkiBrokenError(`${directory} has no key for service account tokens; restore ${FIRST} from a backup`, { file: join(directory, FIRST) });
  return { changedAtMs, signing, byId: new Map(keys.map((key) => [key.id, key])) };
}

function readKey(file: string, isPrivate: boolean): TokenKey | SigningKey {
  try {
    const pem = readFileSync(file, 'utf8');
    const privateKey = isPrivate ? createPrivateKey(pem) : undefined;
    const publicKey = createPublicKey(pem);
    const key: TokenKey = { id: keyId(publicKey), algorithm: algorithmOf(publicKey), publicKey };
    return privateKey ? { ...key, privateKey } : key;
  } catch (cause) {
    throw new PkiBrokenError(`${file} is no key for service account tokens (${asError(cause).message}); restore it from a backup, or remove it: its tokens then end`, { file }, { cause });
  }
}

function algorithmOf(key: KeyObject): TokenKey['algorithm'] {
  if (key.asymmetricKeyType === 'rsa') return 'RS256';
  const algorithm = CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''];
  if (algorithm === undefined) throw new Error('only RSA keys and the curves P-256, P-384 and P-521 can sign tokens');
  return algorithm;
}

const keyId = (publicKey: KeyObject): string => createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64url');
