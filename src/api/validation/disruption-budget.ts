import type { Problems } from './problems.ts';
import { validateSelector } from './selector.ts';
import { validateShare } from './shares.ts';
import { validateStatusConditions } from './status/conditions.ts';
import type { PodDisruptionBudget } from '#api/generated/policy/v1.ts';

export function validateDisruptionBudget(problems: Problems, { spec = {} }: PodDisruptionBudget): void {
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) problems.invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set');
  for (const name of ['minAvailable', 'maxUnavailable'] as const) validateShare(problems, `spec.${name}`, spec[name], { isAtMostAll: true });
  validateSelector(problems, 'spec.selector', spec.selector);
  const policy = spec.unhealthyPodEvictionPolicy;
  if (policy !== undefined && !['AlwaysAllow', 'IfHealthyBudget'].includes(policy)) problems.notSupported('spec.unhealthyPodEvictionPolicy', policy, ['AlwaysAllow', 'IfHealthyBudget']);
}

export function validateDisruptionBudgetStatus(problems: Problems, { status }: PodDisruptionBudget): void {
  validateStatusConditions(problems, 'status.conditions', status?.conditions);
  for (const name of ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const) problems.atLeast(`status.${name}`, status?.[name], 0);
}
