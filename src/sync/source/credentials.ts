import { SourceError } from '../errors.ts';
import type { HostPort } from './source-url.ts';

/** The data of a Secret, decoded. */
export type SecretData = Readonly<Record<string, string>>;

export type Credentials =
  | { readonly type: 'none' }
  | { readonly type: 'https'; /** Value of the header. */ readonly authorization?: string; /** PEM. */ readonly ca?: string }
  | { readonly type: 'ssh'; /** A private key. */ readonly identity: string; readonly knownHosts: string };

export interface SecretReference {
  /** `<namespace>/<name>`: for messages. */
  readonly secret: string;
  readonly protocols: 'https' | 'http:https' | 'ssh';
  /** Where the repository is. */
  readonly at: HostPort;
}

/** @throws SourceError InvalidCredentials, KnownHostsMissing: says which key of the Secret is at fault, never its value */
export function readCredentials(data: SecretData, reference: SecretReference): Credentials {
  return reference.protocols === 'ssh' ? sshCredentials(data, reference) : httpsCredentials(data, reference);
}

function httpsCredentials(data: SecretData, { secret }: SecretReference): Credentials {
  const [username, password, token, ca] = ['username', 'password', 'bearerToken', 'ca.crt'].map((key) => data[key]?.trim());
  const refuse = (why: string): SourceError => new SourceError('InvalidCredentials', `Secret ${secret} ${why}`);
  for (const [key, value] of Object.entries({ username, password, bearerToken: token })) {
    if (value !== undefined && /[\p{Cc}]/u.test(value)) throw refuse(`has control characters in ${key}`);
  }
  if (token && password) throw refuse('has both password and bearerToken; keep one of them');
  if (username && !password) throw refuse('has username but no password');
  if (username?.includes(':')) throw refuse('has a colon in username');
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) throw refuse('has no PEM certificate in ca.crt');
  if (!token && !password && !ca) throw refuse('has none of username and password, bearerToken, ca.crt');
  // Services that take a token as password look at no user name, but want one.
  const authorization = token ? `Bearer ${token}` : password ? `Basic ${Buffer.from(`${username || 'git'}:${password}`).toString('base64')}` : undefined;
  return { type: 'https', ...(authorization ? { authorization } : {}), ...(ca ? { ca: `${ca}\n` } : {}) };
}

function sshCredentials(data: SecretData, { secret, at }: SecretReference): Credentials {
  // ssh refuses a key whose last line has no end, or that was saved on Windows.
  const [identity, knownHosts] = [data['identity'], data['known_hosts']].map((text) => text?.replaceAll('\r\n', '\n').trim());
  if (!identity) throw new SourceError('InvalidCredentials', `Secret ${secret} has no identity, the private key for ssh`);
  if (!/^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(identity)) throw new SourceError('InvalidCredentials', `Secret ${secret} has no private key in identity`);
  if (!knownHosts) {
    throw new SourceError('KnownHostsMissing', `Secret ${secret} has no known_hosts, so that nobody can tell whether ${at.host} is who it says: put the lines of \`ssh-keyscan ${at.port ? `-p ${at.port} ` : ''}${at.host}\` into it, after comparing them with the fingerprints that the host publishes`);
  }
  return { type: 'ssh', identity: `${identity}\n`, knownHosts: `${knownHosts}\n` };
}
