import type { GitResult } from '../git-command.ts';
import type { KeyRing } from './key-ring.ts';

export type Verdict =
  | { readonly type: 'good'; /** Name of the signer. */ readonly signer: string }
  | { readonly type: 'unsigned' }
  | { readonly type: 'refused'; readonly why: string };

/** What gpg says on its status lines (doc/DETAILS of GnuPG) of a signature that is not good, the surest first. */
const REFUSALS: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [/^\[GNUPG:\] BADSIG \w+ ?(.*)$/m, ([, user]) => `the signature of ${user} does not fit the contents`],
  [/^\[GNUPG:\] REVKEYSIG (\w+) ?(.*)$/m, ([, id, user]) => `key ${id} (${user}) is revoked`],
  [/^\[GNUPG:\] EXPKEYSIG (\w+) ?(.*)$/m, ([, id, user]) => `key ${id} (${user}) has expired`],
  [/^\[GNUPG:\] EXPSIG (\w+) ?(.*)$/m, ([, id, user]) => `the signature with key ${id} (${user}) has expired`],
  [/^\[GNUPG:\] NO_PUBKEY (\w+)$/m, ([, id]) => `PGP key ${id} is none of the listed ones`],
  [/^\[GNUPG:\] ERRSIG (\w+)/m, ([, id]) => `the signature with key ${id} cannot be checked`],
  [/^Good "git" signature with (\S+) key (SHA256:\S+)/m, ([, type, id]) => `${type} key ${id} is none of the listed ones`],
  [/^(?:Could not verify|Signature verification failed): (.*)$/m, ([, why]) => `the signature does not fit the contents: ${why}`],
];

/** Reads what `git verify-commit --raw` or `git verify-tag --raw` has said. Only a signature that git calls good can be good. */
export function readVerdict({ code, stderr }: Pick<GitResult, 'code' | 'stderr'>, ring: Pick<KeyRing, 'pgp' | 'ssh'>): Verdict {
  if (code === 0) {
    const signer = signerOf(stderr, ring);
    return signer === undefined ? { type: 'refused', why: 'it is not known who signed' } : { type: 'good', signer };
  }
  for (const [sign, why] of REFUSALS) {
    const match = sign.exec(stderr);
    if (match) return { type: 'refused', why: why(match) };
  }
  return stderr === '' || /no signature found/.test(stderr) ? { type: 'unsigned' } : { type: 'refused', why: stderr.split('\n').at(-1) ?? '' };
}

function signerOf(text: string, { pgp, ssh }: Pick<KeyRing, 'pgp' | 'ssh'>): string | undefined {
  const fingerprint = /^\[GNUPG:\] VALIDSIG ([0-9A-F]{40}) /m.exec(text)?.[1];
  if (fingerprint !== undefined) return pgp.get(fingerprint);
  const principal = /^Good "git" signature for (\S+) with /m.exec(text)?.[1];
  return principal === undefined ? undefined : ssh.get(principal);
}
