import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { createClient } from '#client/create-client.ts';
import type { Client } from '#client/client.ts';
import { httpTransport, type HttpTransportOptions } from '#client/http-transport.ts';

interface KubeConfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { readonly name: string; readonly context: { readonly cluster: string; readonly user: string } }[];
  readonly clusters: readonly { readonly name: string; readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly name: string; readonly user: Readonly<Record<string, string>> }[];
}

/** From `--kubeconfig FILE`, or `--server URL --token TOKEN --ca FILE`. */
export interface ConnectionFlags {
  readonly kubeconfig?: string | undefined;
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly ca?: string | undefined;
}

/** Each client has a connection of its own. @throws Error that says which flag is missing. */
export function connect(flags: ConnectionFlags, connections: number): readonly Client[] {
  const options = flags.kubeconfig ? fromKubeConfig(flags.kubeconfig) : fromFlags(flags);
  return Array.from({ length: connections }, () => createClient(httpTransport({ ...options, userAgent: 'headway-bench' })));
}

type Access = Omit<HttpTransportOptions, 'userAgent'>;

function fromFlags({ server, token, ca }: ConnectionFlags): Access {
  if (!server || !token || !ca) throw new Error('give --kubeconfig FILE, or --server URL with --token TOKEN and --ca FILE');
  return { server, ca: readFileSync(ca), token: () => token };
}

function fromKubeConfig(file: string): Access {
  const config = load(readFileSync(file, 'utf8')) as KubeConfig;
  const context = config.contexts?.find(({ name }) => name === config['current-context'])?.context;
  const cluster = (config.clusters.find(({ name }) => name === context?.cluster) ?? config.clusters[0])?.cluster ?? {};
  const user = (config.users.find(({ name }) => name === context?.user) ?? config.users[0])?.user ?? {};
  const ca = pem(cluster, 'certificate-authority');
  if (!cluster['server'] || !ca) throw new Error(`${file} names no server with a certificate authority`);
  const cert = pem(user, 'client-certificate');
  const key = pem(user, 'client-key');
  const { token } = user;
  return { server: cluster['server'], ca, ...(cert && key ? { cert, key } : {}), ...(token ? { token: () => token } : {}) };
}

const pem = (entry: Readonly<Record<string, string>>, name: string): Buffer | undefined =>
  entry[`${name}-data`] ? Buffer.from(entry[`${name}-data`] as string, 'base64') : entry[name] ? readFileSync(entry[name]) : undefined;
