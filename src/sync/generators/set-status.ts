import type { ApplicationSet, ApplicationSetStatus } from '#api/headway/v1/types.ts';
import { CONFIRM_DELETION_ANNOTATION } from '#api/headway/v1/types.ts';
import { withCondition } from '#controller/conditions.ts';
import type { GeneratorError } from './errors.ts';
import type { SetPlan } from './set-plan.ts';

export interface ReadyState {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

const MAX_MESSAGE = 1024;

/** The outcome of a plan. `refused`: what the API said against some of the Applications. */
export function readyAfter({ apply, errors, pending }: SetPlan, refused: readonly string[]): ReadyState {
  if (errors.length > 0) return { status: 'False', reason: 'TemplateInvalid', message: errors.join('; ') };
  if (refused.length > 0) return { status: 'False', reason: 'Refused', message: refused.join('; ') };
  if (pending) {
    const message = `${pending.deletions.length} Applications would be deleted, ${apply.length === 0 ? 'and none be left' : 'more than spec.deletion.limit'}: set annotation ${CONFIRM_DELETION_ANNOTATION} to ${pending.revision} to have it so`;
    return { status: 'False', reason: 'DeletionPending', message };
  }
  return { status: 'True', reason: 'Generated', message: `${apply.length} Applications` };
}

export const readyAfterError = ({ data, message }: GeneratorError): ReadyState => ({ status: 'False', reason: data.reason, message: `${message}; nothing is changed` });

export function statusOf({ metadata, status = {} }: ApplicationSet, ready: ReadyState, now: string, plan?: SetPlan): ApplicationSetStatus {
  const { pending: _before, ...rest } = status;
  return {
    ...(plan ? { ...rest, applications: plan.apply.map((one) => one.metadata.name ?? '').toSorted(), ...(plan.pending ? { pending: plan.pending } : {}) } : status),
    observedGeneration: metadata.generation,
    conditions: withCondition(status.conditions, { type: 'Ready', ...ready, message: ready.message.slice(0, MAX_MESSAGE), lastTransitionTime: now, observedGeneration: metadata.generation }),
  };
}
