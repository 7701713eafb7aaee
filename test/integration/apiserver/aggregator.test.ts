import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import type { APIService } from '#api/generated/apiregistration/v1.ts';
import type { Status } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ApiRequest } from '#api/transport.ts';
import { apiRequest } from '#test/support/api-request.ts';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { type ExtensionServer, GROUP, startExtensionServer, VERSION } from '#test/support/extension-server.ts';
import { OPENAPI_V2, readGnostic } from '#test/support/gnostic.ts';
import { waitFor } from '#test/support/wait.ts';

const run = promisify(execFile);
const SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
const NAME = `${VERSION}.${GROUP}`;
const FLUNDERS = `/apis/${GROUP}/${VERSION}/namespaces/default/flunders`;
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
let plane: ControlPlane;
let extension: ExtensionServer;
const cleanUp: (() => void)[] = [];

test.before(async () => {
  plane = await startControlPlane();
  extension = await startExtensionServer({ teardown: (task) => void cleanUp.push(task as () => void) }, plane.pki.frontProxy.ca);
  await register();
});
test.after.always(async () => {
  for (const task of cleanUp) task();
  await plane?.stop();
});

const send = async (method: ApiRequest['method'], path: string, body?: object, extra: Partial<ApiRequest> = {}) => {
  const { status, body: answer } = await plane.server.handle({ method, path, ...(body ? { body } : {}), ...extra }, ADMIN);
  return { status, answer: answer as KubeObject & Status };
};
async function create(path: string, body: object): Promise<void> {
  const { status, answer } = await send('POST', path, body);
  if (status >= 300) throw new Error(JSON.stringify(answer));
}
const kubectl = async (...args: string[]): Promise<string> =>
  (await run('kubectl', ['--kubeconfig', plane.kubeconfig, '--cache-dir', join(plane.directory, 'cache'), ...args], { timeout: 30_000 })).stdout;
const slice = (port: number): object => ({
  apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'wardle-1', labels: { 'kubernetes.io/service-name': 'wardle' } }, addressType: 'FQDN', endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }], ports: [{ name: 'https', port }],
});
const condition = async (name: string) => ((await send('GET', `${SERVICES}/${name}`)).answer as unknown as APIService).status?.conditions?.[0];
const isAvailable = () => waitFor(async () => (await condition(NAME))?.status === 'True', { what: 'the APIService is available' });

async function register(): Promise<void> {
  await create('/api/v1/namespaces/default/services', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'wardle' }, spec: { ports: [{ name: 'https', port: 443 }] } });
  await create(SERVICES, {
    apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: NAME },
    spec: { group: GROUP, version: VERSION, groupPriorityMinimum: 2000, versionPriority: 200, caBundle: extension.caBundle, service: { namespace: 'default', name: 'wardle' } },
  });
  await waitFor(async () => (await condition(NAME))?.reason === 'EndpointsNotFound', { what: 'the lack of endpoints is told' });
  const early = await ask('GET', FLUNDERS);
  if (early.status !== 503 || early.text !== 'service unavailable\n') throw new Error(`${early.status} ${early.text}`);
  await create(SLICES, slice(extension.port));
  await isAvailable();
}

function ask(method: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<{ readonly status: number; readonly headers: IncomingMessage['headers']; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: plane.port, path, method, ca: plane.pki.ca, ...plane.pki.admin, agent: false, headers }, (answer) => {
      let text = '';
      answer.on('data', (part: Buffer) => {
        text += part.toString();
      }).on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    outgoing.on('error', reject).end();
  });
}

test.serial('every group version that the server answers itself has its APIService', async (t) => {
  t.like(await condition('v1.apps'), { type: 'Available', status: 'True', reason: 'Local' });
  const text = await kubectl('get', 'apiservices');
  t.regex(text, /v1\.\s+Local\s+True/);
  t.regex(text, new RegExp(`${NAME.replaceAll('.', '\\.')}\\s+default/wardle\\s+True`));
  await create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'noxus.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'noxus', kind: 'Noxu' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] },
  });
  await waitFor(async () => (await condition('v1.example.com'))?.reason === 'Local', { what: 'the APIService of the definition' });
  await send('DELETE', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/noxus.example.com');
  await waitFor(async () => (await send('GET', `${SERVICES}/v1.example.com`)).status === 404, { what: 'the APIService goes with the definition' });
});

