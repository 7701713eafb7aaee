import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Delivery {
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What an authentic request tells: refs that were pushed, by full name, or something that moves none. */
export type Notice = { readonly type: 'push'; readonly refs: readonly string[] } | { readonly type: 'ping' } | { readonly type: 'other' } | { readonly type: 'invalid' };

/** Headers with the HMAC of the body: GitHub, Gitea, Forgejo, Gogs; Bitbucket writes SHA-256 into the header that was GitHub's for SHA-1. */
const SIGNATURES = ['x-hub-signature-256', 'x-gitea-signature', 'x-forgejo-signature', 'x-gogs-signature', 'x-hub-signature'] as const;

/** Whether the sender knows the token: it has signed the body with it, or (GitLab) sent it along. Takes as long for a wrong one as for a right one. */
export function isAuthentic({ headers, body }: Delivery, token: string): boolean {
  if (token === '') return false;
  const header = signatureIn(headers);
  if (header !== undefined) return isEqual(header.replace(/^sha256=/, ''), createHmac('sha256', token).update(body).digest('hex'));
  return isEqual(text(headers['x-gitlab-token']), token);
}

/** Whether the request shows anything at all that {@link isAuthentic} could hold against a token. */
export const isSigned = (headers: IncomingHttpHeaders): boolean => signatureIn(headers) !== undefined || text(headers['x-gitlab-token']) !== '';

const signatureIn = (headers: IncomingHttpHeaders): string | undefined => SIGNATURES.map((name) => text(headers[name])).find((value) => value !== '');

/** Compares digests, so that neither contents nor length can be told from the time that it takes. */
function isEqual(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((value) => createHmac('sha256', 'headway').update(value).digest()) as [Buffer, Buffer];
  return timingSafeEqual(a, b);
}

export function readDelivery({ headers, body }: Delivery): Notice {
  const event = EVENT_HEADERS.map((name) => text(headers[name])).find((value) => value !== '') ?? '';
  if (/^ping$|^diagnostics:ping$/.test(event)) return { type: 'ping' };
  const payload = parsePayload(headers['content-type'] ?? '', body);
  if (payload === undefined) return { type: 'invalid' };
  const refs = pushedRefs(event, payload);
  return refs === undefined ? { type: 'other' } : { type: 'push', refs };
}

/** Gitea and Forgejo send GitHub's header too, with the same meaning. */
const EVENT_HEADERS = ['x-github-event', 'x-gitea-event', 'x-forgejo-event', 'x-gogs-event', 'x-gitlab-event', 'x-event-key'] as const;

interface Payload {
  readonly ref?: unknown;
  /** Of GitLab's system hooks. */
  readonly event_name?: unknown;
  /** Of Bitbucket Cloud. */
  readonly push?: { readonly changes?: readonly { readonly new?: BitbucketRef | null; readonly old?: BitbucketRef | null }[] };
  /** Of Bitbucket Data Center. */
  readonly changes?: readonly { readonly ref?: { readonly id?: unknown } }[];
}
interface BitbucketRef {
  readonly type?: unknown;
  readonly name?: unknown;
}

function pushedRefs(event: string, payload: Payload): readonly string[] | undefined {
  if (/^(?:push|Push Hook|Tag Push Hook)$/.test(event) || (event === 'System Hook' && /^(?:tag_)?push$/.test(String(payload.event_name)))) return strings([payload.ref]);
  if (event === 'repo:push') return strings(list(payload.push?.changes).flatMap((change) => [refOf(change.new), refOf(change.old)]));
  if (event === 'repo:refs_changed') return strings(list(payload.changes).map((change) => change.ref?.id));
  return undefined;
}

const refOf = (ref: BitbucketRef | null | undefined): string | undefined => (typeof ref?.name === 'string' ? `refs/${ref.type === 'tag' || ref.type === 'annotated_tag' ? 'tags' : 'heads'}/${ref.name}` : undefined);
const list = <T>(value: readonly T[] | undefined): readonly T[] => (Array.isArray(value) ? (value as readonly (T | null)[]).filter((item): item is T => typeof item === 'object' && item !== null) : []);
const strings = (values: readonly unknown[]): readonly string[] => [...new Set(values.filter((value) => typeof value === 'string'))];
const text = (value: string | readonly string[] | undefined): string => (typeof value === 'string' ? value : (value?.[0] ?? ''));

/** JSON, or (GitHub's other form) a form with it in the field `payload`. */
function parsePayload(type: string, body: Buffer): Payload | undefined {
  try {
    const json = type.startsWith('application/x-www-form-urlencoded') ? new URLSearchParams(body.toString()).get('payload') : body.toString();
    const value: unknown = JSON.parse(json ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
