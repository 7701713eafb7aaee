import { add, compare, type Quantity, quantityFault, subtract, toNumber, tryParseQuantity } from '#api/quantity.ts';
import { fn, type Functions, member } from '../cel/declarations.ts';
import { EvaluationError } from '../cel/errors.ts';
import { BOOL, DOUBLE, INT, opaque, STRING } from '../cel/types.ts';
import { MAX_INT, MIN_INT, type OpaqueValue } from '../cel/values.ts';

export const QUANTITY = opaque('kubernetes.Quantity');
const NANO = 1_000_000_000n;

class QuantityValue implements OpaqueValue {
  readonly celType = 'kubernetes.Quantity';
  readonly quantity: Quantity;
  /** Kubernetes keeps large and finely written amounts in a form that it never takes for an integer. */
  readonly isPlain: boolean;
  constructor(quantity: Quantity, isPlain: boolean) {
    this.quantity = quantity;
    this.isPlain = isPlain;
  }
  equals(other: OpaqueValue): boolean {
    return compare(this.quantity, (other as QuantityValue).quantity) === 0;
  }
}

function parse(text: string): QuantityValue {
  const quantity = tryParseQuantity(text);
  if (!quantity) throw new EvaluationError(quantityFault(text));
  return new QuantityValue(quantity, isPlainText(text));
}

/** At most 18 digits; of multiples of powers of 1024 whole ones, and as many digits less as the power has. */
function isPlainText(text: string): boolean {
  const [, whole = '', fraction = '', suffix = ''] = /^[+-]?0*(\d*)(?:\.(\d*))?(.*)$/s.exec(text) ?? [];
  const power = BINARY.indexOf(suffix) + 1;
  if (power === 0) return whole.length + fraction.length <= 18;
  return fraction === '' && whole.length + power * 3 <= 14;
}
const BINARY: readonly string[] = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

const ofInt = (value: bigint): Quantity => ({ nanos: value * NANO, format: 'DecimalSI' });
const isInteger = ({ quantity: { nanos }, isPlain }: QuantityValue): boolean => isPlain && nanos % NANO === 0n && nanos / NANO <= MAX_INT && nanos / NANO >= MIN_INT;

function asInteger(value: QuantityValue): bigint {
  if (!isInteger(value)) throw new EvaluationError('cannot convert value to integer');
  return value.quantity.nanos / NANO;
}

const combined = (quantity: Quantity, isPlain: boolean): QuantityValue => new QuantityValue(quantity, isPlain && quantity.nanos / NANO <= MAX_INT && quantity.nanos / NANO >= MIN_INT);
const combine = (operation: (a: Quantity, b: Quantity) => Quantity) => [
  member([QUANTITY, QUANTITY], QUANTITY, (a: QuantityValue, b: QuantityValue) => combined(operation(a.quantity, b.quantity), a.isPlain && b.isPlain)),
  member([QUANTITY, INT], QUANTITY, (a: QuantityValue, b: bigint) => combined(operation(a.quantity, ofInt(b)), a.isPlain)),
];
const order = (a: QuantityValue, b: QuantityValue): number => compare(a.quantity, b.quantity);

const sign = ({ quantity: { nanos } }: QuantityValue): bigint => (nanos > 0n ? 1n : nanos < 0n ? -1n : 0n);

export const QUANTITIES: Functions = {
  quantity: [fn([STRING], QUANTITY, parse)],
  isQuantity: [fn([STRING], BOOL, (text: string) => tryParseQuantity(text) !== undefined)],
  // Kubernetes documents a member and declares a function.
  sign: [fn([QUANTITY], INT, sign)],
  isInteger: [member([QUANTITY], BOOL, isInteger)],
  asInteger: [member([QUANTITY], INT, asInteger)],
  asApproximateFloat: [member([QUANTITY], DOUBLE, (value: QuantityValue) => toNumber(value.quantity))],
  add: combine(add),
  sub: combine(subtract),
  isLessThan: [member([QUANTITY, QUANTITY], BOOL, (a: QuantityValue, b: QuantityValue) => order(a, b) < 0)],
  isGreaterThan: [member([QUANTITY, QUANTITY], BOOL, (a: QuantityValue, b: QuantityValue) => order(a, b) > 0)],
  compareTo: [member([QUANTITY, QUANTITY], INT, (a: QuantityValue, b: QuantityValue) => BigInt(order(a, b)))],
};
