import type { Problems } from '../problems.ts';
import type { Condition } from '#api/generated/meta/v1.ts';
import { qualifiedName } from '#api/names.ts';

const STATUSES = ['False', 'True', 'Unknown'];
const REASON = /^[A-Za-z](?:[A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;
const BAD_REASON = "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')";
const MAX_REASON = 1024;
const MAX_MESSAGE = 32 * 1024;

/** Conditions of the form that kinds share (`metav1.Condition`); older kinds have laxer ones of their own. */
export function validateStatusConditions(problems: Problems, path: string, conditions: readonly Condition[] | undefined): void {
  problems.unique((i) => `${path}[${i}].type`, (conditions ?? []).map(({ type }) => type));
  for (const [i, condition] of (conditions ?? []).entries()) validateCondition(problems, `${path}[${i}]`, condition);
}

function validateCondition(problems: Problems, field: string, { type, status, observedGeneration, lastTransitionTime, reason, message }: Condition): void {
  problems.check(`${field}.type`, type, qualifiedName);
  if (!STATUSES.includes(status)) problems.notSupported(`${field}.status`, status, STATUSES);
  if (observedGeneration !== undefined && observedGeneration < 0) problems.invalid(`${field}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero');
  if (!lastTransitionTime) problems.required(`${field}.lastTransitionTime`);
  if (!reason) problems.required(`${field}.reason`);
  else {
    if (!REASON.test(reason)) problems.invalid(`${field}.reason`, reason, BAD_REASON);
    if (reason.length > MAX_REASON) problems.tooLong(`${field}.reason`, MAX_REASON);
  }
  if ((message ?? '').length > MAX_MESSAGE) problems.tooLong(`${field}.message`, MAX_MESSAGE);
}
