import { notFound, unserved } from '#api/status-error.ts';
import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import type { RequestInfo, ResourceInfo } from '../request-info.ts';
import { type Attributes, attributesOf, type Decision, refusal } from './authorizer.ts';

/** A call, or what is asked for on a path. */
type Asked = Pick<Call, 'user' | 'query' | 'audit'> & { readonly info: RequestInfo };

/** `known` is what the authorizer says of exactly this call, when it has been asked. @throws StatusError Forbidden */
export function authorize(env: Environment, call: Asked, known?: Decision): void {
  const decision = known ?? env.authorizer.authorize(attributesIn(call));
  call.audit?.('authorization.k8s.io/decision', decision.isAllowed ? 'allow' : 'forbid');
  call.audit?.('authorization.k8s.io/reason', decision.reason);
  if (!decision.isAllowed) throw refusal(attributesIn(call), decision.reason);
}

/** Who may not ask for it is not told that nothing is served there. @throws StatusError Forbidden, NotFound */
export function refuseUnserved(env: Environment, call: Asked): never {
  authorize(env, call);
  const { info } = call;
  throw info.type === 'resource' && isOfCustom(env, info) ? notFound(info.resource, info.name) : unserved();
}

/** Below a custom resource there is no path but only subresources, one of which it does not have. */
function isOfCustom({ scheme }: Environment, { resource: { group, version, plural }, namespace, subresource }: ResourceInfo): boolean {
  const resource = subresource === '' ? undefined : scheme.byPlural(group, version, plural);
  return resource?.custom !== undefined && resource.namespaced === (namespace !== '');
}

/** A write of what is not there yet makes it, which is a right of its own. @throws StatusError Forbidden */
export const authorizeCreation = (env: Environment, { info, user }: Pick<Call, 'info' | 'user'>): void => authorize(env, { info: { ...info, verb: 'create' }, user, query: {} });

const attributesIn = ({ info, user, query }: Asked): Attributes => attributesOf(info, user, query['fieldSelector']);
