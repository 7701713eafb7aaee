import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ExecutionContext } from 'ava';
import type { KubeObject } from '#api/object.ts';
import { issueCertificate, makeAuthority } from '#apiserver/pki/certificates.ts';

export const GROUP = 'wardle.example.com';
export const VERSION = 'v1alpha1';
const PREFIX = `/apis/${GROUP}/${VERSION}`;
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const KIND = { kind: 'Flunder', singularName: 'flunder', namespaced: true, verbs: VERBS };
const SCHEMA = { type: 'object', properties: { spec: { type: 'object', properties: { color: { type: 'string', description: 'of the flunder' } } } }, 'x-kubernetes-group-version-kind': [{ group: GROUP, kind: 'Flunder', version: VERSION }] };

const V3_PATHS = { [`${PREFIX}/namespaces/{namespace}/flunders`]: { get: { 'x-kubernetes-action': 'list', 'x-kubernetes-group-version-kind': { group: GROUP, kind: 'Flunder', version: VERSION }, responses: {} } } };

/** What a request said of its user, and whether it came with the front-proxy certificate. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly groups: readonly string[];
  readonly isTrusted: boolean;
}

export interface ExtensionServer {
  readonly port: number;
  /** PEM in base64: the `caBundle` of the APIService, whose Service is `default/wardle` unless another name is given. */
  readonly caBundle: string;
  readonly requests: SeenRequest[];
  /** Sends what an open watch waits for. */
  emit(object: KubeObject): void;
  close(): void;
}

/** A real extension API server: one group with one namespaced resource, held in memory, that believes the front proxy only. */
export async function startExtensionServer(t: Pick<ExecutionContext, 'teardown'>, frontProxyCa: string, { host = '127.0.0.1', serverName = 'wardle.default.svc' }: { readonly host?: string; readonly serverName?: string } = {}): Promise<ExtensionServer> {
  const authority = await makeAuthority('wardle-authority', Date.now());
  const pair = await issueCertificate(authority, { commonName: 'wardle', dnsNames: [serverName], usages: ['server'] }, Date.now());
  const objects = new Map<string, KubeObject>();
  const watches = new Set<ServerResponse>();
  const requests: SeenRequest[] = [];
  const server = createServer({ ...pair, ca: frontProxyCa, requestCert: true, rejectUnauthorized: false }, (request, answer) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
      const isTrusted = (request.socket as TLSSocket).authorized;
      requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, groups: request.headersDistinct['x-remote-group'] ?? [], isTrusted });
      if (!isTrusted || !request.headers['x-remote-user']) return send(answer, 401, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
      serve(request, answer, Buffer.concat(parts).toString());
    });
  });
  server.on('upgrade', (_request, socket) => {
    socket.on('error', () => socket.destroy());
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.pipe(socket);
  });
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  t.teardown(close);
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port, caBundle: Buffer.from(authority.cert).toString('base64'), requests, close,
    emit: (object) => {
      for (const watch of watches) watch.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
    },
  };

  function serve(request: IncomingMessage, answer: ServerResponse, body: string): void {
    const url = new URL(request.url ?? '/', 'https://wardle');
    if (url.pathname === PREFIX) return send(answer, 200, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${GROUP}/${VERSION}`, resources: [{ name: 'flunders', shortNames: ['fl'], ...KIND }, { name: 'flunders/status', ...KIND, verbs: ['get'] }] });
    if (url.pathname === `${PREFIX}/redirected`) return void answer.writeHead(302, { location: 'https://elsewhere.example/' }).end();
    if (url.pathname === '/openapi/v2') return send(answer, 200, { swagger: '2.0', info: {}, paths: { [`${PREFIX}/`]: {}, '/apis/other/': {} }, definitions: { 'com.example.wardle.v1alpha1.Flunder': SCHEMA } });
    if (url.pathname === '/openapi/v3') return send(answer, 200, { paths: { [PREFIX.slice(1)]: { serverRelativeURL: `/openapi/v3${PREFIX}?hash=1` } } });
    if (url.pathname === `/openapi/v3${PREFIX}`) return send(answer, 200, { openapi: '3.0.0', info: {}, paths: V3_PATHS, components: { schemas: { 'com.example.wardle.v1alpha1.Flunder': SCHEMA } } });
    const [, namespace = '', name = ''] = /^\/apis\/[^/]+\/[^/]+\/(?:namespaces\/([^/]+)\/)?flunders(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    const key = `${namespace}/${name}`;
    const isWatch = url.searchParams.get('watch') === 'true' || url.searchParams.get('watch') === '1';
    if (isWatch) return void (watches.add(answer), answer.writeHead(200, { 'content-type': 'application/json' }).flushHeaders());
    if (request.method === 'POST') {
      const made = JSON.parse(body) as KubeObject;
      const object = { ...made, metadata: { ...made.metadata, namespace, uid: 'u-1', resourceVersion: '7' } };
      objects.set(`${namespace}/${object.metadata.name}`, object);
      return send(answer, 201, object);
    }
    const found = objects.get(key);
    if (name === '') return send(answer, 200, { kind: 'FlunderList', apiVersion: `${GROUP}/${VERSION}`, metadata: { resourceVersion: '7' }, items: [...objects.values()].filter((o) => namespace === '' || o.metadata.namespace === namespace) });
    if (request.method === 'DELETE') objects.delete(key);
    send(answer, found ? 200 : 404, found ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404, reason: 'NotFound', message: `flunders.${GROUP} "${name}" not found`, details: { name, kind: 'flunders' } });
  }
}

function send(answer: ServerResponse, status: number, body: object): void {
  answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
