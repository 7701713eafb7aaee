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
  readonly text: string;
  readonly numbers: readonly bigint[];
  readonly pre: readonly string[];
  constructor(text: string, numbers: readonly bigint[], pre: readonly string[]) {
    this.text = text;
    this.numbers = numbers;
    this.pre = pre;
  }
  equals(other: OpaqueValue): boolean {
    return order(this, other as SemverValue) === 0;
  }
}

/** Takes a `v` before, and fills missing numbers and drops leading zeros, as `1.02` or `v1`. */
function normalize(text: string): string {
  const [, core = '', rest = ''] = /^v?([\d.]*)(.*)$/s.exec(text) ?? [];
  const numbers = core.split('.').map((n) => n.replace(/^0+(?=\d)/, ''));
  while (numbers.length < 3 && rest === '') numbers.push('0');
  return numbers.join('.') + rest;
}

function tryParse(text: string, isLoose = false): SemverValue | undefined {
  const match = PATTERN.exec(isLoose ? normalize(text) : text);
  if (!match) return undefined;
  return new SemverValue(match[0], match.slice(1, 4).map(BigInt), match[4]?.split('.') ?? []);
}

function parse(text: string, isLoose = false): SemverValue {
  const version = tryParse(text, isLoose);
  if (!version) throw new EvaluationError(`invalid semantic version ${JSON.stringify(text)}`);
  return version;
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

const number = (index: number) => [member([SEMVER], INT, (version: SemverValue) => version.numbers[index] ?? 0n)];

export const SEMVERS: Functions = {
  semver: [fn([STRING], SEMVER, (text: string) => parse(text)), fn([STRING, BOOL], SEMVER, parse)],
  isSemver: [fn([STRING], BOOL, (text: string) => tryParse(text) !== undefined), fn([STRING, BOOL], BOOL, (text: string, isLoose: boolean) => tryParse(text, isLoose) !== undefined)],
  string: [fn([SEMVER], STRING, (version: SemverValue) => version.text)],
  major: number(0),
  minor: number(1),
  patch: number(2),
  isLessThan: [member([SEMVER, SEMVER], BOOL, (a: SemverValue, b: SemverValue) => order(a, b) < 0)],
  isGreaterThan: [member([SEMVER, SEMVER], BOOL, (a: SemverValue, b: SemverValue) => order(a, b) > 0)],
  compareTo: [member([SEMVER, SEMVER], INT, (a: SemverValue, b: SemverValue) => BigInt(order(a, b)))],
};
