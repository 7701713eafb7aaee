import type { ExecutionContext } from 'ava';
import type { Repository, RepositorySpec } from '#api/headway/v1/types.ts';
import { REPOSITORIES, SECRETS } from '#api/resources.ts';
import { ROOT_NAME, ROOT_NAMESPACE } from '#sync/bootstrap.ts';
import { freePort } from './free-port.ts';
import { type GitServer, type ServedRepository, startGitServer } from './git-server.ts';
import { startSyncBench, type SyncBench } from './sync-bench.ts';
import { waitFor } from './wait.ts';

/** The root Repository, and the root Application. */
export const TARGET = { namespace: ROOT_NAMESPACE, name: ROOT_NAME };
/** A ConfigMap with one value. */
export const config = (name: string, value: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: "${value}"\n`;

/** A sync engine whose root repository is one of a Git server, which wants credentials. */
export interface RemoteSyncBench extends SyncBench {
  readonly server: GitServer;
  readonly served: ServedRepository;
  readonly webhookPort: number;
  setSecret(name: string, data: Readonly<Record<string, string>>): Promise<void>;
  setSpec(spec: Partial<RepositorySpec>): Promise<void>;
  /** Resolves when condition Ready has this reason. */
  ready(reason: string): Promise<Repository>;
}

/** ConfigMap `one` of `apps/one.yaml` has value 1 when this resolves. */
export async function startRemoteSyncBench(t: ExecutionContext, spec: Partial<RepositorySpec> = {}): Promise<RemoteSyncBench> {
  const webhookPort = await freePort();
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '0') }, { webhooks: { host: '127.0.0.1', port: webhookPort } });
  const server = await startGitServer(t);
  const served = await server.create();
  const first = served.commit({ 'apps/one.yaml': config('one', '1') });
  server.setCredentials({ username: 'ada', password: 's3cret' });
  const setSecret = async (name: string, data: Readonly<Record<string, string>>): Promise<void> => {
    const object = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: ROOT_NAMESPACE, name }, data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])) };
    await bench.client.apply(SECRETS, object, { fieldManager: 'test', force: true });
  };
  const setSpec = async (changes: Partial<RepositorySpec>): Promise<void> => void (await bench.client.patch(REPOSITORIES, TARGET, { type: 'merge', body: { spec: changes } }));
  await setSecret('git', { 'ca.crt': server.caPem, username: 'ada', password: 's3cret' });
  await setSpec({ url: served.url, secretRef: { name: 'git' }, pollInterval: '1h', ...spec });
  await bench.synced(first);
  return {
    ...bench, server, served, webhookPort, setSecret, setSpec,
    ready: (reason) => waitFor(async () => {
      const found = await bench.client.get(REPOSITORIES, TARGET);
      return found.status?.conditions?.some((c) => c.type === 'Ready' && c.reason === reason) ? found : undefined;
    }, { what: `the repository to be ${reason}`, timeoutMs: 30_000 }),
  };
}

/** How often the server was asked for anything. */
export const exchanges = ({ requests }: GitServer): number => requests.filter((line) => line.includes('info/refs')).length;
