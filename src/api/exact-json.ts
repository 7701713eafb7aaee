/** Fewer digits are always exact as a double. */
const LONG_NUMBER = /\d{16}/;
const INTEGER = /^-?\d+$/;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * `JSON.parse` that loses no integer: one that a double cannot hold and an int64 can becomes a bigint, which `JSON.stringify` then writes
 * as the number it was. All else, integers beyond int64 too, is read as ever (Kubernetes makes floating-point numbers of those).
 * @throws SyntaxError; RangeError for text that is nested by the thousands
 */
export function parseExactJson(text: string): unknown {
  return LONG_NUMBER.test(text) ? (JSON.parse(text, revive) as unknown) : (JSON.parse(text) as unknown);
}

function revive(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || context?.source === undefined || !INTEGER.test(context.source)) return value;
  return exactInteger(BigInt(context.source));
}

/** A number when that is exact, a bigint when it is an int64, else the nearest number. */
export function exactInteger(value: bigint): number | bigint {
  const number = Number(value);
  if (Number.isSafeInteger(number) || value < MIN_INT64 || value > MAX_INT64) return number;
  writeBigInts();
  return value;
}

/** JavaScript leaves to programs how a bigint is written; done when the first one is made. */
function writeBigInts(): void {
  if (Object.hasOwn(BigInt.prototype, 'toJSON')) return;
  Object.defineProperty(BigInt.prototype, 'toJSON', {
    configurable: true, value(this: bigint) {
      return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(this.toString());
    },
  });
}
