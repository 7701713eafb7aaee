import type { Problems } from '../problems.ts';
import { isExtendedResource } from '../resource-names.ts';
import { checkConfiguration, checkList, checkSelectors } from './parts.ts';
import type { DeviceClass } from '#api/generated/resource/v1.ts';
import { jsonEqual } from '#api/json.ts';

const MAX_CONFIGURATIONS = 32;

export function validateDeviceClass(problems: Problems, { spec }: DeviceClass, _resource: unknown, old?: DeviceClass): void {
  checkSelectors(problems, 'spec.selectors', spec.selectors);
  // What is stored may be longer than what is new.
  const isStored = old !== undefined && jsonEqual(spec.config ?? [], old.spec.config ?? []);
  checkList(problems, 'spec.config', spec.config, { max: MAX_CONFIGURATIONS, check: (config, field) => checkConfiguration(problems, field, config, isStored) });
  const name = spec.extendedResourceName;
  if (name !== undefined && !isExtendedResource(name)) problems.invalid('spec.extendedResourceName', name, 'must be a valid extended resource name');
}
