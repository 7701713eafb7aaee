import type { UserInfo } from '#api/transport.ts';
import { nodeNameOf } from './node-identity.ts';
import type { Attributes, Authorizer, Decision, StableAuthorizer } from './authorizer.ts';

/** What anyone may read, known or not: they tell nothing of the cluster's content. */
const PUBLIC_PATHS: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz', '/version', '/version/']);

type RevisedAuthorizer = Authorizer & Pick<StableAuthorizer, 'revision'>;

/** Masters may everything; a node what the node authorizer says, then roles; everybody else what roles say. */
export class UnionAuthorizer implements StableAuthorizer {
  readonly #node: Authorizer;
  readonly #rbac: RevisedAuthorizer;

  constructor(parts: { readonly node: Authorizer; readonly rbac: RevisedAuthorizer }) {
    this.#node = parts.node;
    this.#rbac = parts.rbac;
  }

  authorize(a: Attributes): Decision {
    if (a.user.groups.includes('system:masters')) return { isAllowed: true, reason: '' };
    if (!a.isResource && a.verb === 'get' && PUBLIC_PATHS.has(a.path)) return { isAllowed: true, reason: '' };
    if (nodeNameOf(a.user) === undefined) return this.#rbac.authorize(a);
    const decision = this.#node.authorize(a);
    if (decision.isAllowed) return decision;
    const byRole = this.#rbac.authorize(a);
    return byRole.isAllowed ? byRole : { isAllowed: false, reason: [decision.reason, byRole.reason].filter(Boolean).join('\n') };
  }

  get revision(): number {
    return this.#rbac.revision;
  }

  /** What a node may do follows its pods too. */
  isStable(user: UserInfo): boolean {
    return nodeNameOf(user) === undefined;
  }
}
