import { execFile, spawn } from 'node:child_process';
import { createServer, type IncomingMessage } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { createServer as createSecureServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import type { Status } from '#api/generated/meta/v1.ts';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { waitFor } from '#test/support/wait.ts';
import { deny, startWebhookServer } from '#test/support/webhook-server.ts';

const run = promisify(execFile);
/** The proxy leads to no loopback address. */
const ADDRESS = Object.values(networkInterfaces()).flat().find((a) => a && !a.internal && a.family === 'IPv4')?.address;
const proxied = ADDRESS === undefined ? test.skip : test;
const PODS = '/api/v1/namespaces/default/pods';
let plane: ControlPlane;

test.before(async () => {
  plane = await startControlPlane();
  await create('/api/v1/namespaces/default/serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } });
});
test.after.always(() => plane?.stop());

async function create(path: string, body: object): Promise<void> {
  const { status, body: answer } = await plane.server.handle({ method: 'POST', path, body }, ADMIN);
  if (status >= 300) throw new Error(JSON.stringify(answer));
}

/** A pod whose containers are this test. */
async function startPod(t: ExecutionContext, name: string, address = ADDRESS ?? '') {
  const server = createServer((incoming, answer) => {
    if (incoming.url?.startsWith('/away')) return void answer.writeHead(302, { location: '/landed/' }).end();
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
      answer.writeHead(incoming.url === '/teapot' ? 418 : 200, { 'content-type': 'application/json', 'x-answer': 'yes' });
      answer.end(JSON.stringify({ method: incoming.method, url: incoming.url, headers: incoming.headers, body: Buffer.concat(parts).toString() }));
    });
  });
  server.on('upgrade', (_incoming: IncomingMessage, socket) => {
    socket.on('error', () => socket.destroy());
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '0.0.0.0', resolve);
  });
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  await create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'example.org/web:1', ports: [{ name: 'web', containerPort: port }] }] } });
  const status = { phase: 'Running', podIP: address, podIPs: [{ ip: address }] };
  await plane.server.handle({ method: 'PATCH', path: `${PODS}/${name}/status`, body: { status }, contentType: 'application/merge-patch+json' }, ADMIN);
  return { port };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

function ask(method: string, path: string, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: plane.port, path, method, ca: plane.pki.ca, ...plane.pki.admin, agent: false, headers: { 'x-own': 'kept', ...(body ? { 'content-length': body.length } : {}) } }, (answer) => {
      let text = '';
      answer.on('data', (part: Buffer) => {
        text += part.toString();
      }).on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

proxied('a pod is reached with all methods, path and query as they are', async (t) => {
  const { port } = await startPod(t, 'web');
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    const body = method === 'GET' || method === 'OPTIONS' ? '' : 'x'.repeat(100_000);
    const { status, text, headers } = await ask(method, `${PODS}/web:${port}/proxy/some/%2Fpath/?a=b&a=c`, body);
    t.is(status, 200, method);
    t.is(headers['x-answer'], 'yes');
    const seen = JSON.parse(text) as { method: string; url: string; body: string; headers: Readonly<Record<string, string>> };
    t.like(seen, { method, url: '/some/%2Fpath/?a=b&a=c', body });
    t.like(seen.headers, { 'x-own': 'kept', authorization: undefined, 'x-forwarded-for': '127.0.0.1', 'x-forwarded-uri': `${PODS}/web:${port}/proxy/some/%2Fpath/` });
  }
  t.is((await ask('HEAD', `${PODS}/web/proxy/`)).status, 200);
  t.is((await ask('GET', `${PODS}/web/proxy/teapot`)).status, 418);
});

proxied('redirects lead back through the proxy', async (t) => {
  await startPod(t, 'redirecting');
  const place = `${PODS}/redirecting/proxy`;
  const root = await ask('GET', `${place}?q=1`);
  t.is(root.status, 301);
  t.is(root.headers.location, `${place}/?q=1`);
  t.is((await ask('GET', `${place}/away`)).headers.location, `${place}/landed/`);
});

proxied('a Service is reached at the pods behind it, by name and number of its port', async (t) => {
  const { port } = await startPod(t, 'backend');
  await create('/api/v1/namespaces/default/services', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'front' }, spec: { ports: [{ name: 'web', port: 80, targetPort: port }] } });
  const front = '/api/v1/namespaces/default/services';
  const none = await ask('GET', `${front}/front:web/proxy/x`);
  t.is(none.status, 503);
  t.is((JSON.parse(none.text) as Status).message, 'no endpoints available for service "front:web"');
  await create('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'front-1', labels: { 'kubernetes.io/service-name': 'front' } }, addressType: 'IPv4',
    endpoints: [{ addresses: [ADDRESS], targetRef: { kind: 'Pod', name: 'backend' } }, { addresses: ['192.0.2.77'] }], ports: [{ name: 'web', port }],
  });
  for (const id of ['front:web', 'front:80', 'http:front:web']) t.is((await ask('GET', `${front}/${id}/proxy/there`)).status, 200, id);
  t.is((JSON.parse((await ask('GET', `${front}/front:81/proxy/`)).text) as Status).message, 'no service port 81 found for service "front"');
});