test.serial('kubectl discovers, makes, reads and deletes what the extension serves', async (t) => {
  t.regex(await kubectl('api-resources', '--api-group', GROUP), /flunders\s+fl\s+wardle\.example\.com\/v1alpha1\s+true\s+Flunder/);
  const file = join(plane.directory, 'flunder.yaml');
  await writeFile(file, `apiVersion: ${GROUP}/${VERSION}\nkind: Flunder\nmetadata: {name: one, namespace: default}\nspec: {color: red}\n`);
  t.regex(await kubectl('create', '--validate=false', '-f', file), /flunder\.wardle\.example\.com\/one created/);
  t.is(await kubectl('get', 'fl', 'one', '-o', 'jsonpath={.spec.color}'), 'red');
  t.regex(await kubectl('explain', 'flunder.spec.color'), /of the flunder/);
  t.regex(await kubectl('delete', 'fl', 'one', '--wait=false'), /deleted/);
  const gone = await t.throwsAsync(kubectl('get', 'fl', 'one'));
  t.regex(gone?.message ?? '', /flunders\.wardle\.example\.com "one" not found/);
});

test.serial('the extension learns who asks, from the front proxy only', async (t) => {
  const { text } = await ask('GET', FLUNDERS, { 'x-remote-user': 'forged', 'x-remote-group': 'forged', authorization: 'Basic forged', 'impersonate-user': 'jane', 'impersonate-group': 'system:masters', 'impersonate-extra-scopes%2Fa': 'view' });
  t.is((JSON.parse(text) as KubeObject).kind, 'FlunderList', text);
  const seen = extension.requests.findLast((r) => r.url === FLUNDERS);
  t.true(seen?.isTrusted);
  t.like(seen?.headers, { 'x-remote-user': 'jane', authorization: undefined, 'impersonate-user': undefined, 'x-remote-extra-scopes%2fa': 'view' });
  t.deepEqual(seen?.groups, ['system:masters', 'system:authenticated']);
});

test.serial('who may not is refused before the extension is asked', async (t) => {
  const before = extension.requests.length;
  const { status, text } = await ask('GET', FLUNDERS, { 'impersonate-user': 'nobody' });
  t.is(status, 403);
  t.regex((JSON.parse(text) as Status).message ?? '', /^flunders\.wardle\.example\.com is forbidden: User "nobody" cannot list resource "flunders" in API group "wardle\.example\.com" in the namespace "default"/);
  t.is(extension.requests.slice(before).filter((r) => r.url === FLUNDERS).length, 0);
});

test.serial('watches and upgraded connections stream through', async (t) => {
  const event = await new Promise<string>((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: plane.port, path: `${FLUNDERS}?watch=true`, ca: plane.pki.ca, ...plane.pki.admin, agent: false }, (answer) => {
      answer.once('data', (part: Buffer) => {
        outgoing.destroy();
        resolve(part.toString());
      });
      extension.emit({ apiVersion: `${GROUP}/${VERSION}`, kind: 'Flunder', metadata: { name: 'seen' } });
    });
    outgoing.on('error', reject).end();
  });
  t.regex(event, /^\{"type":"ADDED".*"seen".*\n$/);
  const echoed = await new Promise<string>((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: plane.port, path: `${FLUNDERS}/x/exec`, ca: plane.pki.ca, ...plane.pki.admin, agent: false, headers: { connection: 'Upgrade', upgrade: 'echo' } });
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
});

test.serial('discovery and OpenAPI hold the extension', async (t) => {
  const groups = JSON.parse((await ask('GET', '/apis')).text) as { groups: { name: string; preferredVersion: { version: string } }[] };
  t.is(groups.groups.find((g) => g.name === GROUP)?.preferredVersion.version, VERSION);
  t.is(groups.groups.at(0)?.name, 'apiregistration.k8s.io');
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const aggregated = JSON.parse((await ask('GET', '/apis', { accept })).text) as { items: { metadata: { name: string }; versions: { freshness: string; resources: { resource: string; subresources: object[] }[] }[] }[] };
  t.like(aggregated.items.find((g) => g.metadata.name === GROUP)?.versions[0], { freshness: 'Current' });
  t.is(aggregated.items.find((g) => g.metadata.name === GROUP)?.versions[0]?.resources[0]?.subresources.length, 1);
  const v2 = JSON.parse((await ask('GET', '/openapi/v2')).text) as { definitions: object; paths: object };
  t.true('com.example.wardle.v1alpha1.Flunder' in v2.definitions && 'io.k8s.api.core.v1.Pod' in v2.definitions);
  t.true(`/apis/${GROUP}/${VERSION}/` in v2.paths && !('/apis/other/' in v2.paths));
  const accepted = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
  t.deepEqual(readGnostic(OPENAPI_V2, (await apiRequest(plane, '/openapi/v2', { headers: { accept: accepted } })).body), v2, 'in protobuf too, which kubectl reads');
  const own = await send('GET', `/apis/${GROUP}/${VERSION}`);
  t.is(own.answer.kind, 'APIResourceList', 'from within the process too');
});

