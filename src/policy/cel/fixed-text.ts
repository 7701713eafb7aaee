/** With so many digits behind the point; what lies in the middle goes to the even digit. */
export function fixedText(value: number, digits: number): string {
  if (Math.abs(value) >= 1e21) return String(BigInt(value)) + (digits > 0 ? `.${'0'.repeat(digits)}` : '');
  const text = (Object.is(value, -0) ? '-' : '') + value.toFixed(Math.min(digits, 100));
  return isTie(value, digits) ? toEven(text) : text;
}

/** Whether the exact value ends with a 5 behind the last digit that is kept. */
function isTie(value: number, digits: number): boolean {
  if (digits > 20) return false;
  const [, fraction = ''] = Math.abs(value).toFixed(Math.min(digits + 60, 100)).split('.');
  return fraction[digits] === '5' && /^0*$/.test(fraction.slice(digits + 1));
}

/** JavaScript goes away from zero: one less when that made the last digit odd. */
function toEven(text: string): string {
  const last = text.at(-1) ?? '0';
  return Number(last) % 2 === 0 ? text : text.slice(0, -1) + String(Number(last) - 1);
}