test('nothing is sent to the made-up addresses of simulated nodes and of their pods', async (t) => {
  await create('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'sim', labels: { 'headway.dev/simulated': 'true' } }, status: { addresses: [{ type: 'InternalIP', address: '192.0.2.1' }] } });
  await create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'simulated' }, spec: { nodeName: 'sim', containers: [{ name: 'c', image: 'example.org/web:1' }] } });
  const status = { phase: 'Running', podIP: '192.0.2.2', podIPs: [{ ip: '192.0.2.2' }] };
  await plane.server.handle({ method: 'PATCH', path: `${PODS}/simulated/status`, body: { status }, contentType: 'application/merge-patch+json' }, ADMIN);
  await create('/api/v1/namespaces/default/services', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'simulated' }, spec: { ports: [{ port: 80 }] } });
  await create('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'simulated-1', labels: { 'kubernetes.io/service-name': 'simulated' } }, addressType: 'IPv4',
    endpoints: [{ addresses: ['192.0.2.2'], targetRef: { kind: 'Pod', name: 'simulated' } }], ports: [{ port: 80 }],
  });
  for (const path of ['/api/v1/nodes/sim/proxy/healthz', '/api/v1/nodes/sim:9100/proxy/metrics', `${PODS}/simulated/proxy/`, '/api/v1/namespaces/default/services/simulated:80/proxy/', `${PODS}/simulated/log`]) {
    const answer = await ask('GET', path);
    t.is(answer.status, 400, path);
    t.regex((JSON.parse(answer.text) as Status).message ?? '', /^node "sim" is simulated: /, path);
  }
});

test('why an agent gives no log is told as a Status', async (t) => {
  const answers: Readonly<Record<string, readonly [number, string]>> = {
    waiting: [400, 'container "c" in pod "waiting" is waiting to start: ErrImageNeverPull'], gone: [404, 'pod "gone" not found'], broken: [502, 'x'.repeat(100_000)],
  };
  const { cert, key } = await plane.pki.node('refusing', ['127.0.0.1']);
  const agent = createSecureServer({ cert, key, ca: plane.pki.ca, requestCert: true }, ({ url }, answer) => {
    const [code = 500, text] = answers[url?.split('/')[3] ?? ''] ?? [];
    answer.writeHead(code, { 'content-type': 'text/plain' }).end(text);
  });
  await new Promise<void>((resolve) => {
    agent.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => {
    agent.closeAllConnections();
    agent.close();
  });
  const { port } = agent.address() as AddressInfo;
  await create('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'refusing', annotations: { 'headway.dev/agent-address': '127.0.0.1' } }, status: { daemonEndpoints: { kubeletEndpoint: { Port: port } } } });
  for (const name of Object.keys(answers)) await create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { nodeName: 'refusing', containers: [{ name: 'c', image: 'example.org/web:1' }] } });
  const told = async (name: string): Promise<Status> => JSON.parse((await ask('GET', `${PODS}/${name}/log`)).text) as Status;
  t.like(await told('waiting'), { kind: 'Status', code: 400, reason: 'BadRequest', message: 'container "c" in pod "waiting" is waiting to start: ErrImageNeverPull' });
  t.like(await told('gone'), { code: 404, reason: 'NotFound', message: 'pod "gone" not found' });
  const broken = await told('broken');
  t.like(broken, { code: 500, reason: 'InternalError' });
  t.regex(broken.message ?? '', /^Internal error occurred: x{50000,}$/);
});

proxied('upgraded connections and HTTP/2 pass', async (t) => {
  await startPod(t, 'echo');
  const echoed = await new Promise<string>((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: plane.port, path: `${PODS}/echo/proxy/socket`, ca: plane.pki.ca, ...plane.pki.admin, agent: false, headers: { connection: 'Upgrade', upgrade: 'echo' } });
    outgoing.on('upgrade', (_answer, socket) => {
      socket.once('data', (data: Buffer) => {
        socket.destroy();
        resolve(data.toString());
      });
      socket.write('ping');
    });
    outgoing.on('response', (answer) => reject(new Error(`answered ${answer.statusCode ?? 0}`))).on('error', reject);
    outgoing.end();
  });
  t.is(echoed, 'ping');
  const session = connectHttp2(plane.url, { ca: plane.pki.ca, ...plane.pki.admin });
  t.teardown(() => session.destroy());
  const text = await new Promise<string>((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': `${PODS}/echo/proxy/two` });
    let body = '';
    stream.on('data', (part: Buffer) => {
      body += part.toString();
    }).on('end', () => resolve(body)).on('error', reject);
    stream.end('hello');
  });
  t.like(JSON.parse(text) as object, { method: 'POST', url: '/two', body: 'hello' });
});

