import type { Secret, ServiceAccount } from '#api/generated/core/v1.ts';

export const LAST_USED = 'kubernetes.io/legacy-token-last-used';
export const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since';

const UID = 'kubernetes.io/service-account.uid';

const DAY_MS = 86_400_000;
/** Kubernetes' default: a token that was not used for so long is made invalid, and one that was invalid for so long is deleted. */
const UNUSED_DAYS = 365;
const DAY = /^\d{4}-\d\d-\d\d$/;

export interface TokenState {
  readonly secret: Secret;
  readonly account: ServiceAccount | undefined;
  /** The day since when uses are written down; undefined: nobody knows. */
  readonly trackedSince: string | undefined;
  /** A pod needs the secret. */
  readonly isNeeded: boolean;
  readonly nowMs: number;
}

export type TokenFate = { readonly type: 'keep' } | { readonly type: 'invalidate'; readonly day: string } | { readonly type: 'delete' };

const KEEP: TokenFate = { type: 'keep' };
/** Days are those of UTC; as texts they compare as they follow. */
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const isDay = (text: string | undefined): text is string => text !== undefined && DAY.test(text) && !Number.isNaN(Date.parse(text)) && dayOf(Date.parse(text)) === text;
const isBefore = (day: string | undefined, limit: string): boolean => isDay(day) && day < limit;

/** Whether the token is old enough, and unused for long enough, that the rest is worth asking for. */
export function mayBeUnused({ metadata: { creationTimestamp = '', labels } }: Secret, nowMs: number): boolean {
  const limitMs = nowMs - UNUSED_DAYS * DAY_MS;
  const lastUsed = labels?.[LAST_USED];
  return Date.parse(creationTimestamp) < limitMs && (lastUsed === undefined || isBefore(lastUsed, dayOf(limitMs)));
}

/** Only tokens that were made together with their account, which lists them, are anybody's but their maker's. */
export function fateOf({ secret, account, trackedSince, isNeeded, nowMs }: TokenState): TokenFate {
  const limit = dayOf(nowMs - UNUSED_DAYS * DAY_MS);
  const isAccount = (secret.metadata.annotations?.[UID] || account?.metadata.uid) === account?.metadata.uid;
  const isListed = isAccount && account?.secrets?.some(({ name }) => name === secret.metadata.name) === true;
  if (!mayBeUnused(secret, nowMs) || !isBefore(trackedSince, limit) || !isListed || isNeeded) return KEEP;
  const invalidSince = secret.metadata.labels?.[INVALID_SINCE];
  if (!isDay(invalidSince)) return { type: 'invalidate', day: dayOf(nowMs) };
  return isBefore(invalidSince, limit) ? { type: 'delete' } : KEEP;
}
