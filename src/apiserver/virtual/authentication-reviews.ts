import type { TokenReview } from '#api/generated/authentication/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { badRequest } from '#api/status-error.ts';
import type { UserInfo } from '#api/transport.ts';
import { formatTime } from '#base/clock.ts';
import { ISSUER, type Refused, type Verified } from '../authn/service-account-tokens.ts';
import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { documentOutcome, type Outcome } from '../outcome.ts';
import { decodeBody } from '../verbs/decode.ts';
import { admitReview } from './admit-review.ts';

const UNKNOWN = 'invalid bearer token';

/** Whom does this token stand for? */
export async function reviewToken(env: Environment, call: Call): Promise<Outcome> {
  const review = await admitReview(env, call, decodeBody(env, call) as TokenReview & KubeObject, requireToken);
  const { token = '', audiences = [] } = review.spec;
  const wanted = audiences.length > 0 ? audiences : [ISSUER];
  const found = (await env.tokens.review(token, wanted)) ?? (wanted.includes(ISSUER) ? await otherToken(env, token) : undefined);
  const status = found === undefined || 'why' in found
    ? { authenticated: false, user: {}, error: found === undefined ? UNKNOWN : `[${UNKNOWN}, ${found.why}]` }
    : { authenticated: true, user: userInfo(found.user), audiences: found.audiences };
  return documentOutcome({ ...review, status }, 201);
}

function requireToken({ spec }: TokenReview): void {
  if (!spec?.token) throw badRequest('token is required for TokenReview in authentication');
}

/** Tokens that are no service account's are for the API server only. */
async function otherToken(env: Environment, token: string): Promise<Verified | Refused | undefined> {
  const user = await env.authenticator.identify(token);
  if (user) return { user, audiences: [ISSUER] };
  const why = await env.authenticator.whyRefused(token);
  return why === undefined ? undefined : { why };
}

/** Who am I? */
export async function reviewSelf(env: Environment, call: Call): Promise<Outcome> {
  if (call.body !== undefined && call.body !== null) await admitReview(env, call, decodeBody(env, call));
  const metadata = { creationTimestamp: formatTime(env.clock.now()) };
  return documentOutcome({ kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1', metadata, status: { userInfo: userInfo(call.user) } }, 201);
}

const userInfo = (user: UserInfo): object =>
  ({ username: user.name, ...(user.uid ? { uid: user.uid } : {}), groups: user.groups, ...(user.extra ? { extra: user.extra } : {}) });
