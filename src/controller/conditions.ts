/** What the condition types of all kinds have together. */
export interface AnyCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly lastTransitionTime?: string | undefined;
}

export const findCondition = <C extends AnyCondition>(conditions: readonly C[] | undefined, type: string): C | undefined => conditions?.find((c) => c.type === type);
export const isConditionTrue = (conditions: readonly AnyCondition[] | undefined, type: string): boolean => findCondition(conditions, type)?.status === 'True';

/**
 * The conditions with `next` in the place of its type, or at the end. The transition time changes only with the status, and
 * when status, reason and message are the same, nothing does: the very same array is returned.
 */
export function withCondition<C extends AnyCondition>(conditions: readonly C[] | undefined, next: C): readonly C[] {
  const present = findCondition(conditions, next.type);
  if (!conditions || !present) return [...(conditions ?? []), next];
  if (present.status === next.status && isSameText(present.reason, next.reason) && isSameText(present.message, next.message)) return conditions;
  const kept = present.status === next.status ? { ...next, lastTransitionTime: present.lastTransitionTime ?? next.lastTransitionTime } : next;
  return conditions.map((c) => (c.type === next.type ? kept : c));
}

/** The API leaves empty texts out. */
const isSameText = (a = '', b = ''): boolean => a === b;

export const withoutCondition = <C extends AnyCondition>(conditions: readonly C[] | undefined, type: string): readonly C[] => (conditions ?? []).filter((c) => c.type !== type);
