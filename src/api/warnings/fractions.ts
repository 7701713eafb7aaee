import { tryParseQuantity } from '#api/quantity.ts';

const NANOS_PER_UNIT = 1_000_000_000n;
const NANOS_PER_MILLI = 1_000_000n;
const BYTES = ['memory', 'ephemeral-storage'];
const NONE: readonly string[] = [];
/** Amounts that are whole by their look. */
const WHOLE = /^\d+(?:[kMGTPE]i?)?$/;

/** Bytes come in whole numbers. `counted`: the resources that are counted in bytes. */
export function warnOfFractions(path: string, amounts: Readonly<Record<string, string | number>> | undefined, counted: readonly string[] = BYTES): readonly string[] {
  if (amounts === undefined) return NONE;
  const fractions = counted.filter((name) => amounts[name] !== undefined && isFraction(String(amounts[name])));
  return fractions.map((name) => `${path}[${name}]: fractional byte value ${JSON.stringify(String(amounts[name]))} is invalid, must be an integer`);
}

/** Kubernetes looks at thousandths, rounded up. */
function isFraction(amount: string): boolean {
  const parsed = WHOLE.test(amount) ? undefined : tryParseQuantity(amount);
  return parsed !== undefined && (((parsed.nanos + NANOS_PER_MILLI - 1n) / NANOS_PER_MILLI) * NANOS_PER_MILLI) % NANOS_PER_UNIT !== 0n;
}
