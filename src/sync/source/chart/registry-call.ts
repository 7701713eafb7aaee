import { createHash } from 'node:crypto';
import { SourceError, type SourceReason } from '../../errors.ts';
import { type WebAnswer, webRequest } from '../../web/web-request.ts';
import type { Credentials } from '../credentials.ts';

/** Asked before each call, so that a changed Secret counts at once. @throws SourceError */
export type ReadCredentials = () => Promise<Credentials>;

export interface RegistryCall {
  readonly url: string;
  readonly credentials: Credentials;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly maxBytes: number;
}

const TIMEOUT_MS = 120_000;
/** Registries keep archives with others: the first leads to a signed address. */
const MAX_REDIRECTS = 5;
/** As Helm has it for an unpacked chart; none is larger packed. */
export const MAX_ARCHIVE_BYTES = 100 * 1024 * 1024;

/** Resolves whatever the server answers. @throws SourceError Unreachable, CertificateRefused */
export async function callRegistry({ url, credentials, headers = {}, signal, maxBytes }: RegistryCall): Promise<WebAnswer> {
  const { authorization, ca } = credentials.type === 'https' ? credentials : {};
  try {
    return await webRequest({ url, headers: { ...(authorization ? { authorization } : {}), ...headers }, ca, signal, timeoutMs: TIMEOUT_MS, maxBytes, maxRedirects: MAX_REDIRECTS });
  } catch (error) {
    signal.throwIfAborted();
    const { message } = error as Error;
    throw new SourceError(/certificate|altnames/i.test(message) ? 'CertificateRefused' : 'Unreachable', `${originOf(url)}: ${message}`, { cause: error });
  }
}

/** The body of an answer that is a success. @throws SourceError */
export function bodyOf({ status, body }: WebAnswer, url: string): Buffer {
  if (status >= 200 && status < 300) return body;
  const reason: SourceReason = status === 401 || status === 403 || status === 404 ? 'AccessDenied' : status >= 300 && status < 400 ? 'Redirected' : 'Unreachable';
  throw new SourceError(reason, `${withoutQuery(url)} answered ${status}`);
}

/** The same, as JSON. @throws SourceError */
export function documentOf<T>(answer: WebAnswer, url: string): T {
  const body = bodyOf(answer, url);
  try {
    return JSON.parse(body.toString()) as T;
  } catch (cause) {
    throw new SourceError('InvalidIndex', `${withoutQuery(url)} answered what is no JSON`, { cause });
  }
}

/** @throws SourceError ChartDamaged: `digest` is of something else */
export function checkDigest(archive: Buffer, digest: string | undefined, url: string): Buffer {
  const found = `sha256:${createHash('sha256').update(archive).digest('hex')}`;
  if (digest !== undefined && found !== digest) throw new SourceError('ChartDamaged', `${withoutQuery(url)} has digest ${found}, not ${digest}`);
  return archive;
}

const originOf = (url: string): string => new URL(url).origin;
/** What makes a signed address one is nobody's business. */
const withoutQuery = (url: string): string => `${originOf(url)}${new URL(url).pathname}`;
