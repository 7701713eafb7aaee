import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import { goFloat } from '#api/go-text.ts';
import { type Findings, refuse } from './findings.ts';

export type NumberCheck = (value: number | bigint, path: string, findings: Findings) => void;

/** What Go reads as an int64; all other numbers are floating-point ones. */
export const isInteger = (value: number | bigint): boolean => typeof value === 'bigint' || Number.isSafeInteger(value);

const INTEGERS: Readonly<Record<string, readonly [min: bigint, max: bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n], int64: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** @param types of the schema; of two, or none, the range is that of a double. */
export function compileNumber(schema: JSONSchemaProps, types: readonly string[], format: string): NumberCheck | undefined {
  const type = types.length === 1 && types[0] === 'integer' ? 'integer' : 'number';
  const isBounded = type === 'integer' || format === 'float';
  const { maximum, minimum, multipleOf } = schema;
  if (!isBounded && maximum === undefined && minimum === undefined && multipleOf === undefined) return undefined;
  const number = new NumberRules(schema, type, format);
  return (value, path, findings) => number.check(value, path, findings);
}

/** Bounds within the range of the type are compared as the value is: with integers only their whole part counts. */
class NumberRules {
  readonly #schema: JSONSchemaProps;
  readonly #type: 'integer' | 'number';
  readonly #format: string;

  constructor(schema: JSONSchemaProps, type: 'integer' | 'number', format: string) {
    this.#schema = schema;
    this.#type = type;
    this.#format = format;
  }

  check(value: number | bigint, path: string, findings: Findings): void {
    const { maximum, minimum, multipleOf } = this.#schema;
    if (!this.#holds(value)) this.#outOfRange(findings, 'Checked', path);
    if (multipleOf !== undefined) this.#checkMultiple(value, multipleOf, path, findings);
    if (minimum !== undefined) this.#checkBound(value, minimum, 'Minimum', path, findings);
    if (maximum !== undefined) this.#checkBound(value, maximum, 'Maximum', path, findings);
  }

  #holds(value: number | bigint): boolean {
    if (this.#type === 'number') return this.#format !== 'float' || Number.isFinite(Math.fround(Number(value)));
    if (typeof value === 'number' && !Number.isInteger(value)) return false;
    const [min, max] = INTEGERS[this.#format] ?? INTEGERS['int64'] as readonly [bigint, bigint];
    return value >= min && value <= max;
  }

  #outOfRange(findings: Findings, what: string, path: string): void {
    refuse(findings, `${what} value must be of type ${this.#type} ${this.#format === '' ? '(default format)' : `with format ${this.#format}`} in ${path}`);
  }

  /** What is compared with what; as doubles when the limit is none of the type's. */
  #pair(value: number | bigint, limit: number, what: string, path: string, findings: Findings): Pair {
    const isNative = this.#holds(limit);
    if (!isNative) this.#outOfRange(findings, what, path);
    if (!isNative || !isInteger(value)) return { value: Number(value), limit, words: goFloat(limit) };
    return { value, limit: Math.trunc(limit), words: String(Math.trunc(limit)) };
  }

  #checkBound(given: number | bigint, bound: number, side: 'Minimum' | 'Maximum', path: string, findings: Findings): void {
    const { value, limit, words } = this.#pair(given, bound, `${side} boundary`, path, findings);
    const isExclusive = this.#schema[`exclusive${side}`] === true;
    const isWithin = side === 'Minimum' ? value > limit : value < limit;
    // oxlint-disable-next-line eqeqeq -- an int64 may be a bigint
    if (isWithin || (!isExclusive && value == limit)) return;
    findings.problems.invalid(path, value, `${path} in body should be ${side === 'Minimum' ? 'greater' : 'less'} than ${isExclusive ? '' : 'or equal to '}${words}`);
  }

  #checkMultiple(given: number | bigint, multipleOf: number, path: string, findings: Findings): void {
    const { value, limit, words } = this.#pair(given, multipleOf, 'MultipleOf', path, findings);
    if (limit <= 0) findings.problems.invalid(path, limit, `factor MultipleOf declared for ${path} must be positive: ${words}`);
    else if (!isMultiple(value, limit)) findings.problems.invalid(path, value, `${path} in body should be a multiple of ${words}`);
  }
}

interface Pair {
  readonly value: number | bigint;
  readonly limit: number;
  /** The limit as Go prints it. */
  readonly words: string;
}

function isMultiple(value: number | bigint, factor: number): boolean {
  if (typeof value === 'bigint') return Number.isInteger(factor) ? value % BigInt(factor) === 0n : isMultiple(Number(value), factor);
  if (Number.isSafeInteger(value) && Number.isInteger(factor)) return value % factor === 0;
  const quotient = factor < 1 ? (1 / factor) * value : value / factor;
  const whole = Math.round(quotient);
  // The tolerance of go-openapi, which knows no integers beyond those that a double holds exactly.
  const epsilon = 1e-9;
  return Math.abs(quotient) <= Number.MAX_SAFE_INTEGER && (quotient === whole || Math.abs(quotient - whole) < epsilon * Math.abs(whole));
}
