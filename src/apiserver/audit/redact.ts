import { isJsonObject, type JsonObject } from '#api/json.ts';
import type { RequestInfo } from '../request-info.ts';

const HIDDEN = '[redacted]';
/** Secrets whose content is a credential of this cluster, and under which keys. */
const TOKEN_KEYS: Readonly<Record<string, readonly string[]>> = { 'kubernetes.io/service-account-token': ['token'], 'bootstrap.kubernetes.io/token': ['token-id', 'token-secret'] };

const isSecret = ({ resource }: Extract<RequestInfo, { readonly type: 'resource' }>): boolean => resource.plural === 'secrets' && resource.group === '';

/** Whether {@link redacted} hides anything in such objects. */
export const mayHoldTokens = (info: RequestInfo): boolean => info.type === 'resource' && (info.resource.plural === 'tokenreviews' || info.subresource === 'token' || isSecret(info));

/** What may be recorded of a request's or an answer's object: no tokens, at no level. */
export function redacted(info: RequestInfo, value: unknown): unknown {
  if (!isJsonObject(value) || info.type !== 'resource') return value;
  const { resource, subresource } = info;
  if (resource.plural === 'tokenreviews') return withHidden(value, 'spec', ['token']);
  if (subresource === 'token') return withHidden(value, 'status', ['token']);
  if (isSecret(info)) {
    if (Array.isArray(value['items'])) return { ...value, items: value['items'].map((item) => secret(item)) };
    return secret(value);
  }
  return value;
}

function secret(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  const type = value['type'];
  const keys = typeof type === 'string' && Object.hasOwn(TOKEN_KEYS, type) ? TOKEN_KEYS[type] : undefined;
  return keys ? withHidden(withHidden(value, 'data', keys), 'stringData', keys) : value;
}

function withHidden(value: JsonObject, member: string, keys: readonly string[]): JsonObject {
  const inner = value[member];
  if (!isJsonObject(inner)) return value;
  const hidden = keys.filter((key) => Object.hasOwn(inner, key)).map((key) => [key, HIDDEN]);
  return { ...value, [member]: { ...inner, ...Object.fromEntries(hidden) } };
}

/** Parameters that hold a credential. */
const TOKEN_NAME = /^(?:access|id|refresh|bearer)?[_-]?token$|^authorization$/i;

/** Tokens do not belong in URLs, but people put them there. */
export function redactedUri(uri: string): string {
  const mark = uri.indexOf('?');
  if (mark < 0) return uri;
  return uri.slice(0, mark + 1) + uri.slice(mark + 1).split('&').map((pair) => {
    const end = pair.indexOf('=');
    return end > 0 && TOKEN_NAME.test(decodedName(pair.slice(0, end))) ? `${pair.slice(0, end)}=${HIDDEN}` : pair;
  }).join('&');
}

/** Names are understood however they are escaped. */
function decodedName(name: string): string {
  const [decoded = name] = new URLSearchParams(name).keys();
  return decoded;
}

/** Without `metadata.managedFields`, of an object or of a list's items. */
export function withoutManagedFields(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  if (Array.isArray(value['items'])) return { ...value, items: value['items'].map(withoutManagedFields) };
  const { metadata } = value;
  if (!isJsonObject(metadata) || metadata['managedFields'] === undefined) return value;
  const { managedFields: _, ...rest } = metadata;
  return { ...value, metadata: rest };
}
