import { dns1123Label, dns1123Subdomain } from '#api/names.ts';
import { type Functions, member } from '../cel/declarations.ts';
import { EvaluationError } from '../cel/errors.ts';
import { BOOL, opaque, STRING } from '../cel/types.ts';
import type { OpaqueValue } from '../cel/values.ts';

/** What an expression asks the cluster's authorizer. */
export interface AuthorizationQuestion {
  /** `system:serviceaccount:<namespace>:<name>`; absent asks for the user of the request. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
  /** Of questions about paths outside of the API groups; the rest is empty then. */
  readonly path?: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly verb: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

export interface AuthorizationAnswer {
  readonly allowed: boolean;
  readonly reason: string;
  /** Set when the authorizer itself failed. */
  readonly error?: string;
}

export type Authorize = (question: AuthorizationQuestion) => AuthorizationAnswer;

const PREFIX = 'kubernetes.authorization.';
export const AUTHORIZER = opaque(`${PREFIX}Authorizer`);
const PATH_CHECK = opaque(`${PREFIX}PathCheck`);
const GROUP_CHECK = opaque(`${PREFIX}GroupCheck`);
export const RESOURCE_CHECK = opaque(`${PREFIX}ResourceCheck`);
const DECISION = opaque(`${PREFIX}Decision`);

/** The authorizer with what was asked so far. */
export class AuthorizerValue implements OpaqueValue {
  readonly celType: string;
  readonly authorize: Authorize;
  readonly question: AuthorizationQuestion;

  constructor(celType: string, authorize: Authorize, question: AuthorizationQuestion) {
    this.celType = celType;
    this.authorize = authorize;
    this.question = question;
  }

  with(celType: string, change: Partial<AuthorizationQuestion>): AuthorizerValue {
    return new AuthorizerValue(celType, this.authorize, { ...this.question, ...change });
  }

  equals(other: OpaqueValue): boolean {
    return other === this;
  }
}

class DecisionValue implements OpaqueValue {
  readonly celType = DECISION.name as string;
  readonly answer: AuthorizationAnswer;
  constructor(answer: AuthorizationAnswer) {
    this.answer = answer;
  }
  equals(other: OpaqueValue): boolean {
    return other === this;
  }
}

const NOTHING: AuthorizationQuestion = { group: '', resource: '', subresource: '', namespace: '', name: '', verb: '' };

/** The variable `authorizer`. */
export const authorizerValue = (authorize: Authorize): AuthorizerValue => new AuthorizerValue(AUTHORIZER.name as string, authorize, NOTHING);
/** The variable `authorizer.requestResource`, as it is when nothing but the verb is missing. */
export const requestResourceValue = (authorize: Authorize, resource: Pick<AuthorizationQuestion, 'group' | 'resource' | 'subresource' | 'namespace' | 'name'>): AuthorizerValue =>
  new AuthorizerValue(RESOURCE_CHECK.name as string, authorize, { ...NOTHING, ...resource });

const narrow = (field: 'subresource' | 'namespace' | 'name' | 'fieldSelector' | 'labelSelector') =>
  [member([RESOURCE_CHECK, STRING], RESOURCE_CHECK, (value: AuthorizerValue, text: string) => value.with(value.celType, { [field]: text }))];
const check = (value: AuthorizerValue, verb: string): DecisionValue => new DecisionValue(value.authorize({ ...value.question, verb }));

function ofAccount(value: AuthorizerValue, namespace: string, name: string): AuthorizerValue {
  if (dns1123Subdomain(name).length > 0) throw new EvaluationError('Invalid service account name');
  if (dns1123Label(namespace).length > 0) throw new EvaluationError('Invalid service account namespace');
  return value.with(value.celType, { serviceAccount: { namespace, name } });
}

export const AUTHORIZATION: Functions = {
  serviceAccount: [member([AUTHORIZER, STRING, STRING], AUTHORIZER, ofAccount)],
  path: [member([AUTHORIZER, STRING], PATH_CHECK, (value: AuthorizerValue, path: string) => value.with(PATH_CHECK.name as string, { path }))],
  group: [member([AUTHORIZER, STRING], GROUP_CHECK, (value: AuthorizerValue, group: string) => value.with(GROUP_CHECK.name as string, { group }))],
  resource: [member([GROUP_CHECK, STRING], RESOURCE_CHECK, (value: AuthorizerValue, resource: string) => value.with(RESOURCE_CHECK.name as string, { resource }))],
  subresource: narrow('subresource'),
  namespace: narrow('namespace'),
  name: narrow('name'),
  fieldSelector: narrow('fieldSelector'),
  labelSelector: narrow('labelSelector'),
  check: [member([PATH_CHECK, STRING], DECISION, check), member([RESOURCE_CHECK, STRING], DECISION, check)],
  allowed: [member([DECISION], BOOL, ({ answer }: DecisionValue) => answer.allowed)],
  reason: [member([DECISION], STRING, ({ answer }: DecisionValue) => answer.reason)],
  errored: [member([DECISION], BOOL, ({ answer }: DecisionValue) => answer.error !== undefined)],
  error: [member([DECISION], STRING, ({ answer }: DecisionValue) => answer.error ?? '')],
};
