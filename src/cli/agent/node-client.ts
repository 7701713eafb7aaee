import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '#client/create-client.ts';
import type { Client } from '#client/client.ts';
import { httpTransport } from '#client/http-transport.ts';
import type { ClusterOptions } from '../up-options.ts';

/** PEM of a node's own certificate, for both its calls to the API and its own server. */
export interface NodeCredentials {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What the control plane has made under `pki/` before the agent starts. */
export function readNodeCredentials(options: ClusterOptions, name: string): NodeCredentials {
  const read = (file: string): string => readFileSync(join(options.dataDir, 'pki', file), 'utf8');
  return { ca: read('ca.crt'), cert: read(`${name}.crt`), key: read(`${name}.key`) };
}

export interface ApiConnection {
  readonly client: Client;
  close(): Promise<void>;
}

export function connectToApi(options: ClusterOptions, credentials: NodeCredentials, userAgent: string): ApiConnection {
  const transport = httpTransport({ server: `https://127.0.0.1:${options.apiPort}`, ...credentials, userAgent });
  return { client: createClient(transport), close: async () => transport.close() };
}
