import type { AuditDecision } from '../audit/policy.ts';
import type { ActiveSchema } from '../flowcontrol/flow-schemas.ts';
import type { Series } from '../metrics/request-metrics.ts';

/** What is done with all requests of one user, method and meaning, while the configuration of priority and fairness stays the same. */
export interface Handling {
  readonly schema: ActiveSchema;
  /** Undefined: nothing is recorded. */
  readonly audit: AuditDecision | undefined;
  /** Not of server-side apply, which only the type of the body tells. */
  readonly series: Series;
}
