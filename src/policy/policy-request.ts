import type { KubeObject } from '#api/object.ts';
import type { UserInfo } from '#api/transport.ts';
import type { Authorize } from './library/authorizer.ts';

/** One write as an admission policy sees it. */
export interface PolicyRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly group: string;
  readonly version: string;
  /** The version that the client named, when the objects are shown in another. */
  readonly requestVersion?: string;
  /** Other versions in which the resource is served; rules that name one match too unless the match policy is `Exact`. */
  readonly otherVersions?: () => readonly string[];
  /** Plural, with the subresource behind a slash: `pods`, `deployments/scale`. */
  readonly resource: string;
  readonly kind: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  /** Absent on DELETE. */
  readonly object?: KubeObject;
  /** Absent on CREATE. */
  readonly oldObject?: KubeObject;
  /** `CreateOptions` and the like. */
  readonly options?: object | null;
  readonly user: UserInfo;
  readonly isDryRun: boolean;
  /** The Namespace object of namespaced requests. */
  readonly namespaceObject?: KubeObject;
  /** Answers what expressions ask of `authorizer`; without it they have no such variable. */
  readonly authorize?: Authorize;
  /** Takes the values of audit annotations; without it they are computed only to learn whether they fail. */
  readonly audit?: ((key: string, value: string) => void) | undefined;
}

export type PolicyAction = 'Deny' | 'Warn' | 'Audit';

/** What a policy says of a request that it does not accept. */
export interface PolicyDecision {
  readonly action: PolicyAction;
  readonly policy: string;
  readonly binding: string;
  /** The whole sentence that the client reads. */
  readonly message: string;
  /** What the validation itself says. */
  readonly detail: string;
  /** The Status reason: `Invalid` unless the validation names another. */
  readonly reason: string;
  /** Index of the validation. */
  readonly index: number;
  readonly actions: readonly PolicyAction[];
}
