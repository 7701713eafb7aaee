import type { CustomResourceSubresourceScale } from '#api/generated/apiextensions/v1.ts';
import { isJsonObject } from '#api/json.ts';
import type { Problems } from './problems.ts';

const MAX_REPLICAS = 2 ** 31 - 1;

/** What stands at the paths of a custom resource's scale must be what a Scale can show. */
export function validateCustomScale(problems: Problems, object: unknown, { specReplicasPath, statusReplicasPath, labelSelectorPath }: CustomResourceSubresourceScale): void {
  validateReplicas(problems, object, specReplicasPath);
  validateReplicas(problems, object, statusReplicasPath);
  if (labelSelectorPath === undefined) return;
  const selector = valueAt(object, labelSelectorPath);
  if (selector !== undefined && typeof selector !== 'string') problems.invalid(labelSelectorPath, '', mismatch(labelSelectorPath, selector, 'string'));
}

function validateReplicas(problems: Problems, object: unknown, path: string): void {
  const value = valueAt(object, path);
  if (value === undefined) return;
  const isWhole = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
  if (!isWhole) problems.invalid(path, 0, mismatch(path, value, 'int64'));
  else if (value < 0) problems.invalid(path, value, 'should be a non-negative integer');
  else if (value > MAX_REPLICAS) problems.invalid(path, value, `should be less than or equal to ${MAX_REPLICAS}`);
}

const valueAt = (object: unknown, path: string): unknown =>
  path.split('.').filter((step) => step !== '').reduce<unknown>((value, step) => (isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined), object);

const GO_TYPES: Readonly<Record<string, string>> = { string: 'string', boolean: 'bool', number: 'float64', bigint: 'int64', object: 'map[string]interface {}' };
function mismatch(path: string, value: unknown, wanted: string): string {
  const type = value === null ? '<nil>' : Array.isArray(value) ? '[]interface {}' : Number.isInteger(value) ? 'int64' : GO_TYPES[typeof value] ?? typeof value;
  return `${path} accessor error: ${value === null ? '<nil>' : typeof value === 'object' ? JSON.stringify(value) : String(value)} is of the type ${type}, expected ${wanted}`;
}
