import type { TokenReview } from '#api/generated/authentication/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { UserInfo } from '#api/transport.ts';
import { formatTime } from '#base/clock.ts';
import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { documentOutcome, type Outcome } from '../outcome.ts';
import { decodeBody } from '../verbs/decode.ts';

/** Whom does this token stand for? */
export async function reviewToken(env: Environment, call: Call): Promise<Outcome> {
  const review = decodeBody(env, call) as TokenReview & KubeObject;
  const audiences = review.spec.audiences ?? [];
  const user = await env.tokens.verify(review.spec.token ?? '', audiences.length > 0 ? audiences : undefined);
  const status = user === undefined
    ? { authenticated: false, user: {}, error: 'the token is not valid' }
    : { authenticated: true, user: userInfo(user), ...(audiences.length > 0 ? { audiences } : {}) };
  return documentOutcome({ ...review, status }, 201);
}

/** Who am I? */
export function reviewSelf(env: Environment, call: Call): Outcome {
  const metadata = { creationTimestamp: formatTime(env.clock.now()) };
  return documentOutcome({ kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1', metadata, status: { userInfo: userInfo(call.user) } }, 201);
}

const userInfo = (user: UserInfo): object =>
  ({ username: user.name, ...(user.uid ? { uid: user.uid } : {}), groups: user.groups, ...(user.extra ? { extra: user.extra } : {}) });
