import { BASELINE, BASELINE_ONLY } from './baseline.ts';
import type { Check, PodShape, Violation } from './check.ts';
import type { Level, LevelVersion } from './policy.ts';
import { RESTRICTED } from './restricted.ts';

/** The newest minor version whose checks are here: `latest`, and what is newer still, means it. */
const NEWEST_MINOR = 36;

const CHECKS: Readonly<Record<Level, readonly Check[]>> = { privileged: [], baseline: [...BASELINE, ...BASELINE_ONLY], restricted: [...BASELINE, ...RESTRICTED] };

/** All that a pod does against a level. */
export function violationsOf(pod: PodShape, { level, minor }: LevelVersion): readonly Violation[] {
  const meant = Math.min(minor, NEWEST_MINOR);
  return CHECKS[level].filter(({ since, until = Infinity }) => since <= meant && meant < until).map((check) => check.find(pod, meant)).filter((found) => found !== undefined);
}

/** `privileged (container "c" must not set securityContext.privileged=true), hostPort (...)`. */
export const detailOf = (violations: readonly Violation[]): string => violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
/** `privileged, hostPort`. */
export const reasonOf = (violations: readonly Violation[]): string => violations.map(({ reason }) => reason).join(', ');
