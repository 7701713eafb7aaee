import { badRequest } from '#api/status-error.ts';

/** How the text was, and will be, written: powers of 1024, powers of 1000, or with an exponent. */
export type QuantityFormat = 'BinarySI' | 'DecimalSI' | 'DecimalExponent';

/** An exact amount: `value` billionths. Kubernetes keeps no finer scale; finer input is rounded up. */
export interface Quantity {
  readonly nanos: bigint;
  readonly format: QuantityFormat;
}

const NANO = 1_000_000_000n;
/** Kubernetes takes a suffix without a number for none of it. */
const PATTERN = /^([+-]?)(\d*(?:\.\d*)?)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|(?:[eE][+-]?\d+))?$/;
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;
const DECIMAL_EXPONENTS: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const DECIMAL_SUFFIXES: Readonly<Record<number, string>> = Object.fromEntries(Object.entries(DECIMAL_EXPONENTS).map(([suffix, exponent]) => [exponent, suffix]));
/** Kubernetes caps binary amounts at 2^63 - 1 whole units; decimal ones may be larger. */
const MAX_BINARY = (2n ** 63n - 1n) * NANO;
/** An exponent beyond these says nothing: below all rounds to 1n, and nothing has that much. */
const EXPONENT_LIMIT = 100;
const MAX_DECIMAL = 10n ** BigInt(EXPONENT_LIMIT) * NANO;
/** Nor do more digits before or after the point, which would only take time: to read a million of them takes a second. */
const MAX_DIGITS = 2 * EXPONENT_LIMIT;

/** Of what is no quantity in all but its suffix. */
const WITH_SUFFIX = /^[+-]?\d*(?:\.\d*)?[eEinumkKMGTP]*[+-]?\d*$/;

/** What is wrong with a text that is no quantity. */
export function quantityFault(text: unknown): string {
  if (typeof text !== 'string' || text === '' || !WITH_SUFFIX.test(text)) return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  return PATTERN.test(text) ? 'unable to parse numeric part of quantity' : "unable to parse quantity's suffix";
}

/** Undefined when the text is no quantity. */
export function tryParseQuantity(text: string | number): Quantity | undefined {
  const match = PATTERN.exec(String(text));
  if (match === null || match[0] === '') return undefined;
  const [, sign, digits = '', suffix = ''] = match;
  if ((digits === '' || digits === '.') && needsDigits(suffix)) return undefined;
  const [whole = '', fraction = ''] = withoutExcess(digits).split('.');
  const mantissa = BigInt(whole + fraction);
  const { nanos, format } = suffix.endsWith('i') ? binary(mantissa, fraction.length, suffix) : decimal(mantissa, fraction.length, suffix);
  return { nanos: sign === '-' ? -nanos : nanos, format };
}

/** What Kubernetes cannot scale in 64 bits it reads as a decimal, which has digits. */
const needsDigits = (suffix: string): boolean => suffix === 'Pi' || suffix === 'Ei' || exponentOf(suffix) < -9;
const exponentOf = (suffix: string): number => DECIMAL_EXPONENTS[suffix] ?? Number(suffix.slice(1));

/** So many digits as matter: a larger whole is beyond all bounds, and of a finer fraction only that there is something counts. */
function withoutExcess(digits: string): string {
  if (digits.length <= MAX_DIGITS) return digits;
  const [whole = '', fraction = ''] = digits.replace(/^0+/, '').split('.');
  const rest = /[1-9]/.test(fraction.slice(MAX_DIGITS)) ? '1' : '';
  return `${whole.length > MAX_DIGITS ? `1${'0'.repeat(MAX_DIGITS)}` : whole}.${fraction.slice(0, MAX_DIGITS)}${rest}`;
}

/** @throws StatusError BadRequest when the text is no quantity. */
export function parseQuantity(text: string | number): Quantity {
  const quantity = tryParseQuantity(text);
  if (quantity === undefined) throw badRequest(quantityFault(text));
  return quantity;
}

/** Less than one is no multiple of a power of 1024. */
function binary(mantissa: bigint, fractionDigits: number, suffix: string): Quantity {
  const nanos = scaleDown(mantissa * NANO * 1024n ** BigInt(BINARY_SUFFIXES.indexOf(suffix as 'Ki')), fractionDigits);
  return { nanos: nanos > MAX_BINARY ? MAX_BINARY : nanos, format: nanos > 0n && nanos < NANO ? 'DecimalSI' : 'BinarySI' };
}

