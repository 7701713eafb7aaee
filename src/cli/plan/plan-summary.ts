import { amount } from '#base/amount.ts';
import type { ApplicationChange, ChangePlan, ObjectAction, PolicyFailure } from '#sync/offline/change-plan.ts';
import { UsageError } from '../usage-error.ts';

export interface PlanSummary {
  readonly objects: Readonly<Record<ObjectAction, number>>;
  readonly applications: { readonly changed: number; readonly unchanged: number };
  readonly restarts: { readonly workloads: number; /** Those of DaemonSets not counted. */ readonly pods: number };
  /** Denials only. */
  readonly policies: number;
  readonly errors: number;
}

export function summarizePlan({ applications, unchanged }: ChangePlan): PlanSummary {
  const objects = applications.flatMap((application) => application.objects);
  const count = (action: ObjectAction): number => objects.filter((object) => object.action === action).length;
  const restarts = applications.flatMap((application) => application.restarts).filter(({ how }) => how === 'replaced' || how === 'recreated');
  return {
    objects: { create: count('create'), update: count('update'), prune: count('prune'), keep: count('keep'), run: count('run') }, applications: { changed: applications.length, unchanged },
    restarts: { workloads: restarts.length, pods: restarts.reduce((sum, { pods = 0 }) => sum + pods, 0) },
    policies: applications.flatMap(({ policies }) => policies).filter(isDenial).length, errors: applications.reduce((sum, { errors }) => sum + errors.length, 0),
  };
}

export const isDenial = ({ action }: PolicyFailure): boolean => action === 'Deny';

/** One refusal, and the last good state stays. */
export const refusesAll = ({ errors, policies }: ApplicationChange): boolean => errors.length > 0 || policies.some(isDenial);

/** `3 objects created, 1 changed`: in one line, the worst last. */
export function summaryLine(plan: ChangePlan): string {
  const { objects, applications, restarts, policies, errors } = summarizePlan(plan);
  if (applications.changed === 0) return `Nothing changes: ${amount(applications.unchanged, 'application')} as before.`;
  const parts = [
    `${amount(objects.create, 'object')} created, ${objects.update} changed, ${objects.prune} pruned${objects.keep > 0 ? `, ${objects.keep} kept` : ''}${objects.run > 0 ? `, ${amount(objects.run, 'hook')} ${objects.run === 1 ? 'runs' : 'run'}` : ''} in ${amount(applications.changed, 'application')} (${applications.unchanged} unchanged)`,
    restarts.workloads > 0 ? `${amount(restarts.workloads, 'workload')} (${amount(restarts.pods, 'pod')}) ${restarts.workloads === 1 ? 'restarts' : 'restart'}` : 'no restarts',
    ...(policies > 0 ? [amount(policies, 'policy denial')] : []), ...(errors > 0 ? [amount(errors, 'error')] : []),
  ];
  return `${parts.join('; ')}.`;
}

const CAUSES = ['delete', 'policy', 'error'] as const;
export type FailureCause = (typeof CAUSES)[number];

/** @throws UsageError */
export function parseFailOn(text: string): ReadonlySet<FailureCause> {
  const causes = text.split(',').map((cause) => cause.trim()).filter((cause) => cause !== '');
  const wrong = causes.find((cause) => !(CAUSES as readonly string[]).includes(cause));
  if (wrong !== undefined) throw new UsageError(`--fail-on ${text}: ${JSON.stringify(wrong)} is none of ${CAUSES.join(', ')}`);
  return new Set(causes as FailureCause[]);
}

/** 2 for what the caller calls a failure, 1 for changes when asked for, else 0. */
export function exitCodeOf(plan: ChangePlan, { failOn, tellsChanges }: { readonly failOn: ReadonlySet<FailureCause>; readonly tellsChanges: boolean }): 0 | 1 | 2 {
  const { objects, policies, errors, applications } = summarizePlan(plan);
  const counts: Readonly<Record<FailureCause, number>> = { delete: objects.prune, policy: policies, error: errors };
  if (CAUSES.some((cause) => failOn.has(cause) && counts[cause] > 0)) return 2;
  return tellsChanges && applications.changed > 0 ? 1 : 0;
}
