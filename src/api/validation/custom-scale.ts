import type { CustomResourceSubresourceScale } from '#api/generated/apiextensions/v1.ts';
import { isJsonObject } from '#api/json.ts';
import type { Problems } from './problems.ts';

const MAX_REPLICAS = 2 ** 31 - 1;

/** What stands at the paths of a custom resource's scale must be what a Scale can show. */
export function validateCustomScale(problems: Problems, object: unknown, { specReplicasPath }: CustomResourceSubresourceScale): void {
  validateReplicas(problems, object, specReplicasPath);
}

/** The same of what the status says. */
export function validateCustomScaleStatus(problems: Problems, object: unknown, { statusReplicasPath, labelSelectorPath }: CustomResourceSubresourceScale): void {
  validateReplicas(problems, object, statusReplicasPath);
  if (labelSelectorPath === undefined) return;
  const { value, fault } = valueAt(object, labelSelectorPath);
  if (fault !== undefined) problems.invalid(labelSelectorPath, '', fault);
  else if (value !== undefined && typeof value !== 'string') problems.invalid(labelSelectorPath, '', mismatch(labelSelectorPath, value, 'string'));
}

function validateReplicas(problems: Problems, object: unknown, path: string): void {
  const { value, fault } = valueAt(object, path);
  if (fault !== undefined) return problems.invalid(path, 0, fault);
  if (value === undefined) return;
  const isWhole = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
  if (!isWhole) problems.invalid(path, 0, mismatch(path, value, 'int64'));
  else if (value < 0) problems.invalid(path, value, 'should be a non-negative integer');
  else if (value > MAX_REPLICAS) problems.invalid(path, value, `should be less than or equal to ${MAX_REPLICAS}`);
}

interface Found {
  readonly value?: unknown;
  /** Why there is no way on: what stands in it is no object. */
  readonly fault?: string;
}

function valueAt(object: unknown, path: string): Found {
  let value = object;
  let way = '';
  for (const step of path.split('.').filter((part) => part !== '')) {
    way += `.${step}`;
    if (value === undefined || value === null) return {};
    if (!isJsonObject(value)) return { fault: mismatch(way, value, 'map[string]interface{}') };
    value = Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return { value };
}

const GO_TYPES: Readonly<Record<string, string>> = { string: 'string', boolean: 'bool', number: 'float64', bigint: 'int64', object: 'map[string]interface {}' };
function mismatch(path: string, value: unknown, wanted: string): string {
  const type = value === null ? '<nil>' : Array.isArray(value) ? '[]interface {}' : Number.isInteger(value) ? 'int64' : GO_TYPES[typeof value] ?? typeof value;
  return `${path} accessor error: ${value === null ? '<nil>' : typeof value === 'object' ? JSON.stringify(value) : String(value)} is of the type ${type}, expected ${wanted}`;
}
