import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';
import { issueCertificate, makeAuthority } from '#apiserver/pki/certificates.ts';

/** The parts of an AdmissionReview's request that tests look at. */
export interface ReviewRequest {
  readonly uid: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
  readonly requestKind: { readonly version: string };
  readonly subResource?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly operation: string;
  readonly userInfo: { readonly username: string };
  readonly dryRun: boolean;
  readonly options: Readonly<Record<string, unknown>> | null;
  readonly object: Readonly<Record<string, unknown>> & { readonly metadata: { readonly name?: string; readonly labels?: Readonly<Record<string, string>> }; readonly data?: Readonly<Record<string, string>> } | null;
  readonly oldObject: Readonly<Record<string, unknown>> | null;
}
/** `timeout`: seconds that the server says it waits. */
export type ReviewHandler = (request: ReviewRequest, path: string, timeout: number) => object | Promise<object>;

export interface WebhookServer {
  readonly url: string;
  /** PEM in base64: the `caBundle`. */
  readonly caBundle: string;
  readonly requests: readonly ReviewRequest[];
}

export const allow = (): object => ({ allowed: true });
export const deny = (message: string, extra: object = {}): object => ({ allowed: false, status: { message, ...extra } });
export const patch = (...operations: readonly object[]): object => ({ allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') });

/** A webhook over HTTPS on the loopback, or on all addresses; `handler` answers with the `response` of the review, without its `uid`. */
export async function startWebhookServer(t: Pick<ExecutionContext, 'teardown'>, handler: ReviewHandler, { host = '127.0.0.1', dnsNames = ['webhook.default.svc'] }: { readonly host?: string; readonly dnsNames?: readonly string[] } = {}): Promise<WebhookServer> {
  const authority = await makeAuthority('webhooks', Date.now());
  const pair = await issueCertificate(authority, { commonName: 'webhook', ipAddresses: ['127.0.0.1'], dnsNames, usages: ['server'] }, Date.now());
  const requests: ReviewRequest[] = [];
  const server = createServer(pair, (request, answer) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(parts).toString()) as { readonly apiVersion: string; readonly request: ReviewRequest };
      requests.push(review.request);
      const { pathname, searchParams } = new URL(request.url ?? '/', 'https://webhook');
      void Promise.resolve(handler(review.request, pathname, Number.parseInt(searchParams.get('timeout') ?? '', 10))).then((response) => {
        answer.setHeader('content-type', 'application/json');
        answer.end(JSON.stringify({ kind: 'AdmissionReview', apiVersion: review.apiVersion, response: { uid: review.request.uid, ...response } }));
      });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve);
  });
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, caBundle: Buffer.from(authority.cert).toString('base64'), requests };
}