test('what cannot be reached is told as Kubernetes does', async (t) => {
  await startPod(t, 'local', '127.0.0.1');
  const message = async (path: string): Promise<string> => {
    const { status, text } = await ask('GET', path);
    return `${status} ${(JSON.parse(text) as Status).message ?? ''}`;
  };
  t.is(await message(`${PODS}/local/proxy/x`), '400 address not allowed');
  t.is(await message(`${PODS}/ftp:local:1/proxy/x`), '400 invalid pod request "ftp:local:1"');
  t.is(await message(`${PODS}/absent/proxy/x`), '404 pods "absent" not found');
  if (ADDRESS === undefined) return;
  await startPod(t, 'closed');
  t.is(await message(`${PODS}/closed:1/proxy/x`), `503 error trying to reach service: dial tcp ${ADDRESS}:1: connect: connection refused`);
});

test('options of a log are checked, and a pod that no node has says nothing', async (t) => {
  await create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'unscheduled' }, spec: { containers: [{ name: 'c', image: 'example.org/web:1' }] } });
  const told = async (query: string): Promise<string> => {
    const { status, text } = await ask('GET', `${PODS}/unscheduled/log?${query}`);
    return `${status} ${text === '' ? '' : (JSON.parse(text) as Status).message}`;
  };
  t.is(await told('tailLines=-1'), '422 PodLogOptions "unscheduled" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0');
  t.is(await told('limitBytes=0&sinceSeconds=0'), '422 PodLogOptions "unscheduled" is invalid: [limitBytes: Invalid value: 0: must be greater than 0, sinceSeconds: Invalid value: 0: must be greater than 0]');
  t.is(await told('sinceSeconds=1&sinceTime=2026-01-02T03:04:05Z'), '422 PodLogOptions "unscheduled" is invalid: : Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified');
  t.is(await told('tailLines=some'), '400 strconv.ParseInt: parsing "some": invalid syntax');
  t.is(await told('container=other'), '400 container other is not valid for pod unscheduled');
  t.is(await told('tailLines=5'), '204 ');
});

test('a log of a pod of several containers has to name one, and is told which there are', async (t) => {
  const spec = { initContainers: [{ name: 'i', image: 'example.org/web:1' }], containers: ['c', 'd'].map((name) => ({ name, image: 'example.org/web:1' })) };
  await create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'several' }, spec });
  const { status, text } = await ask('GET', `${PODS}/several/log`);
  t.is(`${status} ${(JSON.parse(text) as Status).message}`, '400 a container name must be specified for pod several, choose one of: [i c d]');
});

proxied('kubectl reaches pods by raw path and through its own proxy', async (t) => {
  await startPod(t, 'raw');
  const { stdout } = await run('kubectl', ['--kubeconfig', plane.kubeconfig, '--cache-dir', join(plane.directory, 'cache'), 'get', '--raw', `${PODS}/raw/proxy/x?y=z`], { timeout: 30_000 });
  t.is((JSON.parse(stdout) as { url: string }).url, '/x?y=z');
  const child = spawn('kubectl', ['--kubeconfig', plane.kubeconfig, 'proxy', '--port=0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill());
  let output = '';
  child.stdout.on('data', (part: Buffer) => {
    output += part.toString();
  });
  const address = await waitFor(() => /Starting to serve on (\S+)/.exec(output)?.[1], { what: 'kubectl proxy' });
  t.true(((await (await fetch(`http://${address}/api/`)).json()) as { versions: string[] }).versions.includes('v1'));
  t.is((await fetch(`http://${address}${PODS}/raw/proxy/here`)).status, 200);
});

test('connections pass admission', async (t) => {
  const hooks = await startWebhookServer(t, () => deny('no connections'));
  await create('/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
    apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata: { name: 'connect' },
    webhooks: [{ name: 'connect.example.com', clientConfig: { url: hooks.url, caBundle: hooks.caBundle }, sideEffects: 'None', admissionReviewVersions: ['v1'], matchConditions: [{ name: 'own', expression: "request.name.startsWith('admitted')" }], rules: [{ operations: ['CONNECT'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods/exec', 'services/proxy'] }] }],
  });
  const denied = await waitFor(async () => {
    const answer = await ask('GET', '/api/v1/namespaces/default/services/admitted-x/proxy/a/b');
    return answer.status === 400 && answer;
  }, { what: 'the webhook is in force' });
  t.is((JSON.parse(denied.text) as Status).message, 'admission webhook "connect.example.com" denied the request: no connections');
  t.like(hooks.requests.at(-1), { operation: 'CONNECT', subResource: 'proxy', name: 'admitted-x', kind: { kind: 'ServiceProxyOptions' }, object: { path: '/a/b' }, options: null, oldObject: null });
  await ask('POST', `${PODS}/admitted-y/exec?command=ls&command=-l&container=c&stdout=true`);
  t.like(hooks.requests.at(-1)?.object, { kind: 'PodExecOptions', command: ['ls', '-l'], container: 'c', stdout: true });
});
