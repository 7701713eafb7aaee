import type { Secret } from '#api/generated/core/v1.ts';
import type { SyncError } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { describe } from '../inventory/identity.ts';
import type { RenderedObject, RenderResult, SourceFile } from '../render/renderer.ts';
import { InputError } from '../render/unit/input-error.ts';
import { DecryptionError } from './decryption-error.ts';
import type { KeyRing } from './key-ring.ts';
import { leftEncrypted } from './left-encrypted.ts';
import { isSealedSecret, unseal, type SealedSecret } from './sealed/sealed-secret.ts';
import { SecretValues } from './secret-values.ts';
import { ENCRYPTED_PREFIX } from './sops/encrypted-value.ts';

/** The keys of an application. @throws DecryptionError KeyNotFound, InvalidKey */
export type KeySource = () => Promise<KeyRing>;
/** `Unavailable` where there is no cluster to ask: what is encrypted stays so, and can still be compared. */
export type Keys = KeySource | 'Unavailable';

/**
 * Gives one rendering what Git holds encrypted in clear text, and remembers what must not be shown: files before a renderer sees
 * them, sealed secrets when they are objects. Without keys all stays as it is, but a Secret that SOPS has encrypted is an error.
 */
export class ClearReader {
  readonly #keys: Keys | undefined;
  readonly #secrets = new SecretValues();

  constructor(keys: Keys | undefined) {
    this.#keys = keys;
  }

  /** @throws InputError with the reason of the DecryptionError */
  async read({ path, content }: SourceFile): Promise<Buffer> {
    try {
      return await this.#decrypt(path, content);
    } catch (error) {
      if (!(error instanceof DecryptionError)) throw error;
      const { reason, line } = error.data;
      throw new InputError({ path, ...(line === undefined ? {} : { line }), reason, message: error.message });
    }
  }

  /** What was rendered from such files. `namespace` is that of objects that name none. */
  async open({ objects, hooks, errors }: RenderResult, namespace: string): Promise<RenderResult> {
    const refused: SyncError[] = [];
    const openAll = async <T extends RenderedObject>(list: readonly T[]): Promise<readonly T[]> =>
      (await Promise.all(list.map((rendered) => this.#open(rendered, namespace).catch((error: unknown) => void refused.push(refusal(rendered, error)))))).flatMap((opened) => opened ?? []);
    const opened = { objects: await openAll(objects), ...(hooks ? { hooks: await openAll(hooks) } : {}) };
    return { ...opened, errors: [...errors, ...refused].map((error) => ({ ...error, message: this.#secrets.hide(error.message) })) };
  }

  async #decrypt(path: string, content: Buffer): Promise<Buffer> {
    const keys = this.#keys;
    if (typeof keys !== 'function' || !content.includes(ENCRYPTED_PREFIX)) return content;
    // Most repositories hold nothing encrypted: what reads it is loaded with the first file that is.
    const { decryptSops } = await import('./sops/decrypt-sops.ts');
    const clear = await decryptSops(path, content, async (metadata) => (await keys()).dataKey(metadata));
    if (!clear) return content;
    this.#secrets.add(clear.secrets);
    return clear.content;
  }

  async #open<T extends RenderedObject>(rendered: T, namespace: string): Promise<T> {
    const { object } = rendered;
    if (!this.#keys) return withoutKeys(rendered);
    if (this.#keys === 'Unavailable') return { ...rendered, object: leftEncrypted(object, namespace) };
    if (isSecret(object)) return this.#clear({ ...rendered, object: await this.#openEntries(object) });
    const { sealing } = isSealedSecret(object) ? await this.#keys() : { sealing: [] };
    // Keys for SOPS alone leave it to the controller in the cluster.
    if (sealing.length === 0) return this.#clear(rendered);
    const secret = unseal(object as SealedSecret, sealing, object.metadata.namespace || namespace);
    this.#secrets.add(Object.values((secret as Secret).data ?? {}).map((value) => Buffer.from(value, 'base64').toString('utf8')));
    return this.#clear({ ...rendered, object: secret, lineOf: (field) => rendered.lineOf(field.replace(/^data\b/, 'spec.encryptedData')) });
  }

  /** A generator or a template may have put a whole encrypted file into a Secret; Flux decrypts it there. */
  async #openEntries(secret: Secret): Promise<Secret> {
    if (!secret.data || /^disabled$/i.test(secret.metadata.annotations?.['kustomize.toolkit.fluxcd.io/decrypt'] ?? '')) return secret;
    const data = await Promise.all(Object.entries(secret.data).map(async ([name, value]) => [name, await this.#openEntry(name, value)] as const));
    return { ...secret, data: Object.fromEntries(data) };
  }

  /** As it is written: what is no text is for the API to refuse. */
  async #openEntry(name: string, value: unknown): Promise<string> {
    if (typeof value !== 'string') return value as string;
    const content = Buffer.from(value, 'base64');
    try {
      const clear = await this.#decrypt(name, content);
      return clear === content ? value : clear.toString('base64');
    } catch (error) {
      throw error instanceof DecryptionError ? new DecryptionError(error.data.reason, error.message, { field: `data.${name}`, cause: error }) : error;
    }
  }

  #clear<T extends RenderedObject>(rendered: T): T {
    return this.#secrets.isEmpty ? rendered : { ...rendered, hide: (text: string) => this.#secrets.hide(text) };
  }
}

const isSecret = (object: KubeObject): object is Secret => object.kind === 'Secret' && object.apiVersion === 'v1';

function withoutKeys<T extends RenderedObject>(rendered: T): T {
  if (isSecret(rendered.object) && 'sops' in rendered.object) throw new DecryptionError('KeyNotFound', 'the Secret is encrypted by SOPS, and the Application has no spec.decryption', { field: 'sops' });
  return rendered;
}

/** @throws what is no DecryptionError */
function refusal({ object, path, line, lineOf }: RenderedObject, error: unknown): SyncError {
  if (!(error instanceof DecryptionError)) throw error;
  const { reason, field } = error.data;
  return { path, line: field === undefined ? line : lineOf(field), object: describe(object.kind, object.metadata), reason, message: error.message };
}
