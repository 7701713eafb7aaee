import { rm } from 'node:fs/promises';
import type { Signer } from '#api/headway/v1/types.ts';
import { SourceError } from '../../errors.ts';
import { tryGit } from '../git-command.ts';
import type { GitRepository } from '../git-repository.ts';
import type { KeyDirectory } from '../key-directory.ts';
import { makeKeyRing, type KeyRing } from './key-ring.ts';
import { readVerdict, type Verdict } from './verdict.ts';

export interface VerifierOptions {
  readonly signers: readonly Signer[];
  readonly keys: KeyDirectory;
  readonly gitBinary: string;
}

const VERIFY_TIMEOUT_MS = 30_000;

/** Says who of the listed signers has signed a commit. */
export class Verifier {
  readonly #options: VerifierOptions;
  #ring: Promise<{ readonly directory: string; readonly ring: KeyRing }> | undefined;

  constructor(options: VerifierOptions) {
    this.#options = options;
  }

  /**
   * The name of the signer of the commit, or of the annotated tag through which it was found.
   * @throws SourceError Unsigned, SignatureRefused, InvalidSigner, VerifierMissing
   */
  async verify(repository: Pick<GitRepository, 'gitDir' | 'tagObject'>, { revision, ref }: { readonly revision: string; readonly ref: string }): Promise<string> {
    const tag = await repository.tagObject(ref);
    const ofTag = tag === undefined ? undefined : await this.#check(repository.gitDir, 'verify-tag', tag);
    if (ofTag?.type === 'good') return ofTag.signer;
    const ofCommit = await this.#check(repository.gitDir, 'verify-commit', revision);
    if (ofCommit.type === 'good') return ofCommit.signer;
    const expected = this.#options.signers.map(({ name }) => name).join(', ');
    const what = `commit ${revision.slice(0, 12)}${tag === undefined ? '' : ` and tag ${ref}`}`;
    const refused = [ofTag, ofCommit].find((verdict) => verdict?.type === 'refused');
    if (refused?.type === 'refused') throw new SourceError('SignatureRefused', `${what}: ${refused.why}; it must be signed by one of ${expected}`);
    throw new SourceError('Unsigned', `${what} has no signature; it must be signed by one of ${expected}`);
  }

  async close(): Promise<void> {
    const made = await this.#ring?.catch(() => undefined);
    if (made) await rm(made.directory, { recursive: true, force: true });
  }

  async #makeRing(): Promise<{ readonly directory: string; readonly ring: KeyRing }> {
    const directory = await this.#options.keys.make();
    try {
      return { directory, ring: await makeKeyRing(this.#options.signers, directory) };
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  async #check(gitDir: string, command: 'verify-commit' | 'verify-tag', oid: string): Promise<Verdict> {
    const { ring } = await (this.#ring ??= this.#makeRing());
    const { code, stderr } = await tryGit([command, '--raw', oid], {
      gitBinary: this.#options.gitBinary, gitDir, timeoutMs: VERIFY_TIMEOUT_MS, environment: { GNUPGHOME: ring.gnupgHome },
      // Before those of the repository, which belong to whoever made it.
      config: {
        'gpg.program': 'gpg', 'gpg.openpgp.program': 'gpg', 'gpg.ssh.program': 'ssh-keygen', 'gpg.x509.program': 'false', 'gpg.minTrustLevel': 'undefined',
        'gpg.ssh.allowedSignersFile': ring.allowedSigners,
      },
    });
    const missing = /cannot (?:run|exec) '?(gpg|ssh-keygen)'?|unable to (?:run|start) '?(gpg|ssh-keygen)/.exec(stderr);
    if (missing) throw new SourceError('VerifierMissing', `${missing[1] ?? missing[2]} is not installed; signatures cannot be verified`);
    return readVerdict({ code, stderr }, ring);
  }
}
