import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { StatusProvider } from '#api/headway/v1/types.ts';
import { REPOSITORIES, SECRETS } from '#api/resources.ts';
import { ROOT_NAME, ROOT_NAMESPACE } from '#sync/bootstrap.ts';
import { startGitServer } from '#test/support/git-server.ts';
import { startSyncBench } from '#test/support/sync-bench.ts';
import { waitFor } from '#test/support/wait.ts';

interface Status {
  readonly revision: string;
  readonly context: string;
  readonly state: string;
  readonly description: string;
}
type Failure = { readonly code: number; readonly headers?: Readonly<Record<string, string>> };

const SHA = '([0-9a-f]{40})';
const PLAIN = [new RegExp(`^/repos/acme/shop/statuses/${SHA}$`), new RegExp(`^/repos/acme/shop/commits/${SHA}/status\\?`)];
const PATHS: Readonly<Record<StatusProvider, readonly RegExp[]>> = {
  GitHub: PLAIN, Gitea: PLAIN,
  GitLab: [new RegExp(`^/projects/acme%2Fshop/statuses/${SHA}$`), new RegExp(`^/projects/acme%2Fshop/repository/commits/${SHA}/statuses\\?`)],
  Bitbucket: [new RegExp(`^/repositories/acme/shop/commit/${SHA}/statuses/build$`), new RegExp(`^/repositories/acme/shop/commit/${SHA}/statuses\\?`)],
  BitbucketServer: [new RegExp(`^/rest/api/latest/projects/acme/repos/shop/commits/${SHA}/builds$`), new RegExp(`^/rest/build-status/latest/commits/${SHA}\\?`)],
};
const BITBUCKET = { success: 'SUCCESSFUL', failure: 'FAILED' };
const WORDS: Readonly<Record<StatusProvider, { readonly success: string; readonly failure: string }>> = {
  GitHub: { success: 'success', failure: 'failure' }, Gitea: { success: 'success', failure: 'failure' }, GitLab: { success: 'success', failure: 'failed' }, Bitbucket: BITBUCKET, BitbucketServer: BITBUCKET,
};

/** The part of the providers' APIs that statuses are written with and read from, as they document it. */
async function startProvider(t: ExecutionContext, provider: StatusProvider): Promise<{ readonly apiURL: string; readonly statuses: readonly Status[]; readonly failures: Failure[]; readonly refused: () => number }> {
  const statuses: Status[] = [];
  const failures: Failure[] = [];
  let refused = 0;
  const paths = PATHS[provider];
  const authorization = { GitHub: ['authorization', 'Bearer t0ken'], GitLab: ['private-token', 't0ken'], Gitea: ['authorization', 'token t0ken'], Bitbucket: ['authorization', 'Bearer t0ken'], BitbucketServer: ['authorization', 'Bearer t0ken'] } as const;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const [header, value] = authorization[provider];
      const send = (code: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void => void response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
      if (request.headers[header] !== value) {
        refused += 1;
        return send(401, { message: 'Bad credentials' });
      }
      const revision = paths.map((path) => path.exec(request.url ?? '')?.[1]).find(Boolean);
      if (!revision) return send(404, { message: 'Not Found' });
      if (request.method === 'GET') {
        const found = statuses.filter((status) => status.revision === revision).map(({ context, state, description }) => ({ context, name: context, state, status: state, description }));
        return send(200, provider === 'GitLab' ? found : { state: 'pending', statuses: found, values: found });
      }
      const failure = failures.shift();
      if (failure) return send(failure.code, {}, failure.headers);
      const { context, name, state, description, ...build } = JSON.parse(Buffer.concat(chunks).toString()) as Status & { readonly name?: string; readonly key?: string; readonly url?: string };
      if (provider.startsWith('Bitbucket') && !(build.url?.startsWith('http') && build.key && build.key.length <= 40)) return send(400, { error: { message: 'Bad request' } });
      statuses.push({ revision, context: name ?? context, state, description });
      return send(201, {});
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { apiURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, statuses, failures, refused: () => refused };
}

const config = (value: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata:\n  value: ${value}\n`;

for (const provider of Object.keys(PATHS) as StatusProvider[]) {
  test.serial(`${provider} shows how the commit fares, and a restart writes nothing again`, async (t) => {
    const bench = await startSyncBench(t, { 'apps/one.yaml': config('"0"') });
    const git = await startGitServer(t);
    const served = await git.create('acme-shop');
    const first = served.commit({ 'apps/one.yaml': config('"1"') });
    const api = await startProvider(t, provider);
    api.failures.push({ code: 503 }, { code: 429, headers: { 'retry-after': '0' } });
    const secret = (name: string, data: Readonly<Record<string, string>>): Promise<unknown> => bench.client.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: ROOT_NAMESPACE, name }, data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])) });
    await secret('ca', { 'ca.crt': git.caPem });
    await secret('token', { token: 'wr0ng' });
    // The name of the project comes from the URL; the server answers to it by a name that has the slash.
    served.clone.git('clone', '--quiet', '--bare', served.directory, `${served.directory.replace(/acme-shop\.git$/, 'acme/shop.git')}`);
    const target = { namespace: ROOT_NAMESPACE, name: ROOT_NAME };
    await bench.client.patch(REPOSITORIES, target, { type: 'merge', body: { spec: { url: `https://127.0.0.1:${git.port}/acme/shop.git`, secretRef: { name: 'ca' }, pollInterval: '1s', commitStatus: { provider, secretRef: { name: 'token' }, apiURL: api.apiURL } } } });
    await bench.synced(first);
    await waitFor(() => bench.events.some(({ reason, message }) => reason === 'CommitStatusRefused' && message.includes('401') && !message.includes('wr0ng')), { what: 'the event of the wrong token', timeoutMs: 20_000 });
    await bench.client.patch(SECRETS, { namespace: ROOT_NAMESPACE, name: 'token' }, { type: 'merge', body: { data: { token: Buffer.from('t0ken').toString('base64') } } });
    const shows = (revision: string, state: string): Promise<Status> => waitFor(() => {
      const last = api.statuses.at(-1);
      return last?.revision === revision && last.state === state ? last : undefined;
    }, { what: `${state} at ${revision}`, timeoutMs: 30_000 });
    t.like(await shows(first, WORDS[provider].success), { context: 'headway/headway-system/root', description: '1 object applied and healthy' });
    const count = api.statuses.length;
    await bench.restart();
    const bad = served.clone.commit({ 'apps/one.yaml': 'kind: [' });
    served.clone.git('push', '--quiet', served.directory.replace(/acme-shop\.git$/, 'acme/shop.git'), 'HEAD:main');
    t.regex((await shows(bad, WORDS[provider].failure)).description, /^apps\/one\.yaml:1: /);
    t.deepEqual(api.statuses.slice(count).filter(({ revision }) => revision === first), []);
  });
}
