import { add, compare, formatQuantity, type Quantity, quantityFault, subtract, toNumber, tryParseQuantity } from '#api/quantity.ts';
import { fn, type Functions, member } from '../cel/declarations.ts';
import { EvaluationError } from '../cel/errors.ts';
import { BOOL, DOUBLE, INT, opaque, STRING } from '../cel/types.ts';
import { MAX_INT, MIN_INT, type OpaqueValue } from '../cel/values.ts';

export const QUANTITY = opaque('kubernetes.Quantity');
const NANO = 1_000_000_000n;

class QuantityValue implements OpaqueValue {
  readonly celType = 'kubernetes.Quantity';
  readonly quantity: Quantity;
  constructor(quantity: Quantity) {
    this.quantity = quantity;
  }
  equals(other: OpaqueValue): boolean {
    return compare(this.quantity, (other as QuantityValue).quantity) === 0;
  }
}

function parse(text: string): QuantityValue {
  const quantity = tryParseQuantity(text);
  if (!quantity) throw new EvaluationError(quantityFault(text));
  return new QuantityValue(quantity);
}

const ofInt = (value: bigint): Quantity => ({ nanos: value * NANO, format: 'DecimalSI' });
const isInteger = ({ quantity: { nanos } }: QuantityValue): boolean => nanos % NANO === 0n && nanos / NANO <= MAX_INT && nanos / NANO >= MIN_INT;

function asInteger(value: QuantityValue): bigint {
  if (!isInteger(value)) throw new EvaluationError('cannot convert value to integer');
  return value.quantity.nanos / NANO;
}

const combine = (operation: (a: Quantity, b: Quantity) => Quantity) => [
  member([QUANTITY, QUANTITY], QUANTITY, (a: QuantityValue, b: QuantityValue) => new QuantityValue(operation(a.quantity, b.quantity))),
  member([QUANTITY, INT], QUANTITY, (a: QuantityValue, b: bigint) => new QuantityValue(operation(a.quantity, ofInt(b)))),
];
const order = (a: QuantityValue, b: QuantityValue): number => compare(a.quantity, b.quantity);

const sign = ({ quantity: { nanos } }: QuantityValue): bigint => (nanos > 0n ? 1n : nanos < 0n ? -1n : 0n);

export const QUANTITIES: Functions = {
  quantity: [fn([STRING], QUANTITY, parse)],
  isQuantity: [fn([STRING], BOOL, (text: string) => tryParseQuantity(text) !== undefined)],
  string: [fn([QUANTITY], STRING, (value: QuantityValue) => formatQuantity(value.quantity))],
  // Kubernetes documents a member and declares a function.
  sign: [member([QUANTITY], INT, sign), fn([QUANTITY], INT, sign)],
  isInteger: [member([QUANTITY], BOOL, isInteger)],
  asInteger: [member([QUANTITY], INT, asInteger)],
  asApproximateFloat: [member([QUANTITY], DOUBLE, (value: QuantityValue) => toNumber(value.quantity))],
  add: combine(add),
  sub: combine(subtract),
  isLessThan: [member([QUANTITY, QUANTITY], BOOL, (a: QuantityValue, b: QuantityValue) => order(a, b) < 0)],
  isGreaterThan: [member([QUANTITY, QUANTITY], BOOL, (a: QuantityValue, b: QuantityValue) => order(a, b) > 0)],
  compareTo: [member([QUANTITY, QUANTITY], INT, (a: QuantityValue, b: QuantityValue) => BigInt(order(a, b)))],
};
