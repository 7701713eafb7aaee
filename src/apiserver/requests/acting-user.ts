import type { UserInfo } from '#api/transport.ts';
import { actAs, type Impersonation } from '../authn/act-as.ts';
import type { WantedUser } from '../authn/impersonation.ts';
import { attributesOf } from '../authz/authorizer.ts';
import type { Environment } from '../environment.ts';
import type { RequestInfo } from '../request-info.ts';
import type { ActiveRequest } from './active-request.ts';

export interface Asked {
  readonly authenticated: UserInfo;
  readonly info: RequestInfo;
  readonly query: Readonly<Record<string, string>>;
  /** Absent: whoever asks acts for himself. */
  readonly wanted: WantedUser | undefined;
  readonly isOverHttps: boolean;
}

/** Who a request acts as. Who may not act as the other is recorded as himself. @throws StatusError Forbidden */
export function actingUser(env: Environment, request: ActiveRequest, { authenticated, info, query, wanted, isOverHttps }: Asked): Impersonation {
  if (wanted === undefined) return { user: authenticated };
  try {
    const { impersonations } = env.requests;
    return impersonations.attempt(() => actAs(impersonations.counting(env.authorizer), attributesOf(info, authenticated, query['fieldSelector']), wanted));
  } catch (error) {
    // Names that clients may make up are not counted.
    if (info.type === 'path' || !info.unserved) env.requests.identified(request, { authenticated, user: authenticated, info }, isOverHttps);
    throw error;
  }
}
