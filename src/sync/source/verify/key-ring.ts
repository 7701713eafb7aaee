import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Signer } from '#api/headway/v1/types.ts';
import { SourceError } from '../../errors.ts';

const run = promisify(execFile);
const GPG_TIMEOUT_MS = 20_000;

/** The keys of the listed signers and no others, as gpg and ssh-keygen read them. */
export interface KeyRing {
  /** GNUPGHOME. */
  readonly gnupgHome: string;
  readonly allowedSigners: string;
  /** Fingerprints (40 hex digits) of PGP keys, primary and sub, to the signer's name. */
  readonly pgp: ReadonlyMap<string, string>;
  /** Principals of the allowed signers' file to the signer's name, which may hold characters that have a meaning there. */
  readonly ssh: ReadonlyMap<string, string>;
}

/** Writes the keys into `directory`. @throws SourceError InvalidSigner, VerifierMissing */
export async function makeKeyRing(signers: readonly Signer[], directory: string): Promise<KeyRing> {
  const gnupgHome = join(directory, 'gnupg');
  const allowedSigners = join(directory, 'allowed_signers');
  await mkdir(gnupgHome, { mode: 0o700 });
  const ssh = new Map<string, string>();
  const pgp = new Map<string, string>();
  const lines: string[] = [];
  for (const [i, signer] of signers.entries()) {
    if (signer.pgp) for (const fingerprint of await importKey(signer, signer.pgp, gnupgHome)) pgp.set(fingerprint, signer.name);
    if (signer.ssh) {
      ssh.set(`signer-${i}`, signer.name);
      lines.push(`signer-${i} namespaces="git" ${sshKey(signer, signer.ssh)}\n`);
    }
  }
  await writeFile(allowedSigners, lines.join(''), { mode: 0o600 });
  return { gnupgHome, allowedSigners, pgp, ssh };
}

/** Resolves to the fingerprints that the key brings. Each goes through a ring of its own first, so that it is known whose they are. */
async function importKey({ name }: Signer, armored: string, home: string): Promise<readonly string[]> {
  const alone = `${home}-one`;
  try {
    await mkdir(alone, { mode: 0o700 });
    await gpg(alone, ['--import'], armored);
    const listing = await gpg(alone, ['--with-colons', '--with-subkey-fingerprint', '--list-keys']);
    const fingerprints = [...listing.matchAll(/^fpr:(?:[^:]*:){8}([0-9A-F]{40}):/gm)].map(([, fingerprint]) => fingerprint ?? '');
    if (fingerprints.length === 0) throw new Error('it holds no public key');
    await gpg(home, ['--import'], armored);
    return fingerprints;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new SourceError('VerifierMissing', 'gpg is not installed; commits that PGP signed cannot be verified', { cause: error });
    throw new SourceError('InvalidSigner', `spec.verification.signers: the pgp key of ${JSON.stringify(name)} cannot be read: ${lastLine(error)}`, { cause: error });
  } finally {
    await rm(alone, { recursive: true, force: true });
  }
}

async function gpg(home: string, args: readonly string[], input = ''): Promise<string> {
  const pending = run('gpg', ['--homedir', home, '--batch', '--no-tty', '--no-autostart', '--quiet', ...args], { timeout: GPG_TIMEOUT_MS, env: { PATH: process.env['PATH'], LC_ALL: 'C' } });
  pending.child.stdin?.on('error', () => undefined).end(input);
  return (await pending).stdout;
}

function sshKey({ name }: Signer, key: string): string {
  const [, type, data] = /^((?:ssh|ecdsa|sk)-[\w@.-]+)\s+([A-Za-z0-9+/]+=*)(?:\s|$)/.exec(key.trim()) ?? [];
  if (!type || !data) throw new SourceError('InvalidSigner', `spec.verification.signers: the ssh key of ${JSON.stringify(name)} is no public key such as \`ssh-ed25519 AAAA…\``);
  return `${type} ${data}`;
}

const lastLine = (error: unknown): string => (error as { readonly stderr?: string }).stderr?.trim().split('\n').at(-1) || (error as Error).message;
