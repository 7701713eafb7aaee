import type { Job, PodFailurePolicyRule } from '#api/generated/batch/v1.ts';
import type { ContainerStatus, Pod } from '#api/generated/core/v1.ts';

export interface PolicyVerdict {
  readonly action: PodFailurePolicyRule['action'];
  readonly message: string;
}

/** The first rule of the Job's policy that matches the failed pod; undefined counts it as any failure. */
export function failurePolicyVerdict(job: Job, pod: Pod): PolicyVerdict | undefined {
  for (const [index, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const why = exitCodeMatch(rule, pod) ?? conditionMatch(rule, pod);
    if (why) return { action: rule.action, message: `${why} matching ${rule.action} rule at index ${index}` };
  }
  return undefined;
}

function exitCodeMatch({ onExitCodes }: PodFailurePolicyRule, pod: Pod): string | undefined {
  if (!onExitCodes) return undefined;
  const { containerName, operator, values } = onExitCodes;
  const matches = (c: ContainerStatus): boolean => {
    const code = c.state?.terminated?.exitCode;
    if (code === undefined || code === 0 || (containerName !== undefined && c.name !== containerName)) return false;
    return values.includes(code) === (operator === 'In');
  };
  const found = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find(matches);
  return found && `Container ${found.name} for pod ${pod.metadata.namespace}/${pod.metadata.name} failed with exit code ${found.state?.terminated?.exitCode}`;
}

function conditionMatch({ onPodConditions = [] }: PodFailurePolicyRule, pod: Pod): string | undefined {
  const found = pod.status?.conditions?.find((c) => onPodConditions.some((p) => p.type === c.type && (p.status ?? 'True') === c.status));
  return found && `Pod ${pod.metadata.namespace}/${pod.metadata.name} has condition ${found.type}`;
}
