import type { Write } from './object-store.ts';

/** A text that is unique to a key. */
export const idOf = ({ resource, namespace, name }: Write['key']): string => `${resource}/${namespace}/${name}`;

/**
 * A key may be written once in a transaction: with two writes "the key's revision" would mean two things. A slash ends
 * resource and namespace, and NUL a key and a value, where a store joins them.
 * @throws TypeError, a fault of the caller
 */
export function checkWrites(writes: readonly Write[]): void {
  for (const { key, value } of writes) {
    if (key.resource.includes('/') || key.namespace.includes('/')) throw new TypeError('a resource or namespace holds a slash');
    if (idOf(key).includes('\0') || value?.includes('\0')) throw new TypeError('a key or value holds NUL');
    if (value === '') throw new TypeError('a value is JSON text, never empty');
  }
  if (writes.length > 1 && new Set(writes.map((write) => idOf(write.key))).size < writes.length) {
    throw new TypeError('a transaction writes one key twice');
  }
}
