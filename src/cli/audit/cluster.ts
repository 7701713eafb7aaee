import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import { createClient } from '#client/create-client.ts';
import type { Client } from '#client/client.ts';
import { httpTransport } from '#client/http-transport.ts';
import { kubeconfigPath, readAccess } from '../kubeconfig.ts';
import { UsageError } from '../usage-error.ts';

export interface ClusterFlags {
  readonly dataDir: string;
  readonly kubeconfig?: string;
}

/** The API server of a kubeconfig's current context. */
export interface Cluster {
  readonly client: Client;
  /** The built-in kinds; others are added when they are needed. */
  readonly scheme: Scheme;
  /** Of the context. */
  readonly namespace: string;
  close(): void;
}

/** @throws UsageError when no kubeconfig is found, or it cannot be used */
export function connectToCluster(flags: ClusterFlags, userAgent: string): Cluster {
  const { server, namespace, ...credentials } = readAccess(kubeconfigOf(flags));
  const transport = httpTransport({ server, ...credentials, userAgent });
  return { client: createClient(transport), scheme: new Scheme(BUILT_IN_RESOURCES), namespace, close: () => transport.close() };
}

/** What is named, else what KUBECONFIG names first that is there, else the data directory's own. */
function kubeconfigOf({ kubeconfig, dataDir }: ClusterFlags): string {
  if (kubeconfig !== undefined) return kubeconfig;
  const listed = (process.env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  const found = [...listed, kubeconfigPath(dataDir)].find((file) => existsSync(file));
  if (found === undefined) throw new UsageError(`no kubeconfig: ${[...listed, kubeconfigPath(dataDir)].join(' and ')} ${listed.length > 0 ? 'are' : 'is'} not there; name one with --kubeconfig`);
  return found;
}
