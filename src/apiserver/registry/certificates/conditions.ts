import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '#api/generated/certificates/v1.ts';
import { Problems } from '#api/validation/problems.ts';
import { isEqual } from '../../storage/equality.ts';

type Conditions = readonly CertificateSigningRequestCondition[];
const DECISIONS = ['Approved', 'Denied'] as const;
const FINAL: readonly string[] = [...DECISIONS, 'Failed'];
const FIELD = 'status.conditions';

/** New conditions get the time; one whose status is as before keeps when it came to be. */
export function stampConditions(conditions: Conditions, before: Conditions, now: string): Conditions {
  return conditions.map((c) => {
    const old = before.find((b) => b.type === c.type && b.status === c.status);
    return { ...c, lastUpdateTime: c.lastUpdateTime ?? now, lastTransitionTime: c.lastTransitionTime ?? old?.lastTransitionTime ?? now };
  });
}

/** A writer of the status cannot word a decision anew: of as many as there were each stays as it was, in its turn. */
export function withDecisions(conditions: Conditions, before: Conditions): Conditions {
  let result = conditions;
  for (const type of DECISIONS) {
    const kept = before.filter((c) => c.type === type);
    if (kept.length === result.filter((c) => c.type === type).length) result = result.map((c) => (c.type === type ? (kept.shift() ?? c) : c));
  }
  return result;
}

/** What the stored conditions break already may stay. */
export function validateConditions(problems: Problems, conditions: Conditions, before: Conditions): void {
  const had = new Set(before.map(({ type }) => type ?? ''));
  const mayRepeat = had.size < before.length;
  const mayContradict = DECISIONS.every((decision) => had.has(decision));
  const seen = new Set<string>();
  for (const [i, { type = '', status }] of conditions.entries()) {
    const field = `${FIELD}[${i}]`;
    if (type === '' && !had.has('')) problems.required(`${field}.type`);
    if (FINAL.includes(type)) problems.oneOf(`${field}.status`, status, ['True']);
    else problems.oneOf(`${field}.status`, status, ['True', 'False', 'Unknown']);
    const other = type === 'Approved' ? 'Denied' : 'Approved';
    if (!mayContradict && (DECISIONS as readonly string[]).includes(type) && seen.has(other)) problems.invalid(FIELD, type, 'Approved and Denied conditions are mutually exclusive');
    if (!mayRepeat && seen.has(type)) problems.duplicate(`${field}.type`, type);
    seen.add(type);
  }
}

/** A decision stays; only the subresource `approval` makes one. */
export function validateConditionsUpdate(problems: Problems, request: CertificateSigningRequest, old: CertificateSigningRequest, mayDecide: boolean): void {
  for (const type of FINAL) {
    if (conditionsOf(request, type).length < conditionsOf(old, type).length) problems.forbidden(FIELD, `updates may not remove a condition of type ${JSON.stringify(type)}`);
  }
  if (mayDecide) return;
  for (const type of DECISIONS) {
    const before = conditionsOf(old, type);
    const after = conditionsOf(request, type);
    if (after.length < before.length) continue;
    if (after.length > before.length) problems.forbidden(FIELD, `updates may not add a condition of type ${JSON.stringify(type)}`);
    else if (!isEqual(before, after)) problems.forbidden(FIELD, `updates may not modify a condition of type ${JSON.stringify(type)}`);
  }
}

export const conditionsOf = (request: CertificateSigningRequest, type: string): Conditions => (request.status?.conditions ?? []).filter((c) => c.type === type);
