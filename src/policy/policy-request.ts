import type { KubeObject } from '#api/object.ts';
import type { UserInfo } from '#api/transport.ts';

/** One write as an admission policy sees it. */
export interface PolicyRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly group: string;
  readonly version: string;
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
  readonly user: UserInfo;
  readonly isDryRun: boolean;
  /** The Namespace object of namespaced requests. */
  readonly namespaceObject?: KubeObject;
}

/** What a policy says of a request that it does not accept. */
export interface PolicyDecision {
  readonly action: 'Deny' | 'Warn' | 'Audit';
  readonly policy: string;
  readonly binding: string;
  readonly message: string;
  /** The Status reason: `Invalid` unless the validation names another. */
  readonly reason: string;
}
