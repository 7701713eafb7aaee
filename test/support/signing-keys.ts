import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Signer } from '#api/headway/v1/types.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Somebody who signs commits: what git needs for it, and what others need to know. */
export interface SigningKey {
  /** Options of `git` before the command, for `git commit --gpg-sign`. */
  readonly gitOptions: readonly string[];
  readonly signer: Signer;
}

export interface SigningKeys {
  pgp(name: string, options?: { readonly expired: boolean }): SigningKey;
  ssh(name: string): SigningKey;
}

const DAY_S = 86_400;

/** Makes keys in a folder of the test's own, with real gpg and ssh-keygen. */
export function makeSigningKeys(t: Pick<ExecutionContext, 'teardown'>): SigningKeys {
  // gpg-agent's socket must have a short path.
  const home = temporaryDirectory('hw-keys');
  t.teardown(() => {
    execFileSync('gpgconf', ['--homedir', home, '--kill', 'all'], { stdio: 'ignore' });
    rmSync(home, { recursive: true, force: true });
  });
  const gpg = (...args: readonly string[]): string => execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', '--passphrase', '', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return {
    pgp(name, { expired } = { expired: false }) {
      const user = `${name} <${name}@example.org>`;
      // Made a month ago for a day; signs as if it still were that day.
      const then = `${Math.floor(Date.now() / 1000) - 30 * DAY_S}!`;
      const time = expired ? ['--faked-system-time', then] : [];
      gpg(...time, '--quick-generate-key', user, 'ed25519', 'sign', expired ? '1d' : 'never');
      const program = join(home, `gpg-${name}`);
      writeFileSync(program, `#!/bin/sh\nexec gpg --homedir '${home}' ${time.join(' ')} "$@"\n`, { mode: 0o755 });
      return { gitOptions: ['-c', 'gpg.format=openpgp', '-c', `gpg.program=${program}`, '-c', `user.signingKey=${user}`], signer: { name, pgp: gpg('--armor', '--export', user) } };
    },
    ssh(name) {
      const path = join(home, `ssh-${name}`);
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', `${name}@laptop`, '-f', path]);
      return { gitOptions: ['-c', 'gpg.format=ssh', '-c', 'gpg.ssh.program=ssh-keygen', '-c', `user.signingKey=${path}`], signer: { name, ssh: readFileSync(`${path}.pub`, 'utf8') } };
    },
  };
}
