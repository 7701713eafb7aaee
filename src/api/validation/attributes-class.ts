import { IMMUTABLE, type Problems } from './problems.ts';
import type { VolumeAttributesClass } from '#api/generated/storage/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { qualifiedName } from '#api/names.ts';

const MAX_PARAMETERS = 512;
const MAX_BYTES = 256 * 1024;

export function validateAttributesClass(problems: Problems, { driverName, parameters = {} }: VolumeAttributesClass): void {
  problems.checkRequired('driverName', driverName, qualifiedName);
  const entries = Object.entries(parameters);
  if (entries.length === 0) problems.required('parameters', 'must contain at least one key/value pair');
  if (entries.length > MAX_PARAMETERS) problems.tooLong('parameters', MAX_PARAMETERS);
  if (entries.some(([key]) => key === '')) problems.invalid('parameters', '', 'field can not be empty.');
  if (entries.reduce((bytes, [key, value]) => bytes + Buffer.byteLength(key) + Buffer.byteLength(value), 0) > MAX_BYTES) problems.tooLong('parameters', MAX_BYTES);
}

export function validateAttributesClassUpdate(problems: Problems, now: VolumeAttributesClass, old: VolumeAttributesClass): void {
  if (now.driverName !== old.driverName) problems.invalid('driverName', now.driverName, IMMUTABLE);
  if (!jsonEqual(now.parameters ?? {}, old.parameters ?? {})) problems.forbidden('parameters', 'updates to parameters are forbidden.');
}
