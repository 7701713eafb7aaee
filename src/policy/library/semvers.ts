import { goQuote } from '#api/go-text.ts';
import { fn, type Functions, member } from '../cel/declarations.ts';
import { EvaluationError } from '../cel/errors.ts';
import { BOOL, INT, opaque, STRING } from '../cel/types.ts';
import type { OpaqueValue } from '../cel/values.ts';

const SEMVER = opaque('kubernetes.Semver');
const NUMBER = '(0|[1-9]\\d*)';
const PRE = '(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const PATTERN = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${PRE}(?:\\.${PRE})*))?(?:\\+([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?$`);

class SemverValue implements OpaqueValue {
  readonly celType = 'kubernetes.Semver';
  readonly numbers: readonly bigint[];
  readonly pre: readonly string[];
  constructor(numbers: readonly bigint[], pre: readonly string[]) {
    this.numbers = numbers;
    this.pre = pre;
  }
  equals(other: OpaqueValue): boolean {
    return order(this, other as SemverValue) === 0;
  }
}

function withoutZeros(part: string): string {
  const rest = part.replace(/^0+/, '');
  if (part.length < 2) return part;
  return /^\d/.test(rest) ? rest : `0${rest}`;
}

/** Takes a `v` before, and fills missing numbers and drops leading zeros, as `1.02` or `v1`. */
function normalize(text: string): string {
  const parts = text.replace(/^v/, '').split('.');
  const numbers = [...parts.slice(0, 2), ...(parts.length > 2 ? [parts.slice(2).join('.')] : [])].map(withoutZeros);
  if (numbers.length < 3 && /[+-]/.test(numbers.at(-1) ?? '')) throw new EvaluationError('short version cannot contain PreRelease/Build meta data');
  return [...numbers, '0', '0'].slice(0, 3).join('.');
}

const MAX_NUMBER = 2n ** 64n - 1n;
const NAMES = ['major', 'minor', 'patch'] as const;

/** @throws EvaluationError in the words of the library that Kubernetes uses */
function parse(text: string, isLoose = false): SemverValue {
  const version = isLoose ? normalize(text) : text;
  const match = PATTERN.exec(version);
  if (!match) throw new EvaluationError(faultOf(version));
  const numbers = match.slice(1, 4).map(BigInt);
  const excess = numbers.find((n) => n > MAX_NUMBER);
  if (excess !== undefined) throw new EvaluationError(`strconv.ParseUint: parsing "${excess}": value out of range`);
  return new SemverValue(numbers, match[4]?.split('.') ?? []);
}

function faultOf(text: string): string {
  if (text === '') return 'Version string empty';
  const [major, minor, rest] = [...text.split('.').slice(0, 2), text.split('.').slice(2).join('.')];
  if (major === undefined || minor === undefined || text.split('.').length < 3) return 'No Major.Minor.Patch elements found';
  const [, patch = '', pre, build] = /^([^+-]*)(?:-([^+]*))?(?:\+(.*))?$/s.exec(rest ?? '') ?? [];
  for (const [i, number] of [major, minor, patch].entries()) {
    if (!/^\d*$/.test(number)) return `Invalid character(s) found in ${NAMES[i]} number ${goQuote(number)}`;
    if (/^0\d/.test(number)) return `${(NAMES[i] ?? '').replace(/^./, (c) => c.toUpperCase())} number must not contain leading zeroes ${goQuote(number)}`;
    if (number === '') return 'strconv.ParseUint: parsing "": invalid syntax';
  }
  return faultOfLabels(pre, build);
}

function faultOfLabels(pre: string | undefined, build: string | undefined): string {
  for (const label of pre?.split('.') ?? []) {
    if (label === '') return 'Prerelease is empty';
    if (/^0\d+$/.test(label)) return `Numeric PreRelease version must not contain leading zeroes ${goQuote(label)}`;
    if (!/^[0-9A-Za-z-]*$/.test(label)) return `Invalid character(s) found in prerelease ${goQuote(label)}`;
  }
  for (const label of build?.split('.') ?? []) {
    if (label === '') return 'Build meta data is empty';
    if (!/^[0-9A-Za-z-]*$/.test(label)) return `Invalid character(s) found in build meta data ${goQuote(label)}`;
  }
  return 'No Major.Minor.Patch elements found';
}

function isSemver(text: string, isLoose = false): boolean {
  try {
    parse(text, isLoose);
    return true;
  } catch (error) {
    if (error instanceof EvaluationError) return false;
    throw error;
  }
}

function order(a: SemverValue, b: SemverValue): number {
  for (const [i, number] of a.numbers.entries()) {
    const other = b.numbers[i] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (a.pre.length === 0 || b.pre.length === 0) return Number(a.pre.length === 0) - Number(b.pre.length === 0);
  for (let i = 0; i < Math.max(a.pre.length, b.pre.length); i += 1) {
    const step = orderIdentifiers(a.pre[i], b.pre[i]);
    if (step !== 0) return step;
  }
  return 0;
}

function orderIdentifiers(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  const [isNumber, isOther] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOther) return BigInt(a) < BigInt(b) ? -1 : 1;
  if (isNumber !== isOther) return isNumber ? -1 : 1;
  return a < b ? -1 : 1;
}

/** As a signed number, also of one that is too large for that. */
const number = (index: number) => [member([SEMVER], INT, (version: SemverValue) => BigInt.asIntN(64, version.numbers[index] ?? 0n))];

export const SEMVERS: Functions = {
  semver: [fn([STRING], SEMVER, (text: string) => parse(text)), fn([STRING, BOOL], SEMVER, parse)],
  isSemver: [fn([STRING], BOOL, (text: string) => isSemver(text)), fn([STRING, BOOL], BOOL, isSemver)],
  major: number(0),
  minor: number(1),
  patch: number(2),
  isLessThan: [member([SEMVER, SEMVER], BOOL, (a: SemverValue, b: SemverValue) => order(a, b) < 0)],
  isGreaterThan: [member([SEMVER, SEMVER], BOOL, (a: SemverValue, b: SemverValue) => order(a, b) > 0)],
  compareTo: [member([SEMVER, SEMVER], INT, (a: SemverValue, b: SemverValue) => BigInt(order(a, b)))],
};
