import { checkParameters, checkProvisioner } from './storage.ts';
import type { Problems } from './problems.ts';
import type { VolumeAttributesClass } from '#api/generated/storage/v1.ts';
import { jsonEqual } from '#api/json.ts';

/** Kubernetes names the fields as if they were in a spec, which this kind does not have. */
export function validateAttributesClass(problems: Problems, { driverName, parameters = {} }: VolumeAttributesClass): void {
  checkProvisioner(problems, 'spec.driverName', driverName);
  checkParameters(problems, 'spec.parameters', parameters);
  if (Object.keys(parameters).length === 0) problems.required('spec.parameters', 'must contain at least one key/value pair');
}

export function validateAttributesClassUpdate(problems: Problems, now: VolumeAttributesClass, old: VolumeAttributesClass): void {
  if (now.driverName !== old.driverName) problems.forbidden('driverName', 'updates to driverName are forbidden.');
  if (!jsonEqual(now.parameters ?? {}, old.parameters ?? {})) problems.forbidden('parameters', 'updates to parameters are forbidden.');
}
