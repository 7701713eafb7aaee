import { isJsonObject } from '#api/json.ts';
import type { Operand, Step } from './parse.ts';

/** The values to which the path leads; missing keys lead nowhere, as with kubectl's `AllowMissingKeys`. */
export function findValues(steps: readonly Step[], root: unknown): readonly unknown[] {
  let values: readonly unknown[] = [root];
  for (const step of steps) {
    values = values.flatMap((value) => follow(step, value));
    if (values.length === 0) break;
  }
  return values;
}

function follow(step: Step, value: unknown): readonly unknown[] {
  switch (step.type) {
    case 'field': return isJsonObject(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case 'wildcard': return childrenOf(value);
    case 'recursive': return descendantsOf(value);
    case 'union': return step.paths.flatMap((path) => findValues(path, value));
    case 'slice': return Array.isArray(value) ? sliceOf(step, value) : [];
    case 'filter': return (Array.isArray(value) ? value as readonly unknown[] : []).filter((item) => passes(step, item));
  }
}

const childrenOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : isJsonObject(value) ? Object.values(value) : []);
const descendantsOf = (value: unknown): readonly unknown[] => [value, ...childrenOf(value).flatMap(descendantsOf)].filter((one) => typeof one === 'object' && one !== null);

function sliceOf({ start, end, step, isIndex }: Extract<Step, { type: 'slice' }>, list: readonly unknown[]): readonly unknown[] {
  const from = (start ?? 0) < 0 ? list.length + (start ?? 0) : start ?? 0;
  if (isIndex) return from >= 0 && from < list.length ? [list[from]] : [];
  const to = end === undefined ? list.length : end < 0 ? list.length + end : end;
  return list.slice(Math.max(0, from), Math.max(0, to)).filter((_, i) => i % step === 0);
}

function passes({ left, operator, right }: Extract<Step, { type: 'filter' }>, item: unknown): boolean {
  const a = valueOf(left, item);
  if (operator === 'exists') return a !== undefined;
  const b = right && valueOf(right, item);
  if (a === undefined || b === undefined) return false;
  switch (operator) {
    case '==': return a === b;
    case '!=': return a !== b;
    default: return typeof a === typeof b && compares(operator, a as string, b as string);
  }
}

function compares(operator: string, a: string, b: string): boolean {
  switch (operator) {
    case '<': return a < b;
    case '<=': return a <= b;
    case '>': return a > b;
    default: return a >= b;
  }
}

const valueOf = (operand: Operand, item: unknown): unknown => ('path' in operand ? findValues(operand.path, item)[0] : operand.value);
