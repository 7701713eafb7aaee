import type { Toleration } from '#api/generated/core/v1.ts';
import { jsonEqual } from '#api/json.ts';

/** The tolerations of both, in order, without those that another one covers. */
export function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): readonly Toleration[] {
  const all = [...first, ...second];
  return all.filter((toleration, i) => !all.some((other, j) => i !== j && covers(other, toleration) && (j < i || !jsonEqual(other, toleration))));
}

/** Whether `wide` tolerates all that `narrow` does. */
function covers(wide: Toleration, narrow: Toleration): boolean {
  if (jsonEqual(wide, narrow)) return true;
  const { key = '', operator = 'Equal', effect, tolerationSeconds: seconds } = wide;
  const hasKey = key === (narrow.key ?? '') || (key === '' && operator === 'Exists');
  if (!hasKey || (effect && effect !== narrow.effect)) return false;
  if (effect === 'NoExecute' && seconds !== undefined && (narrow.tolerationSeconds === undefined || narrow.tolerationSeconds > seconds)) return false;
  return operator === 'Exists' || (operator === 'Equal' && narrow.operator === 'Equal' && (wide.value ?? '') === (narrow.value ?? ''));
}