function decimal(mantissa: bigint, fractionDigits: number, suffix: string): Quantity {
  const exponent = Math.max(-EXPONENT_LIMIT, Math.min(EXPONENT_LIMIT, exponentOf(suffix)));
  const scale = exponent + 9 - fractionDigits;
  const nanos = scale >= 0 ? mantissa * 10n ** BigInt(scale) : scaleDown(mantissa, -scale);
  return { nanos: nanos > MAX_DECIMAL ? MAX_DECIMAL : nanos, format: Object.hasOwn(DECIMAL_EXPONENTS, suffix) ? 'DecimalSI' : 'DecimalExponent' };
}

function scaleDown(value: bigint, digits: number): bigint {
  return ceilDivide(value, 10n ** BigInt(digits));
}

const ceilDivide = (a: bigint, b: bigint): bigint => (a > 0n && a % b !== 0n ? a / b + 1n : a / b);

/** Negative, zero or positive, as a sort wants it. */
export const compare = (a: Quantity, b: Quantity): number => (a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0);
/** The sum, in the format of `a` unless it is zero. */
export const add = (a: Quantity, b: Quantity): Quantity => ({ nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format });
export const subtract = (a: Quantity, b: Quantity): Quantity => ({ nanos: a.nanos - b.nanos, format: a.nanos === 0n ? b.format : a.format });
/** Nearest double, in whole units. */
export const toNumber = (q: Quantity): number => (q.nanos % NANO === 0n ? Number(q.nanos / NANO) : Number(q.nanos) / 1e9);
/** Whole units, rounded up. */
export const units = (q: Quantity): number => Number(ceilDivide(q.nanos, NANO));
/** Thousandths, rounded up: what CPU is counted in. */
export const milli = (q: Quantity): number => Number(ceilDivide(q.nanos, 1_000_000n));

/** The canonical text: no fraction, the largest suffix that loses nothing. */
export function formatQuantity(q: Quantity): string {
  if (q.nanos === 0n) return '0';
  const sign = q.nanos < 0n ? '-' : '';
  const nanos = q.nanos < 0n ? -q.nanos : q.nanos;
  // A binary amount below 1024 or with a fraction is written as a decimal one.
  if (q.format === 'BinarySI' && nanos % NANO === 0n && nanos >= 1024n * NANO) return sign + binaryText(nanos / NANO);
  return sign + decimalText(nanos, q.format === 'DecimalExponent');
}

function binaryText(value: bigint): string {
  let power = 0;
  let rest = value;
  while (rest % 1024n === 0n && power < BINARY_SUFFIXES.length - 1) {
    rest /= 1024n;
    power += 1;
  }
  return `${rest}${BINARY_SUFFIXES[power]}`;
}

function decimalText(nanos: bigint, withExponent: boolean): string {
  let exponent = -9;
  let rest = nanos;
  while (rest % 1000n === 0n && (withExponent || exponent < 18)) {
    rest /= 1000n;
    exponent += 3;
  }
  if (withExponent) return exponent === 0 ? `${rest}` : `${rest}e${exponent}`;
  return `${rest}${DECIMAL_SUFFIXES[exponent]}`;
}

/** Text of a quantity as it came in JSON, where white space around it is overlooked, in the form in which it is kept; undefined when it is none. */
export function canonicalQuantity(value: string | number): string | undefined {
  // The common case, `100m`, `128Mi` or `2`, needs no arithmetic.
  if (typeof value === 'string' && value.length < 8 && PLAIN.test(value)) return value;
  const text = String(value).trim();
  const quantity = tryParseQuantity(text);
  return quantity && (isKept(text) ? text : formatQuantity(quantity));
}
/** At most three digits: no larger suffix of thousands or 1024 can take their place. */
const PLAIN = /^[1-9]\d{0,2}(?:m|k|M|G|Ki|Mi|Gi|Ti)?$/;
/** What certainly fits into 64 bits, as Kubernetes reckons before it computes. */
const MAX_DECIMAL_DIGITS = 18;
const MAX_BINARY_DIGITS = 14;

/** Whether Kubernetes leaves the text as it is: it looks no further than for thousands, or a factor of 8, that the suffix could take up. */
function isKept(text: string): boolean {
  const [, , digits = '', suffix = ''] = PATTERN.exec(text) ?? [];
  const [whole = '', fraction = ''] = digits.replace(/^0+/, '').split('.');
  const power = BINARY_SUFFIXES.indexOf(suffix as 'Ki');
  if (power > 0) return !digits.includes('.') && whole.length <= MAX_BINARY_DIGITS - 3 * power && Number(whole) % 8 !== 0;
  const scale = exponentOf(suffix) - fraction.length;
  if (whole.length + fraction.length > MAX_DECIMAL_DIGITS || scale < -9 || scale % 3 !== 0) return false;
  return whole !== '' && !`${whole}${fraction}`.endsWith('000');
}
