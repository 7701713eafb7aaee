import { BASELINE } from './baseline.ts';
import type { Check, PodShape, Violation } from './check.ts';
import type { Level, LevelVersion } from './policy.ts';
import { RESTRICTED } from './restricted.ts';

/** The newest minor version whose checks are here: `latest`, and what is newer still, means it. */
const NEWEST_MINOR = 36;

/** All that a pod does against a level. */
export function violationsOf(pod: PodShape, { level, minor }: LevelVersion): readonly Violation[] {
  const meant = Math.min(minor, NEWEST_MINOR);
  return checksOf(level, meant).map((check) => check.find(pod, meant)).filter((found) => found !== undefined);
}

function checksOf(level: Level, minor: number): readonly Check[] {
  const inForce = (checks: readonly Check[]): readonly Check[] => checks.filter(({ since, until = Infinity }) => since <= minor && minor < until);
  if (level !== 'restricted') return level === 'baseline' ? inForce(BASELINE) : [];
  const restricted = inForce(RESTRICTED);
  const overridden = new Set(restricted.flatMap(({ overrides = [] }) => overrides));
  return [...inForce(BASELINE).filter((check) => !overridden.has(check)), ...restricted];
}

/** `privileged (container "c" must not set securityContext.privileged=true), hostPort (...)`. */
export const detailOf = (violations: readonly Violation[]): string => violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
/** `privileged, hostPort`. */
export const reasonOf = (violations: readonly Violation[]): string => violations.map(({ reason }) => reason).join(', ');
