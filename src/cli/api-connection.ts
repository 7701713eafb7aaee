import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asError } from '#base/errors.ts';
import { createClient } from '#client/create-client.ts';
import type { Client } from '#client/client.ts';
import { httpTransport } from '#client/http-transport.ts';
import { UsageError } from './usage-error.ts';

/** PEM of the authority and of a client's own certificate; a node uses it for its own server too. */
export interface Credentials {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What the API server has made under `pki/`. @throws UsageError when it has not */
export function readCredentials(dataDir: string, name: string): Credentials {
  const pki = join(dataDir, 'pki');
  const read = (file: string): string => readFileSync(join(pki, file), 'utf8');
  try {
    return { ca: read('ca.crt'), cert: read(`${name}.crt`), key: read(`${name}.key`) };
  } catch (cause) {
    const message = `no certificate for ${name} in ${pki} (${asError(cause).message}); "headway apiserver" makes it at its start: start that first, or copy ca.crt, ${name}.crt and ${name}.key from its pki folder`;
    throw new UsageError(message, { cause });
  }
}

export interface ApiConnection {
  readonly client: Client;
  close(): Promise<void>;
}

/** `server`: `https://host:port`. */
export function connectToApi(server: string, credentials: Credentials, userAgent: string): ApiConnection {
  const transport = httpTransport({ server, ...credentials, userAgent });
  return { client: createClient(transport), close: async () => transport.close() };
}

export const localServer = ({ apiPort }: { readonly apiPort: number }): string => `https://127.0.0.1:${apiPort}`;
