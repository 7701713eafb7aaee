/** A value of a SOPS file. Integers are exact. */
export type Scalar = string | bigint | number | boolean;

/** The bytes that count for the MAC, as SOPS writes them: `True`, and numbers without exponent. */
export function macText(value: Scalar): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'number' ? decimal(value) : String(value);
}

/** The shortest digits that give the number back, without exponent. */
function decimal(value: number): string {
  if (Object.is(value, -0)) return '-0';
  const [mantissa = '', exponent] = String(value).split('e');
  if (exponent === undefined) return mantissa;
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const text = point <= 0 ? `0.${'0'.repeat(-point)}${digits}` : digits.padEnd(point, '0');
  return value < 0 ? `-${text}` : text;
}

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([...['true', 'True', 'TRUE'].map((text) => [text, true] as const), ...['false', 'False', 'FALSE'].map((text) => [text, false] as const)]);
const INTEGER = /^([-+]?)(0b[01]+|0[xX][\da-fA-F]+|0o?[0-7]+|0|[1-9]\d*)$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

/** What a plain scalar means to the YAML library that SOPS uses: the MAC of what was not encrypted rests on it. Undefined is null. */
export function plainScalar(text: string): Scalar | undefined {
  if (NULLS.has(text)) return undefined;
  const boolean = BOOLEANS.get(text);
  if (boolean !== undefined) return boolean;
  const [, sign, digits = ''] = INTEGER.exec(text.replaceAll('_', '')) ?? [];
  if (sign !== undefined) return (sign === '-' ? -1n : 1n) * BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (FLOAT.test(text)) return Number(text);
  return DATE.test(text) ? `${text}T00:00:00Z` : text;
}
