import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { attributesOf, refusal } from './authorizer.ts';

/** @throws StatusError Forbidden */
export function authorize(env: Environment, call: Pick<Call, 'info' | 'user' | 'query' | 'audit'>): void {
  const attributes = attributesOf(call.info, call.user, call.query['fieldSelector']);
  const decision = env.authorizer.authorize(attributes);
  call.audit?.('authorization.k8s.io/decision', decision.isAllowed ? 'allow' : 'forbid');
  call.audit?.('authorization.k8s.io/reason', decision.reason);
  if (!decision.isAllowed) throw refusal(attributes, decision.reason);
}
