import type { ManagedFieldsEntry } from '#api/generated/meta/v1.ts';
import type { Problems } from './problems.ts';

const MAX_MANAGER_BYTES = 128;
const MAX_SUBRESOURCE_BYTES = 256;
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Names of managers as clients really send them need no closer look. */
export const isPlainManager = (name: string): boolean => name.length <= MAX_MANAGER_BYTES && /^[\x20-\x7e]*$/.test(name);

/** The name of a manager of fields: not too long, and of characters that can be printed. */
export function checkManager(problems: Problems, field: string, name: string): void {
  if (isPlainManager(name)) return;
  if (Buffer.byteLength(name) > MAX_MANAGER_BYTES) problems.tooLong(field, MAX_MANAGER_BYTES);
  let position = 0;
  for (const character of name) {
    if (!PRINTABLE.test(character)) problems.invalid(field, name, `invalid character ${describe(character)} (at position ${position})`);
    position += Buffer.byteLength(character);
  }
}

/** As much of the name as may be one of a manager, without what cannot be printed. */
export function asManager(name: string): string {
  if (isPlainManager(name)) return name;
  let manager = '';
  for (const character of name) {
    if (!PRINTABLE.test(character)) continue;
    if (Buffer.byteLength(manager) + Buffer.byteLength(character) > MAX_MANAGER_BYTES) break;
    manager += character;
  }
  return manager;
}

/** As Go's `%#U`: the character itself only when it can be printed. */
const describe = (character: string): string => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** The record of who owns which fields, as clients and webhooks may send it. */
export function validateManagedFields(problems: Problems, field: string, entries: readonly ManagedFieldsEntry[]): void {
  for (const [i, { operation, fieldsType, manager, subresource }] of entries.entries()) {
    if (operation !== 'Apply' && operation !== 'Update') problems.invalid(`${field}[${i}].operation`, operation ?? '', 'must be `Apply` or `Update`');
    if (fieldsType && fieldsType !== 'FieldsV1') problems.invalid(`${field}[${i}].fieldsType`, fieldsType, 'must be `FieldsV1`');
    checkManager(problems, `${field}[${i}].manager`, manager ?? '');
    if (subresource && Buffer.byteLength(subresource) > MAX_SUBRESOURCE_BYTES) problems.tooLong(`${field}[${i}].subresource`, MAX_SUBRESOURCE_BYTES);
  }
}
