import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { portNumber, runHandler } from '#agents/node/probes/run-handler.ts';
import type { ContainerRuntime } from '#agents/node/runtime/container-runtime.ts';

const container = { name: 'c', image: 'i', ports: [{ name: 'web', containerPort: 8080 }] };
const runtime = { execSync: async () => ({ stdout: Buffer.from('out '), stderr: Buffer.from('err'), exitCode: 3 }) } as unknown as ContainerRuntime;
const target = (timeoutSeconds = 5) => ({ container, containerId: 'id', host: '127.0.0.1', runtime, timeoutSeconds });

async function serve(t: ExecutionContext, listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

for (const [status, isSuccess] of [[200, true], [302, true], [404, false], [500, false]] as const) {
  test(`an HTTP answer of ${status} is ${isSuccess ? 'a success' : 'a failure'}`, async (t) => {
    const port = await serve(t, (_, response) => response.writeHead(status).end('body'));
    const result = await runHandler({ httpGet: { port, path: 'healthz' } }, target());
    t.is(result.isSuccess, isSuccess);
    if (!isSuccess) t.is(result.output, `HTTP probe failed with statuscode: ${status}`);
  });
}

test('a server that drips its answer fails at the timeout', async (t) => {
  const port = await serve(t, (_, response) => {
    const drip = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(drip));
  });
  const { isSuccess, output } = await runHandler({ httpGet: { port } }, target(0.2));
  t.false(isSuccess);
  t.regex(output, /context deadline exceeded/);
});

test('an answer without an end is cut, and its status counts', async (t) => {
  const port = await serve(t, (_, response) => {
    const flood = (): void => void (response.destroyed || response.write('x'.repeat(4096), () => setImmediate(flood)));
    flood();
  });
  t.true((await runHandler({ httpGet: { port } }, target())).isSuccess);
});

test('a port that nobody listens on is a failure that names it', async (t) => {
  const port = await serve(t, () => {});
  t.true((await runHandler({ tcpSocket: { port } }, target())).isSuccess);
  const refused = await runHandler({ tcpSocket: { port: 1 } }, target());
  t.false(refused.isSuccess);
  t.regex(refused.output, /^dial tcp 127\.0\.0\.1:1: /);
});

test('a command fails with its exit code, and its words are the reason', async (t) => {
  t.deepEqual(await runHandler({ exec: { command: ['false'] } }, target()), { isSuccess: false, output: 'out err' });
});

test('a port may be a number, its text or a name; another name is a failure', async (t) => {
  t.deepEqual([portNumber(80, container), portNumber('80', container), portNumber('web', container)], [80, 80, 8080]);
  t.deepEqual(await runHandler({ httpGet: { port: 'absent' } }, target()), { isSuccess: false, output: "couldn't find port absent" });
});
