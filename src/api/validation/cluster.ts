import { validateContainerResources } from './resource-requirements.ts';
import { immutable, validateLabels } from './object-meta.ts';
import type { Problems } from './problems.ts';
import { validateTolerations } from './tolerations.ts';
import type { ControllerRevision } from '#api/generated/apps/v1.ts';
import type { Lease } from '#api/generated/coordination/v1.ts';
import type { RuntimeClass } from '#api/generated/node/v1.ts';
import { dns1123Label, qualifiedName } from '#api/names.ts';

export function validateLease(problems: Problems, { spec }: Lease): void {
  const { leaseDurationSeconds, leaseTransitions, strategy, preferredHolder } = spec ?? {};
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) problems.invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0');
  problems.atLeast('spec.leaseTransitions', leaseTransitions, 0);
  if (strategy !== undefined) problems.check('spec.strategy', strategy, qualifiedName);
  if (preferredHolder && !strategy) problems.forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined');
}

export function validateRuntimeClass(problems: Problems, runtime: RuntimeClass): void {
  problems.checkRequired('handler', runtime.handler, dns1123Label);
  if (runtime.overhead?.podFixed !== undefined) validateContainerResources(problems, 'overhead', { limits: runtime.overhead.podFixed });
  const { nodeSelector, tolerations = [] } = runtime.scheduling ?? {};
  validateLabels(problems, 'scheduling.nodeSelector', nodeSelector);
  // Kubernetes names the field twice.
  validateTolerations(problems, 'scheduling.tolerations.tolerations', tolerations);
  const known = new Set<string>();
  for (const [i, toleration] of tolerations.entries()) {
    const { key = '', operator = '', value = '', effect = '' } = toleration;
    const listKey = JSON.stringify([key, operator, value, effect]);
    if (known.has(listKey)) problems.duplicate(`scheduling.tolerations[${i}]`, toleration);
    known.add(listKey);
  }
}

export const validateRuntimeClassUpdate = (problems: Problems, now: RuntimeClass, old: RuntimeClass): void => immutable(problems, 'handler', now.handler, old.handler);

export function validateRevision(problems: Problems, { data, revision }: ControllerRevision): void {
  if (data === undefined || data === null) problems.required('data', 'data is mandatory');
  problems.atLeast('revision', revision, 0);
}

export const validateRevisionUpdate = (problems: Problems, now: ControllerRevision, old: ControllerRevision): void => immutable(problems, 'data', now.data, old.data);
