import { goForm, TAINT } from './go-form.ts';
import type { Problems } from './problems.ts';
import type { Taint, Toleration } from '#api/generated/core/v1.ts';
import { labelValue, qualifiedName } from '#api/names.ts';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function validateTolerations(problems: Problems, field: string, tolerations: readonly Toleration[]): void {
  for (const [i, toleration] of tolerations.entries()) validateToleration(problems, `${field}[${i}]`, toleration);
}

function validateToleration(problems: Problems, field: string, { key, operator: given, value = '', effect, tolerationSeconds }: Toleration): void {
  const operator: string = given ?? '';
  if (key) problems.check(`${field}.key`, key, qualifiedName);
  else if (operator !== 'Exists') problems.invalid(`${field}.operator`, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"');
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') problems.invalid(`${field}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set");
  if (operator === '' || operator === 'Equal') {
    const messages = labelValue(value);
    if (messages.length > 0) problems.invalid(`${field}.operator`, value, messages.join(';'));
  } else if (operator === 'Exists') {
    if (value !== '') problems.invalid(`${field}.operator`, value, "value must be empty when `operator` is 'Exists'");
  } else problems.notSupported(`${field}.operator`, operator, ['Equal', 'Exists']);
  problems.optionalOneOf(`${field}.effect`, effect, EFFECTS);
}

export function validateTaints(problems: Problems, field: string, taints: readonly Taint[]): void {
  const seen = new Set<string>();
  for (const [i, taint] of taints.entries()) {
    const { key, value = '', effect } = taint;
    const path = `${field}[${i}]`;
    problems.check(`${path}.key`, key, qualifiedName);
    const messages = labelValue(value);
    if (messages.length > 0) problems.invalid(`${path}.value`, value, messages.join(';'));
    problems.oneOf(`${path}.effect`, effect, EFFECTS);
    if (seen.has(`${effect}/${key}`)) problems.duplicate(path, goForm(taint, TAINT), 'taints must be unique by key and effect pair');
    seen.add(`${effect}/${key}`);
  }
}
