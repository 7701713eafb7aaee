import type { StatusCause } from '#api/generated/meta/v1.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';
export type Mode = 'enforce' | 'audit' | 'warn';

/** A level as one minor version of Kubernetes meant it. */
export interface LevelVersion {
  readonly level: Level;
  /** Minor version; `Infinity` for `latest`. */
  readonly minor: number;
}

export type PodSecurityPolicy = Readonly<Record<Mode, LevelVersion>>;
export interface ParsedPolicy {
  readonly policy: PodSecurityPolicy;
  /** What is wrong with the labels; the policy is then the strict one where it is enforced, and none where it only tells. */
  readonly causes: readonly StatusCause[];
}

const PREFIX = 'pod-security.kubernetes.io/';
const STRICTNESS: Readonly<Record<Level, number>> = { privileged: 0, baseline: 1, restricted: 2 };
const VERSION = /^v1\.(0|[1-9]\d*)$/;
const FREE: LevelVersion = { level: 'privileged', minor: Infinity };
const UNLIMITED: ParsedPolicy = { policy: { enforce: FREE, audit: FREE, warn: FREE }, causes: [] };

/** The policy of a namespace with these labels. */
export function policyOf(labels: Readonly<Record<string, string>> | undefined): ParsedPolicy {
  let isNamed = false;
  for (const key in labels) if (key.startsWith(PREFIX)) isNamed = true;
  if (labels === undefined || !isNamed) return UNLIMITED;
  const causes: StatusCause[] = [];
  const parse = (mode: Mode): LevelVersion => ({ level: levelOf(labels, mode, causes), minor: minorOf(labels, mode, causes) });
  const enforce = parse('enforce');
  const isEnforceWrong = causes.length > 0;
  const [audit, warn] = [parse('audit'), parse('warn')];
  // Who enforces a level and says nothing of warnings is warned of it: templates are not refused.
  const isWarnImplied = labels[`${PREFIX}warn`] === undefined && !isEnforceWrong && isStricter(enforce, warn);
  const implied = { level: enforce.level, minor: labels[`${PREFIX}warn-version`] === undefined ? enforce.minor : warn.minor };
  return { policy: { enforce, audit, warn: isWarnImplied ? implied : warn }, causes };
}

function levelOf(labels: Readonly<Record<string, string>>, mode: Mode, causes: StatusCause[]): Level {
  const text = labels[PREFIX + mode];
  if (text === undefined) return 'privileged';
  if (Object.hasOwn(STRICTNESS, text)) return text as Level;
  causes.push(cause(PREFIX + mode, text, 'must be one of privileged, baseline, restricted'));
  return mode === 'enforce' ? 'restricted' : 'privileged';
}

function minorOf(labels: Readonly<Record<string, string>>, mode: Mode, causes: StatusCause[]): number {
  const key = `${PREFIX}${mode}-version`;
  const text = labels[key];
  if (text === undefined || text === 'latest') return Infinity;
  const match = VERSION.exec(text);
  if (match === null) causes.push(cause(key, text, 'must be "latest" or "v1.x"'));
  return match === null ? Infinity : Number(match[1]);
}

const cause = (key: string, value: string, why: string): StatusCause =>
  ({ reason: 'FieldValueInvalid', field: `metadata.labels[${key}]`, message: `Invalid value: ${JSON.stringify(value)}: ${why}` });

/** `restricted:latest`. */
export const levelText = ({ level, minor }: LevelVersion): string => `${level}:${minor === Infinity ? 'latest' : `v1.${minor}`}`;
export const isStricter = (a: LevelVersion, b: LevelVersion): boolean => STRICTNESS[a.level] > STRICTNESS[b.level];
export const isSameLevel = (a: LevelVersion, b: LevelVersion): boolean => a.level === b.level && a.minor === b.minor;
