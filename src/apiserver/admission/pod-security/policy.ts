import type { StatusCause } from '#api/generated/meta/v1.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';
export const MODES = ['enforce', 'audit', 'warn'] as const;
export type Mode = (typeof MODES)[number];

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
export const UNLIMITED: PodSecurityPolicy = { enforce: FREE, audit: FREE, warn: FREE };

/** The policy of a namespace with these labels; `defaults` holds where they say nothing. */
export function policyOf(labels: Readonly<Record<string, string>> | undefined, defaults = UNLIMITED): ParsedPolicy {
  let isNamed = false;
  for (const key in labels) if (key.startsWith(PREFIX)) isNamed = true;
  if (labels === undefined || !isNamed) return { policy: defaults, causes: [] };
  const causes: StatusCause[] = [];
  const parse = (mode: Mode): LevelVersion => ({ level: levelOf(labels, mode, defaults, causes), minor: labelledMinor(labels, mode, defaults, causes) });
  const enforce = parse('enforce');
  const isEnforceWrong = causes.length > 0;
  const [audit, warn] = [parse('audit'), parse('warn')];
  // Who enforces a level and says nothing of warnings is warned of it: templates are not refused.
  const isWarnImplied = labels[`${PREFIX}warn`] === undefined && labels[`${PREFIX}enforce`] !== undefined && !isEnforceWrong && isStricter(enforce, warn);
  const implied = { level: enforce.level, minor: labels[`${PREFIX}warn-version`] === undefined ? enforce.minor : warn.minor };
  return { policy: { enforce, audit, warn: isWarnImplied ? implied : warn }, causes };
}

export const isLevel = (text: string): text is Level => Object.hasOwn(STRICTNESS, text);

function levelOf(labels: Readonly<Record<string, string>>, mode: Mode, defaults: PodSecurityPolicy, causes: StatusCause[]): Level {
  const text = labels[PREFIX + mode];
  if (text === undefined) return defaults[mode].level;
  if (isLevel(text)) return text;
  causes.push(cause(PREFIX + mode, text, 'must be one of privileged, baseline, restricted'));
  return mode === 'enforce' ? 'restricted' : 'privileged';
}

/** Undefined when the text is no version. */
export function minorOf(text: string): number | undefined {
  if (text === 'latest') return Infinity;
  const match = VERSION.exec(text);
  return match === null ? undefined : Number(match[1]);
}

function labelledMinor(labels: Readonly<Record<string, string>>, mode: Mode, defaults: PodSecurityPolicy, causes: StatusCause[]): number {
  const key = `${PREFIX}${mode}-version`;
  const text = labels[key];
  if (text === undefined) return defaults[mode].minor;
  const minor = minorOf(text);
  if (minor === undefined) causes.push(cause(key, text, 'must be "latest" or "v1.x"'));
  return minor ?? Infinity;
}

const cause = (key: string, value: string, why: string): StatusCause =>
  ({ reason: 'FieldValueInvalid', field: `metadata.labels[${key}]`, message: `Invalid value: ${JSON.stringify(value)}: ${why}` });

/** `restricted:latest`. */
export const levelText = ({ level, minor }: LevelVersion): string => `${level}:${minor === Infinity ? 'latest' : `v1.${minor}`}`;
/** `enforce=baseline:latest, warn=restricted:v1.30`, without what is privileged. */
export const policyText = (policy: PodSecurityPolicy): string => MODES.filter((mode) => policy[mode].level !== 'privileged').map((mode) => `${mode}=${levelText(policy[mode])}`).join(', ');
export const isStricter = (a: LevelVersion, b: LevelVersion): boolean => STRICTNESS[a.level] > STRICTNESS[b.level];
export const isSameLevel = (a: LevelVersion, b: LevelVersion): boolean => a.level === b.level && a.minor === b.minor;
