import type { Pod } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { controllerOf } from '#api/owner-references.ts';
import { invalid } from '#api/status-error.ts';
import { NAMESPACES } from '#api/resources.ts';
import type { Environment } from '../../environment.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { reasonOf, violationsOf } from './evaluate.ts';
import type { PodSecurityConfiguration } from './configuration.ts';
import { isSameLevel, isStricter, levelText, type LevelVersion, MODES, policyOf, type PodSecurityPolicy, policyText } from './policy.ts';

/** As many pods of a namespace are looked at when its level changes. */
const MAX_PODS = 3_000;

/** Refuses labels that mean nothing, and warns of the pods that a stricter level would not let in again. @throws StatusError Invalid */
export function checkNamespace({ name, object, live, context }: AdmissionRequest, env: Environment, { defaults, exemptions }: PodSecurityConfiguration): void {
  const { policy, causes } = policyOf(object?.metadata.labels, defaults);
  const before = policyOf(live?.metadata.labels, defaults);
  const isOld = live !== undefined && JSON.stringify(before.causes) === JSON.stringify(causes);
  if (causes.length > 0 && !isOld) throw invalid(NAMESPACES, name, causes);
  const isExempt = exemptions.namespaces.has(name);
  if (isExempt && live === undefined) warnOfExemption(name, policy, defaults, context);
  if (live === undefined || isSameLevel(policy.enforce, before.policy.enforce) || policy.enforce.level === 'privileged') return;
  if (policy.enforce.minor === before.policy.enforce.minor && !isStricter(policy.enforce, before.policy.enforce)) return;
  if (isExempt) return warnOfExemption(name, policy, defaults, context);
  for (const warning of podWarnings(env, name, policy.enforce, exemptions.runtimeClasses)) context.warn(warning);
}

/** Labels that hold nobody. */
function warnOfExemption(name: string, policy: PodSecurityPolicy, defaults: PodSecurityPolicy, context: AdmissionRequest['context']): void {
  const text = policyText(policy);
  if (text !== '' && !MODES.every((mode) => isSameLevel(policy[mode], defaults[mode]))) context.warn(`namespace "${name}" is exempt from Pod Security, and the policy (${text}) will be ignored`);
}

function podWarnings(env: Environment, namespace: string, level: LevelVersion, exempt: ReadonlySet<string>): readonly string[] {
  const all = env.cache.list('pods', { namespace }).items.map((item) => item.object as Pod & KubeObject).filter(({ spec }) => spec !== undefined && !exempt.has(spec.runtimeClassName ?? ''));
  const pods = byVariety(all).slice(0, MAX_PODS);
  const groups = Map.groupBy(pods, (pod) => reasonOf(violationsOf(pod, level)));
  groups.delete('');
  return [
    ...(pods.length < all.length ? [`new PodSecurity enforce level only checked against the first ${pods.length} of ${all.length} existing pods`] : []),
    ...(groups.size > 0 ? [`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${levelText(level)}"`] : []),
    ...[...groups].map(([reason, violating]) => `${nameOf(violating)}: ${reason}`).toSorted(),
  ];
}

/** One pod of each owner first: its other pods are likely to be the same. */
function byVariety(pods: readonly (Pod & KubeObject)[]): readonly (Pod & KubeObject)[] {
  const owners = new Set<string>();
  const isFirst = (pod: KubeObject): boolean => {
    const owner = controllerOf(pod)?.uid;
    return owner === undefined || (!owners.has(owner) && Boolean(owners.add(owner)));
  };
  const { true: first = [], false: others = [] } = Object.groupBy(pods, (pod) => String(isFirst(pod)) as 'true' | 'false');
  return [...first, ...others];
}

function nameOf(pods: readonly KubeObject[]): string {
  const first = pods.map(({ metadata }) => metadata.name).toSorted()[0] ?? '';
  if (pods.length === 1) return first;
  return pods.length === 2 ? `${first} (and 1 other pod)` : `${first} (and ${pods.length - 1} other pods)`;
}
