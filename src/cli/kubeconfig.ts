import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { load } from 'js-yaml';
import { asError } from '#base/errors.ts';
import type { Credentials } from './api-connection.ts';
import { UsageError } from './usage-error.ts';

export const kubeconfigPath = (dataDir: string): string => join(dataDir, 'kubeconfig');

export function printKubeconfig(dataDir: string): void {
  try {
    process.stdout.write(readFileSync(kubeconfigPath(dataDir), 'utf8'));
  } catch (cause) {
    throw new UsageError(`there is no kubeconfig in ${dataDir}; "headway up" makes it (name another folder with --data-dir)`, { cause });
  }
}

/** Of the current context. */
export interface KubeconfigAccess {
  readonly server: string;
  readonly credentials: Credentials;
}

type Entry = Readonly<Record<string, unknown>>;
interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { readonly name: string; readonly context: { readonly cluster: string; readonly user: string; readonly namespace?: string } }[];
  readonly clusters?: readonly { readonly name: string; readonly cluster: Entry }[];
  readonly users?: readonly { readonly name: string; readonly user: Entry }[];
}

/** How a person reaches an API server: by certificate or token. */
export interface PersonalAccess {
  readonly server: string;
  /** Of the context; `default` when it names none. */
  readonly namespace: string;
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: () => string;
}

/**
 * Server and client certificate of a kubeconfig's current context, inline (`...-data`) or as files.
 * @throws UsageError when it cannot be read or holds no client certificate
 */
export function readKubeconfig(file: string): KubeconfigAccess {
  const { server, cluster, user } = currentContext(file);
  const pem = (entry: Entry, name: string): string => pemOf(file, entry, name);
  return {
    server,
    credentials: { ca: pem(cluster, 'certificate-authority'), cert: pem(user, 'client-certificate'), key: pem(user, 'client-key') },
  };
}

/** As {@link readKubeconfig}, where a token will do. @throws UsageError when there is neither, as with credential plugins */
export function readAccess(file: string): PersonalAccess {
  const { server, namespace, cluster, user } = currentContext(file);
  const base = { server, namespace, ca: pemOf(file, cluster, 'certificate-authority') };
  const { token, tokenFile } = user;
  if (typeof tokenFile === 'string') return { ...base, token: () => readFileSync(resolve(dirname(file), tokenFile), 'utf8').trim() };
  if (typeof token === 'string') return { ...base, token: () => token };
  return { ...base, cert: pemOf(file, user, 'client-certificate'), key: pemOf(file, user, 'client-key') };
}

function currentContext(file: string) {
  const config = parse(file);
  const context = config.contexts?.find((c) => c.name === config['current-context'])?.context;
  const cluster = config.clusters?.find((c) => c.name === context?.cluster)?.cluster;
  const user = config.users?.find((u) => u.name === context?.user)?.user;
  const server = cluster?.['server'];
  if (!cluster || !user || typeof server !== 'string') throw new UsageError(`${file}: the current context names no cluster, or no user`);
  return { server, namespace: context?.namespace || 'default', cluster, user };
}

function parse(file: string): Kubeconfig {
  try {
    const config = jsonOrYaml(readFileSync(file, 'utf8'));
    if (typeof config !== 'object' || config === null) throw new Error('it holds no object');
    return config as Kubeconfig;
  } catch (cause) {
    throw new UsageError(`${file} cannot be read as a kubeconfig: ${asError(cause).message}`, { cause });
  }
}

/** Ours is JSON, which is YAML: certificates are long, and so it is read in a moment. */
function jsonOrYaml(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return load(text);
  }
}

function pemOf(file: string, entry: Entry, name: string): string {
  const inline = entry[`${name}-data`];
  if (typeof inline === 'string') return Buffer.from(inline, 'base64').toString();
  const path = entry[name];
  if (typeof path !== 'string') throw new UsageError(`${file} has no ${name} or ${name}-data in its current context; Headway's parts need a client certificate`);
  // Relative to the kubeconfig, as kubectl has it.
  return readFileSync(resolve(dirname(file), path), 'utf8');
}