test.serial('extension API servers know whom to trust', async (t) => {
  const { answer } = await send('GET', '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication');
  const { data } = answer as unknown as { data: Readonly<Record<string, string>> };
  t.is(data['client-ca-file'], plane.pki.ca);
  t.is(data['requestheader-client-ca-file'], plane.pki.frontProxy.ca);
  t.is(data['requestheader-username-headers'], '["X-Remote-User"]');
  t.is((await send('GET', '/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system/roles/extension-apiserver-authentication-reader')).status, 200);
});

test.serial('APIServices are validated with the causes of Kubernetes', async (t) => {
  const { status, answer } = await send('POST', SERVICES, { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'odd' }, spec: { group: 'g.example.com', version: 'v1', groupPriorityMinimum: 0, versionPriority: 2000, insecureSkipTLSVerify: true } });
  t.is(status, 422);
  t.deepEqual(answer.details?.causes?.map((c) => c.field), ['metadata.name', 'spec.groupPriorityMinimum', 'spec.versionPriority', 'spec.insecureSkipTLSVerify']);
});

test.serial('an extension sends nobody elsewhere', async (t) => {
  const { status, headers, text } = await ask('GET', `/apis/${GROUP}/${VERSION}/redirected`);
  t.is(status, 502);
  t.is(headers.location, undefined);
  t.is(text, 'the backend attempted to redirect this request, which is not permitted');
});

test.serial('an APIService without a Service is available at once, and its status only what the server says', async (t) => {
  const path = `${SERVICES}/v1.local.example.com`;
  const { answer } = await send('POST', SERVICES, { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1.local.example.com' }, spec: { group: 'local.example.com', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 }, status: { conditions: [{ type: 'Mine', status: 'True' }] } });
  t.teardown(() => send('DELETE', path));
  t.like((answer as unknown as APIService).status, { conditions: [{ type: 'Available', status: 'True', reason: 'Local', message: 'Local APIServices are always available' }] });
  t.is((answer as unknown as APIService).status?.conditions?.length, 1);
});

test.serial('an extension that goes away is told of, and waited for', async (t) => {
  extension.close();
  await send('PATCH', `${SLICES}/wardle-1`, { metadata: { labels: { touched: 'yes' } } }, { contentType: 'application/merge-patch+json' });
  const failed = await waitFor(async () => {
    const found = await condition(NAME);
    return found?.status === 'False' && found;
  }, { what: 'the APIService is unavailable' });
  t.is(failed.reason, 'FailedDiscoveryCheck');
  t.regex(failed.message ?? '', /^failing or missing response from https:\/\/wardle\.default\.svc:443\/apis\/wardle\.example\.com\/v1alpha1: Get ".*": dial tcp 127\.0\.0\.1:\d+: connect: connection refused$/);
  const error = await t.throwsAsync(kubectl('get', 'fl'));
  t.regex(error?.message ?? '', /the server is currently unable to handle the request/);
  const next = await startExtensionServer({ teardown: (task) => void cleanUp.push(task as () => void) }, plane.pki.frontProxy.ca);
  await send('PATCH', `${SERVICES}/${NAME}`, { spec: { caBundle: null, insecureSkipTLSVerify: true } }, { contentType: 'application/merge-patch+json' });
  await send('PATCH', `${SLICES}/wardle-1`, { ports: [{ name: 'https', port: next.port }] }, { contentType: 'application/merge-patch+json' });
  await isAvailable();
  t.is((await ask('GET', FLUNDERS)).status, 200);
  await send('DELETE', `${SERVICES}/${NAME}`);
  await waitFor(async () => (await ask('GET', FLUNDERS)).status === 404, { what: 'nobody answers the group any more' });
});
