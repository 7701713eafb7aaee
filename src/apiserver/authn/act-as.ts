import type { UserInfo } from '#api/transport.ts';
import { type Attributes, type Authorizer, refusal } from '../authz/authorizer.ts';
import type { WantedUser } from './impersonation.ts';
import { groupsOf, type ImpersonationMode, MODES, type Right, rightsFor } from './impersonation-modes.ts';

export interface Impersonation {
  readonly user: UserInfo;
  /** The verb that allowed it, when that was one of those for single requests; for the audit log. */
  readonly constraint?: string;
}

/**
 * Who a request acts as. A mode takes a right for the request at hand (`impersonate-on:<mode>:<verb>`) and one for each part of the user
 * (`impersonate:<mode>`); the old `impersonate` comes last, and is for all requests. The first mode that allows it counts, and of several refusals the first is told.
 *
 * @throws StatusError Forbidden
 */
export function actAs(authorizer: Authorizer, asked: Attributes, wanted: WantedUser): Impersonation {
  let first: Error | undefined;
  for (const mode of MODES) {
    if (!mode.fits(wanted, asked.user)) continue;
    const refused = refusalOf(authorizer, asked, mode, wanted);
    if (refused === undefined) return impersonation(mode, wanted);
    first ??= refused;
  }
  throw first;
}

function refusalOf(authorizer: Authorizer, asked: Attributes, mode: ImpersonationMode, wanted: WantedUser): Error | undefined {
  const check = (attributes: Attributes): Error | undefined => {
    const { isAllowed, reason } = authorizer.authorize(attributes);
    return isAllowed ? undefined : refusal(attributes, reason);
  };
  if (mode.name !== undefined) {
    const refused = check({ ...asked, verb: `impersonate-on:${mode.name}:${asked.verb}` });
    if (refused) return refused;
  }
  const complete = (right: Right): Attributes => ({ ...right, user: asked.user, isResource: true, path: '' });
  for (const { each, all, never } of rightsFor(mode, wanted)) {
    if (never) return refusal(complete(never.right), never.reason);
    if (all && authorizer.authorize(complete(all)).isAllowed) continue;
    for (const right of each) {
      const refused = check(complete(right));
      if (refused) return refused;
    }
  }
  return undefined;
}

function impersonation(mode: ImpersonationMode, wanted: WantedUser): Impersonation {
  const { name, uid, extra } = wanted;
  const user = { name, groups: groupsOf(mode, wanted), ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) };
  return mode.name === undefined ? { user } : { user, constraint: `impersonate:${mode.name}` };
}
