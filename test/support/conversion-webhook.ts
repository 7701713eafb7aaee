import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';
import { issueCertificate, makeAuthority } from '#apiserver/pki/certificates.ts';

export type Convert = (object: Record<string, unknown>, desiredVersion: string) => object;

export interface ConversionWebhook {
  /** `clientConfig` of a definition. */
  readonly config: { readonly url: string; readonly caBundle: string };
  /** Objects of each review so far. */
  readonly batches: readonly number[];
}

/** A conversion webhook over HTTPS that lasts as long as the test. */
export async function startConversionWebhook(t: Pick<ExecutionContext, 'teardown'>, convert: Convert): Promise<ConversionWebhook> {
  const authority = await makeAuthority('conversion', Date.now());
  const pair = await issueCertificate(authority, { commonName: 'hook', ipAddresses: ['127.0.0.1'], usages: ['server'] }, Date.now());
  const batches: number[] = [];
  const server = createServer({ cert: pair.cert, key: pair.key }, (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
      const review = JSON.parse(Buffer.concat(parts).toString()) as { request: { uid: string; desiredAPIVersion: string; objects: Record<string, unknown>[] } };
      const { uid, desiredAPIVersion, objects } = review.request;
      batches.push(objects.length);
      const convertedObjects = objects.map((o) => ({ ...convert(o, desiredAPIVersion), apiVersion: desiredAPIVersion }));
      response.end(JSON.stringify({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', response: { uid, result: { status: 'Success' }, convertedObjects } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void (server.close(), server.closeAllConnections()));
  const { port } = server.address() as AddressInfo;
  return { config: { url: `https://127.0.0.1:${port}/convert`, caBundle: Buffer.from(authority.cert).toString('base64') }, batches };
}
