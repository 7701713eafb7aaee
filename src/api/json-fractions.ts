import { fieldPath } from '#api/json.ts';

/** Of a text without a match {@link findFractions} finds nothing: nearly all. */
export const MAY_HAVE_FRACTIONS = /[:[,]\s*-?\d+[.eE]/;

/** Numbers that are written with a fraction or an exponent (`1.0`, `1e3`), by their path, as they were written. `text` must be valid JSON. */
export function findFractions(text: string): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>();
  const path: (string | number)[] = [];
  const visit = (value: unknown, step: string | number): void => {
    path.push(step);
    if (value instanceof Fraction) found.set(fieldPath(path), value.text);
    else if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === 'object' && value !== null) for (const [name, member] of Object.entries(value)) visit(member, name);
    path.pop();
  };
  const root = JSON.parse(text, marked) as unknown;
  if (typeof root === 'object' && root !== null) for (const [name, member] of Object.entries(root)) visit(member, name);
  return found.size === 0 ? undefined : found;
}

class Fraction {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function marked(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  return typeof value === 'number' && source !== undefined && /[.eE]/.test(source) ? new Fraction(source) : value;
}
